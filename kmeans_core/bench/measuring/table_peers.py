"""Tables of several shapes, in 64 and 32 bits: our default backend against scikit-learn, from the same start.

Both get the same array and the same first centers, rows drawn at random, and do the same iterations: as many
as are asked for, or until no label changes. Of scikit-learn, the better of its two algorithms counts.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import geometric_mean, median
from time import perf_counter
from typing import Any

import numpy as np

from kmeans_core.bench.measuring.machine import Environment, machine_title
from kmeans_core.bench.output.readme import replace_marked
from kmeans_core.bench.records.json_file import save_json
from kmeans_core.bench.records.shipped import FOLDER
from kmeans_core.errors import StoreError
from kmeans_core.fitting import cluster
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, RealArray
from kmeans_core.wording import seconds_text, significant

SHIPPED = FOLDER / "tables.json"
BEGIN, END = "<!-- tables-peers: written by `make bench` -->", "<!-- /tables-peers -->"
# Rows, columns, clusters.
SHAPES = (
    (100_000, 2, 20),
    (100_000, 10, 5),
    (200_000, 16, 64),
    (50_000, 64, 100),
    (20_000, 256, 50),
    (20_000, 784, 10),
)
N_ITER = 20
SEEDED = (200_000, 16, 64)
_GROUPS, _NOISE = "overlapping groups", "one normal cloud"
_ALGORITHMS = ("lloyd", "elkan")


@dataclass(frozen=True)
class TableTime:
    """work: what was done, on which rows. ours, theirs: seconds, of which the latter by way. least: the ratio
    that is aimed at."""

    work: str
    ours: float
    theirs: dict[str, float]
    least: float

    @property
    def ratio(self) -> float:
        return min(self.theirs.values()) / self.ours


@dataclass(frozen=True)
class TableComparison:
    """environment: of the machine. times: one for each work."""

    environment: Environment
    times: tuple[TableTime, ...]

    def save(self, path: Path) -> None:
        """Raises StoreError if the file cannot be written."""
        save_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> "TableComparison":
        """Raises StoreError if there is none, or it is damaged."""
        try:
            data = json.loads(path.read_text("utf-8"))
            return cls(data["environment"], tuple(TableTime(**row) for row in data["times"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{path} has no comparison of tables ({error}); measure it again.") from error


def comparison_path(store: Path) -> Path:
    """Where the comparison of this machine is kept, beside the other results."""
    return store.with_name(SHIPPED.name)


def measure_tables(
    *, repeat: int, shapes: Sequence[tuple[int, int, int]] = SHAPES, on_work: Callable[[str], None]
) -> list[TableTime]:
    """Fits of each shape, and k-means++ alone; medians of so many repetitions after a first one.

    Raises OptionError without scikit-learn.
    """
    times = []
    for made in (_groups, _noise):
        for n_rows, n_dims, n_clusters in shapes:
            for dtype, bits, least in ((np.float64, 64, 2.0), (np.float32, 32, 1.3)):
                rows = made(n_rows, n_dims, n_clusters).astype(dtype)
                title = _GROUPS if made is _groups else _NOISE
                work = f"{n_rows:,} × {n_dims}, {n_clusters} clusters, {bits} bits, {title}"
                on_work(work)
                times.append(_time(work, _fits(rows, n_clusters), repeat, least))
    n_rows, n_dims, n_clusters = SEEDED if shapes == SHAPES else shapes[0]
    work = f"k-means++ alone, {n_rows:,} × {n_dims}, {n_clusters} centers, {_GROUPS}"
    on_work(work)
    rows = _groups(n_rows, n_dims, n_clusters)
    return [*times, _time(work, _seedings(rows, n_clusters), repeat, 2.0)]


def _groups(n_rows: int, n_dims: int, n_clusters: int) -> FloatArray:
    """Three times as many groups as clusters, normal, so near to each other that they overlap."""
    rng = np.random.default_rng(0)
    places = rng.normal(size=(3 * n_clusters, n_dims)) * (1 + 2 / n_dims**0.5)
    rows: FloatArray = places[rng.integers(3 * n_clusters, size=n_rows)] + rng.normal(size=(n_rows, n_dims))
    return rows


def _noise(n_rows: int, n_dims: int, _: int) -> FloatArray:
    return np.random.default_rng(0).normal(size=(n_rows, n_dims))


def _fits(rows: RealArray, n_clusters: int) -> dict[str, Callable[[], Any]]:
    """Ways to do the same, ours first."""
    from sklearn.cluster import KMeans

    start = rows[np.random.default_rng(1).choice(len(rows), n_clusters, replace=False)]

    def theirs(algorithm: str) -> Callable[[], Any]:
        options = {"n_init": 1, "max_iter": N_ITER, "tol": 0, "algorithm": algorithm}
        return lambda: KMeans(n_clusters, init=start, **options).fit(rows)

    ours = {"ours": lambda: cluster(rows, n_clusters, init=start, max_iter=N_ITER)}
    return ours | {algorithm: theirs(algorithm) for algorithm in _ALGORITHMS}


def _seedings(rows: RealArray, n_clusters: int) -> dict[str, Callable[[], Any]]:
    from sklearn.cluster import kmeans_plusplus

    from kmeans_core.backends.numba_ import NumbaBackend

    weights, options = np.ones(len(rows)), FitOptions(n_clusters=n_clusters)
    return {
        "ours": lambda: NumbaBackend().seed_centers(rows, weights, options),
        "one draw each": lambda: kmeans_plusplus(rows, n_clusters, random_state=0, n_local_trials=1),
    }


def _time(work: str, ways: dict[str, Callable[[], Any]], repeat: int, least: float) -> TableTime:
    import warnings

    seconds: dict[str, list[float]] = {way: [] for way in ways}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn says that it has not converged
        for way, run in ways.items():
            run()  # compiles, and wakes the cores
            for _ in range(repeat):
                clock = perf_counter()
                run()
                seconds[way].append(perf_counter() - clock)
    medians = {way: median(values) for way, values in seconds.items()}
    return TableTime(work, medians.pop("ours"), medians, least)


def mean_ratio(times: Sequence[TableTime]) -> float:
    """Geometric mean, of fits alone."""
    return geometric_mean([time.ratio for time in times if set(time.theirs) == set(_ALGORITHMS)])


def as_markdown(comparison: TableComparison) -> str:
    """One row for each work, and the mean ratio."""
    times = comparison.times
    lines = [
        f"Measured on {machine_title(comparison.environment)}; medians.",
        "",
        "| work | K-means Studio | scikit-learn | ratio | aim |",
        "|---|---:|---:|---:|---:|",
    ]
    for time in times:
        theirs = ", ".join(f"{way} {seconds_text(seconds)}" for way, seconds in time.theirs.items())
        ratio = f"{significant(time.ratio)}×"
        lines.append(f"| {time.work} | {seconds_text(time.ours)} | {theirs} | {ratio} | {time.least:g}× |")
    for title in (_GROUPS, _NOISE):
        mean = mean_ratio([time for time in times if time.work.endswith(title)])
        lines.append(f"| geometric mean of fits, {title} | | | {significant(mean)}× | 3× |")
    return "\n".join(lines)


def write_tables(comparison: TableComparison, path: Path) -> None:
    """Replaces what stands between the two marks in a file. Raises OutputError if they are not there."""
    replace_marked(path, BEGIN, END, as_markdown(comparison))
