"""The results of one machine as the pages look at them: one picture, all cores, this machine's own Spark."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from kmeans_core.backends import COMPARED, load_backend
from kmeans_core.bench.measuring.cases import Case
from kmeans_core.bench.measuring.presets import TABLE_CLUSTERS, TABLE_COLUMNS, TABLE_ROUNDS
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import Cell, Results

# From the slowest idea to the fastest code, then what spreads over machines. Legends and tables keep it.
ORDER = ("paper-numpy", "numpy", "numba", "sklearn", "paper-rdd", "spark-rdd", "spark-ml", "dask")
assert set(ORDER) == set(COMPARED)

# scikit-learn breaks ties by its own rounding, which shows in the fourth digit of an unfinished fit.
_SAME_INERTIA = 1e-3

# Whose time the others are compared with.
RIVALS = dict.fromkeys(("spark-rdd", "spark-ml", "dask"), "paper-rdd") | dict.fromkeys(
    ("numpy", "numba", "sklearn"), "paper-numpy"
)

TITLES = {name: load_backend(name).title for name in ORDER}


def in_words(backend: str, *, first: bool = False) -> str:
    """The name of a backend inside a sentence, or as its first words: "the paper's NumPy", "Numba"."""
    title = TITLES[backend]
    if backend.startswith("paper-"):
        return f"{'The' if first else 'the'} {title[0].lower()}{title[1:]}"
    return title


@dataclass(frozen=True)
class View:
    """results: of one machine. source: key of the picture in its own size. cores: all of the machine.
    master: where its Spark runs, if not on the machine itself."""

    results: Results
    source: str
    cores: int
    master: str = ""

    @classmethod
    def of(cls, results: Results, source: str, master: str = "") -> "View":
        return cls(results, source, int(results.environment["cores"]), master)

    def cell(self, backend: str, n_clusters: int, n_iter: int) -> Cell | None:
        """The cell of the picture with exactly so many rounds."""
        return self.results.get(
            Case(self.source, backend, n_clusters, n_iter, self.cores, master=self._master(backend))
        )

    @property
    def is_the_papers(self) -> bool:
        """Whether this is the paper's picture, with which its times can be compared."""
        return self.source.rpartition("#")[2] == published.PICTURE.rpartition("#")[2]

    def at(self, n_clusters: int, n_iter: int) -> list[Cell]:
        """The cells of one setting, in the order of `ORDER`."""
        return [
            cell for cell in self.cells if (cell.case.n_clusters, cell.case.n_iter) == (n_clusters, n_iter)
        ]

    def other_work(self, cell: Cell) -> str:
        """What sets the work of a done cell apart from that of its rivals, such as "16 of 50 rounds" or
        "inertia +9.0 %"; empty if it is the same. Times of other work are no times to win with."""
        row = cell.sample
        if row.rounds < cell.case.n_iter:
            return f"{row.rounds} of {cell.case.n_iter} rounds"
        known = [
            other.sample.inertia
            for other in self.at(cell.case.n_clusters, cell.case.n_iter)
            if other.seconds is not None and load_backend(other.case.backend).traits.history
        ]
        if not known or row.inertia is None or not known[0]:
            return ""
        more = row.inertia / known[0] - 1.0
        return f"inertia {more:+.1%}" if abs(more) > _SAME_INERTIA else ""

    def spark_ml_default(self, n_clusters: int) -> Cell | None:
        """Spark ML as it is when it is told nothing but the number of clusters: the paper's Table 3."""
        return self.results.get(
            Case(
                self.source,
                "spark-ml",
                n_clusters,
                published.SPARK_ML_ITERATIONS,
                self.cores,
                tol=published.SPARK_ML_TOL,
                master=self._master("spark-ml"),
            )
        )

    def seconds(self, backend: str, n_clusters: int, n_iter: int) -> float | None:
        cell = self.cell(backend, n_clusters, n_iter)
        return None if cell is None else cell.seconds

    def seconds_at(self, pixels: int, backend: str, n_clusters: int, n_iter: int) -> float | None:
        """Of the picture in another size."""
        wanted = (backend, n_clusters, n_iter)
        return next(
            (
                cell.seconds
                for cell in self.all_sizes
                if (cell.case.backend, cell.case.n_clusters, cell.case.n_iter) == wanted
                and cell.sample.pixels == pixels
            ),
            None,
        )

    @cached_property
    def cells(self) -> list[Cell]:
        """Of this picture with an exact number of rounds, in the order of `ORDER`, colors and iterations."""
        return _sorted(self.results.where(lambda case: case.source == self.source and self._is_plain(case)))

    @cached_property
    def all_sizes(self) -> list[Cell]:
        """Of this picture in whatever size."""
        return _sorted(
            self.results.where(lambda case: own_size(case.source) == self.source and self._is_plain(case))
        )

    @cached_property
    def all_cores(self) -> list[Cell]:
        """Of this picture on whatever number of cores."""
        return _sorted(
            self.results.where(
                lambda case: case.source == self.source and self._is_plain(case, any_cores=True)
            )
        )

    @cached_property
    def tables(self) -> list[Cell]:
        """Of the preset with made-up tables, whatever the picture."""
        return _sorted(
            self.results.where(
                lambda case: (
                    case.source.startswith("blobs:")
                    and f"x{TABLE_COLUMNS}c{TABLE_CLUSTERS}s" in case.source
                    and (case.n_clusters, case.n_iter) == (TABLE_CLUSTERS, TABLE_ROUNDS)
                    and self._is_plain(case)
                )
            )
        )

    @cached_property
    def settings(self) -> list[tuple[int, int]]:
        """(colors, iterations) that some cell has, ascending."""
        return sorted({(cell.case.n_clusters, cell.case.n_iter) for cell in self.cells})

    def backends(self, cells: Iterable[Cell]) -> list[str]:
        """Those with a time among the cells, in the order of `ORDER`."""
        found = {cell.case.backend for cell in cells if cell.seconds is not None}
        return [name for name in ORDER if name in found]

    def _is_plain(self, case: Case, *, any_cores: bool = False) -> bool:
        return (
            (any_cores or case.cores == self.cores)
            and case.master == self._master(case.backend)
            and case.tol is None
            and case.seed == 0
        )

    def _master(self, backend: str) -> str:
        return self.master if load_backend(backend).start_phase == "session" else ""


def pictures(results: Results) -> list[str]:
    """Keys of the pictures that were measured in their own size, the most measured first."""
    counts: dict[str, int] = {}
    for cell in results:
        base = own_size(cell.case.source)
        if base == cell.case.source and not base.startswith("blobs:"):
            counts[base] = counts.get(base, 0) + 1
    return sorted(counts, key=lambda key: (-counts[key], key))


def own_size(source: str) -> str:
    """The key of a picture's own size, "raccoon.png#c91e0fd1@12MP" → "raccoon.png#c91e0fd1"."""
    name, mark, rest = source.rpartition("#")
    return f"{name}{mark}{rest.partition('@')[0]}"


def _sorted(cells: list[Cell]) -> list[Cell]:
    return sorted(
        cells,
        key=lambda cell: (
            ORDER.index(cell.case.backend),
            cell.sample.pixels,
            cell.case.n_clusters,
            cell.case.n_iter,
            cell.case.cores,
        ),
    )
