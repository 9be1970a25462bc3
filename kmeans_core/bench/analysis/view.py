"""The results of one machine as the pages look at them: one picture, all cores, one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from kmeans_core.bench.described import described, in_order
from kmeans_core.bench.measuring.cases import Case
from kmeans_core.bench.measuring.presets import TABLE_CLUSTERS, TABLE_COLUMNS, TABLE_ITERATIONS
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import Cell, Results

# scikit-learn breaks ties by its own rounding, which shows in the fourth digit of an unfinished fit.
_SAME_INERTIA = 1e-3


@dataclass(frozen=True)
class View:
    """The results of one machine as a page looks at them.

    Attributes
    ----------
    results : Results
        Of one machine.
    source : str
        Key of the picture in its own size.
    cores : int
        All of the machine.
    cluster : str, default ""
        Address of the cluster to look at, "" for none. Backends that were measured there show what they took
        there, and the others what they took on the machine itself: times of two places are never one row.
    """

    results: Results
    source: str
    cores: int
    cluster: str = ""

    @classmethod
    def of(cls, results: Results, source: str, cluster: str = "") -> "View":
        return cls(results, source, int(results.environment["cores"]), cluster)

    def cell(self, backend: str, n_clusters: int, n_iter: int) -> Cell | None:
        """The cell of the picture with exactly so many iterations."""
        return self.results.get(
            Case(self.source, backend, n_clusters, n_iter, self.cores, master=self.address(backend))
        )

    @property
    def is_paper_picture(self) -> bool:
        """Whether this is the paper's picture, with which its times can be compared."""
        return self.source.rpartition("#")[2] == published.PICTURE.rpartition("#")[2]

    def cells_at(self, n_clusters: int, n_iter: int) -> list[Cell]:
        """The cells of one setting, in their order."""
        return [
            cell for cell in self.cells if (cell.case.n_clusters, cell.case.n_iter) == (n_clusters, n_iter)
        ]

    def work_difference(self, cell: Cell) -> str:
        """What sets the work of a done cell apart from that of others, such as "16 of 50 iterations" or
        "inertia +9.0 %"; empty if it is the same. Such a time cannot win.
        """
        row = cell.sample
        if row.rounds < cell.case.n_iter:
            return f"{row.rounds} of {cell.case.n_iter} iterations"
        known = [
            other.sample.inertia
            for other in self.cells_at(cell.case.n_clusters, cell.case.n_iter)
            if other.seconds is not None and described(other.case.backend).traits.history
        ]
        if not known or row.inertia is None or not known[0]:
            return ""
        more = row.inertia / known[0] - 1.0
        return f"inertia {more:+.1%}" if abs(more) > _SAME_INERTIA else ""

    def spark_ml_default(self, n_clusters: int) -> Cell | None:
        """Spark ML with its defaults: the paper's Table 3."""
        return self.results.get(
            Case(
                self.source,
                "spark-ml",
                n_clusters,
                published.SPARK_ML_ITERATIONS,
                self.cores,
                tol=published.SPARK_ML_TOL,
                master=self.address("spark-ml"),
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
        """Of this picture with an exact number of iterations, in their order, colors and iterations."""
        return _sorted(
            self.results.where(lambda case: case.source == self.source and self._is_comparable(case))
        )

    @cached_property
    def all_sizes(self) -> list[Cell]:
        """Of this picture in whatever size."""
        return _sorted(
            self.results.where(
                lambda case: original_size_key(case.source) == self.source and self._is_comparable(case)
            )
        )

    @cached_property
    def all_cores(self) -> list[Cell]:
        """Of this picture on whatever number of cores."""
        return _sorted(
            self.results.where(
                lambda case: case.source == self.source and self._is_comparable(case, any_cores=True)
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
                    and (case.n_clusters, case.n_iter) == (TABLE_CLUSTERS, TABLE_ITERATIONS)
                    and self._is_comparable(case)
                )
            )
        )

    @cached_property
    def settings(self) -> list[tuple[int, int]]:
        """(colors, iterations) that some cell has, ascending."""
        return sorted({(cell.case.n_clusters, cell.case.n_iter) for cell in self.cells})

    def backends(self, cells: Iterable[Cell]) -> list[str]:
        """Those with a time among the cells, in their order."""
        names = {cell.case.backend for cell in cells if cell.seconds is not None}
        return in_order(names)

    def _is_comparable(self, case: Case, *, any_cores: bool = False) -> bool:
        return (
            (any_cores or case.cores == self.cores)
            and case.master == self.address(case.backend)
            and case.tol is None
            and case.seed == 0
        )

    def address(self, backend: str) -> str:
        """Where the times of a backend come from: the cluster, or "" for the machine itself."""
        return self.cluster if backend in self._on_cluster else ""

    @cached_property
    def _on_cluster(self) -> frozenset[str]:
        """Backends that were measured there."""
        found = self.results.where(lambda case: bool(self.cluster) and case.master == self.cluster)
        return frozenset(cell.case.backend for cell in found)


def clusters(results: Results) -> list[str]:
    """Addresses of the clusters that something was measured on."""
    return sorted({cell.case.master for cell in results} - {""})


def pictures(results: Results) -> list[str]:
    """Keys of the pictures that were measured in their own size, the most measured first."""
    counts: dict[str, int] = {}
    for cell in results:
        base = original_size_key(cell.case.source)
        if base == cell.case.source and not base.startswith("blobs:"):
            counts[base] = counts.get(base, 0) + 1
    return sorted(counts, key=lambda key: (-counts[key], key))


def original_size_key(source: str) -> str:
    """The key of a picture's own size, "raccoon.png#c91e0fd1@12MP" → "raccoon.png#c91e0fd1"."""
    name, mark, rest = source.rpartition("#")
    return f"{name}{mark}{rest.partition('@')[0]}"


def _sorted(cells: list[Cell]) -> list[Cell]:
    return sorted(
        cells,
        key=lambda cell: (
            described(cell.case.backend).order,
            cell.case.backend,
            cell.sample.pixels,
            cell.case.n_clusters,
            cell.case.n_iter,
            cell.case.cores,
        ),
    )
