"""Ready-made grids to measure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kmeans_core.backends import compared_backends
from kmeans_core.backends.base import HEAD_TO_HEAD
from kmeans_core.bench.described import address_of
from kmeans_core.bench.measuring.cases import BlobsSource, Case, PictureSource, Plan, Source
from kmeans_core.bench.records import published
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import OptionError

MEGAPIXELS = (0.1, 0.3, 0.786, 3.0, 12.0, 24.0, 48.0)
CLUSTERS = (2, 4, 8, 16, 32, 64, 128, 256)
# Beyond this, the yardsticks take minutes per cell, and gigabytes.
YARDSTICK_MEGAPIXELS = 3.0
# Articles that compare scikit-learn with Dask use the first three; beyond them a cluster could pay off.
TABLE_ROWS = (10_000, 50_000, 100_000, 1_000_000, 5_000_000)
TABLE_COLUMNS, TABLE_CLUSTERS = 10, 5
# None of these tables has converged by then, so all backends do the same work.
TABLE_ITERATIONS = 20
# Enough iterations to outweigh the fixed costs, few enough for slow backends.
SCALING_ITERATIONS = 10

Pairs = list[tuple[Case, Source]]


@dataclass(frozen=True)
class Preset:
    """A named set of cases.

    Attributes
    ----------
    name, title, summary : str
        In commands and links; for people.
    make : callable
        Its cases and their sources, for a picture.
    """

    name: str
    title: str
    summary: str
    make: Callable[[PictureSource], Pairs]

    def plan(self, picture: PictureSource) -> Plan:
        return Plan.of(self.make(picture))


def grid(
    sources: Iterable[Source],
    backends: Iterable[str],
    colors: Sequence[int],
    iterations: Sequence[int],
    cores: Sequence[int] = (),
    seed: int = 0,
) -> Pairs:
    """Every combination; the longest first, so that the cold repetition of a backend is a long one.

    Parameters
    ----------
    sources : iterable of Source
    backends : iterable of str
    colors, iterations : sequence of int
        Numbers of them.
    cores : sequence of int, optional
        All cores of this machine by default.
    seed : int, default 0

    Returns
    -------
    list of tuple
        Each a `Case` and its source.

    Raises
    ------
    OptionError
        For a backend that is unknown or not compared.
    """
    known, backends = [backend.name for backend in compared_backends()], list(backends)
    for name in backends:
        if name not in known:
            raise OptionError(f"backend={name!r} is not compared; use some of: {', '.join(known)}.")
    return [
        (Case(source.key, backend, n_clusters, n_iter, count, master=address_of(backend), seed=seed), source)
        for backend in backends
        for count in cores or (usable_cores(),)
        for source in sources
        for n_clusters in sorted(colors, reverse=True)
        for n_iter in iterations
    ]


def _names(comparison: str) -> list[str]:
    return [backend.name for backend in compared_backends(comparison)]


def _quick(picture: PictureSource) -> Pairs:
    return grid([picture], _names("quick"), [10], [10])


def _paper(picture: PictureSource) -> Pairs:
    # 10 iterations first: the cold run with 10 colors is the paper's Figure 5.
    iterations = sorted(published.ITERATIONS, key=lambda count: (count != 10, count))
    default_runs = [
        (
            Case(
                picture.key,
                "spark-ml",
                n_clusters,
                published.SPARK_ML_ITERATIONS,
                usable_cores(),
                tol=published.SPARK_ML_TOL,
                master=address_of("spark-ml"),
            ),
            picture,
        )
        for n_clusters in reversed(published.COLORS)
    ]
    # Spark ML with a limit far below what it would take shows whether it keeps to it.
    limited = grid([picture], ["spark-ml"], [10], [1, 5, 50])
    return [*grid([picture], _names("paper"), published.COLORS, iterations), *default_runs, *limited]


def _pixels(picture: PictureSource) -> Pairs:
    sizes = [picture.resampled(size) for size in MEGAPIXELS]
    small = [source for source in sizes if source.pixels <= YARDSTICK_MEGAPIXELS * 1e6]
    compared = compared_backends("pixels")
    return [
        *grid(
            sizes, [backend.name for backend in compared if not backend.yardstick], [10], [SCALING_ITERATIONS]
        ),
        *grid(small, [backend.name for backend in compared if backend.yardstick], [10], [SCALING_ITERATIONS]),
    ]


def _colors(picture: PictureSource) -> Pairs:
    return grid([picture], _names("colors"), CLUSTERS, [SCALING_ITERATIONS])


def _cores(picture: PictureSource) -> Pairs:
    max_cores = usable_cores()
    counts = sorted({1, 2, 4, 8, 16, 32, 64, max_cores} & set(range(1, max_cores + 1)))
    return grid([picture], _names("cores"), [64], [SCALING_ITERATIONS], counts)


def _tables(picture: PictureSource) -> Pairs:
    """Made-up tables, whatever the picture."""
    sources = [BlobsSource(n_rows, TABLE_COLUMNS, TABLE_CLUSTERS) for n_rows in reversed(TABLE_ROWS)]
    return grid(sources, _names("tables"), [TABLE_CLUSTERS], [TABLE_ITERATIONS])


def _backends(picture: PictureSource) -> Pairs:
    return grid([picture], _names(HEAD_TO_HEAD), [10], [50])


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("quick", "Quick look", "Some backends, 10 colors, 10 iterations.", _quick),
        Preset(
            "paper",
            "The paper's grid",
            "Tables 1 to 3 and Figures 5 to 9: every cell, on every backend.",
            _paper,
        ),
        Preset(
            "pixels", "Scaling with pixels", "The same picture from 0.1 to 48 megapixels, 10 colors.", _pixels
        ),
        Preset("colors", "Scaling with colors", "From 2 to 256 colors, 10 iterations.", _colors),
        Preset("cores", "Scaling with cores", "64 colors on one core, two, and so on.", _cores),
        Preset(
            "backends",
            "Backends head to head",
            "All of them on the paper's largest case: 10 colors, 50 iterations.",
            _backends,
        ),
        Preset(
            "tables",
            "Tables",
            "Blobs of 10,000 to 5,000,000 rows × 10 columns in 5 clusters: scikit-learn, Dask and Spark.",
            _tables,
        ),
    )
}


def preset_plan(name: str, picture: PictureSource) -> Plan:
    """The plan of a preset.

    Parameters
    ----------
    name : str
        One of `PRESETS`.
    picture : PictureSource

    Returns
    -------
    Plan

    Raises
    ------
    OptionError
        For an unknown name.
    """
    if name not in PRESETS:
        raise OptionError(f"preset={name!r} is unknown; use one of: {', '.join(PRESETS)}.")
    return PRESETS[name].plan(picture)
