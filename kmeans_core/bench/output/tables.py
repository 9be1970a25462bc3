"""The paper's three tables, measured beside published, the leaderboard, and the comparison on tables."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kmeans_core.backends import compared_backends
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import in_order, title_of
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import Cell
from kmeans_core.wording import seconds_text, significant, times_text


@dataclass(frozen=True)
class PaperTableEntry:
    """One place of a table. published: seconds in the paper. cell: what was measured, None if nothing was."""

    published: float
    cell: Cell | None

    @property
    def measured(self) -> float | None:
        return None if self.cell is None else self.cell.seconds

    @property
    def ratio(self) -> float | None:
        """Published by measured: how many times faster it was here."""
        return None if self.measured is None else self.published / self.measured


@dataclass(frozen=True)
class PaperTable:
    """number, title: as in the paper. backend: what was measured. entries: (colors, column) → entry."""

    number: int
    title: str
    backend: str
    columns: tuple[str, ...]
    entries: Mapping[tuple[int, str], PaperTableEntry]


def paper_tables(view: View, *, ours: bool) -> tuple[PaperTable, PaperTable, PaperTable]:
    """Tables 1 to 3. ours: measured with our backends instead of the paper's algorithms."""
    numpy, rdd = ("numpy", "spark-rdd") if ours else ("paper-numpy", "paper-rdd")
    return (
        _grid_table(view, 1, "NumPy", numpy, published.TABLE_1_NUMPY),
        _grid_table(view, 2, "PySpark RDD", rdd, published.TABLE_2_RDD),
        PaperTable(
            3,
            "PySpark ML",
            "spark-ml",
            ("default limit",),
            {
                (colors, "default limit"): PaperTableEntry(seconds, view.spark_ml_default(colors))
                for colors, seconds in published.TABLE_3_SPARK_ML.items()
            },
        ),
    )


def _grid_table(view: View, number: int, title: str, backend: str, grid: published.Grid) -> PaperTable:
    return PaperTable(
        number,
        title,
        backend,
        tuple(str(count) for count in published.ITERATIONS),
        {
            (colors, str(count)): PaperTableEntry(seconds, view.cell(backend, colors, count))
            for (colors, count), seconds in grid.items()
        },
    )


@dataclass(frozen=True)
class Leaderboard:
    """settings: (colors, iterations), the columns. cells: (backend, setting) → cell; none where nothing was
    measured. backends: the rows. differences: what sets the work of a cell apart from its column, if anything
    does."""

    backends: tuple[str, ...]
    settings: tuple[tuple[int, int], ...]
    cells: Mapping[tuple[str, tuple[int, int]], Cell]
    differences: Mapping[tuple[str, tuple[int, int]], str]

    def slowdown(self, backend: str, setting: tuple[int, int]) -> float | None:
        """Time as a multiple of the fastest in this column, among those that did the same work; None for the
        others."""
        times = {
            name: cell.seconds
            for name in self.backends
            if (cell := self.cells.get((name, setting))) is not None
            and cell.seconds is not None
            and (name, setting) not in self.differences
        }
        return times[backend] / min(times.values()) if backend in times else None


def leaderboard(view: View) -> Leaderboard:
    """Every backend measured on the picture, by the mean of its times relative to the best."""
    cells = {(cell.case.backend, (cell.case.n_clusters, cell.case.n_iter)): cell for cell in view.cells}
    board = Leaderboard(
        tuple(in_order({backend for backend, _ in cells})),
        tuple(view.settings),
        cells,
        {
            key: other
            for key, cell in cells.items()
            if cell.seconds is not None and (other := view.work_difference(cell))
        },
    )

    def rank(backend: str) -> float:
        rows = [board.slowdown(backend, setting) for setting in board.settings]
        known = [value for value in rows if value is not None]
        return sum(known) / len(known) if known else float("inf")

    return replace(board, backends=tuple(sorted(board.backends, key=rank)))


def speed_up_table(view: View, rival: str = "sklearn") -> list[dict[str, str]]:
    """Made-up tables: one row per size, one column per backend, each with its time and how it compares to
    `rival`.
    """
    backends = view.backends(view.tables)
    sizes = sorted({cell.sample.points for cell in view.tables if cell.seconds is not None})
    rows = []
    for size in sizes:
        cells = {cell.case.backend: cell for cell in view.tables if cell.sample.points == size}
        rival_seconds = cells[rival].seconds if rival in cells else None
        rows.append(
            {
                "Rows": f"{size:,}",
                **{title_of(name): _against(cells.get(name), rival_seconds) for name in backends},
            }
        )
    return rows


def rows_verdict(view: View, rival: str = "sklearn") -> str:
    """The number of rows from which the distributed backends overtake scikit-learn, in words; "" without
    times.
    """
    sentences = []
    for name in in_order(
        {backend.name for backend in compared_backends("tables") if backend.traits.distributed}
    ):
        ratios = {
            cell.sample.points: rival_seconds.seconds / cell.seconds
            for cell in view.tables
            for rival_seconds in view.tables
            if cell.case.backend == name
            and rival_seconds.case.backend == rival
            and cell.sample.points == rival_seconds.sample.points
            and cell.seconds
            and rival_seconds.seconds
        }
        if not ratios:
            continue
        largest = max(ratios)
        won = []
        for size in sorted(ratios, reverse=True):  # from there on, and not only in between
            if ratios[size] <= 1:
                break
            won = [size]
        if won:
            sentences.append(
                f"{title_of(name)} overtakes {title_of(rival)} from {won[0]:,} rows on, and is "
                f"{times_text(ratios[largest])} as fast at {largest:,} rows."
            )
        else:
            sentences.append(
                f"{title_of(name)} does not overtake {title_of(rival)} up to {largest:,} rows, where it "
                f"takes {times_text(1 / ratios[largest])} as long."
            )
    return " ".join(sentences)


def _against(cell: Cell | None, rival_seconds: float | None) -> str:
    if cell is None or cell.seconds is None:
        return "–"
    ratio = "" if rival_seconds is None else f" ({significant(rival_seconds / cell.seconds)}×)"
    return f"{seconds_text(cell.seconds)}{ratio}"
