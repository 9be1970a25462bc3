"""The clusters of a table, and the curve over k."""

from kmeans_core.backends import get_backend
from kmeans_core.model_selection import SweepPoint, sweep
from kmeans_core.tables.clustered import ClusteredTable, cluster_table
from kmeans_core.tables.estimate import estimate_seconds, estimate_sweep_seconds
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.packed_frames import frame_bytes
from kmeans_core.tables.preparation import Preparation, Prepared
from kmeans_core.tables.preparation_fit import fit_preparation
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.kept import Kept
from pages.components.shared.presence import leave_check
from pages.components.shared.results import Wanted
from pages.components.shared.turns import turn
from pages.components.tables.settings import TableSettings
from pages.components.tables.source import TableSource

SLOT = JobSlot("table")
SWEEP_SLOT = JobSlot("sweep")
MAX_SWEPT = 10
_PREPARED: Kept[tuple[Preparation, Prepared]] = Kept(lambda made: made[1].points.nbytes)
# A result refers to its table and points, which may be kept only because of it.
_CLUSTERED: Kept[ClusteredTable] = Kept(
    lambda made: made.prepared.points.nbytes + frame_bytes(made.table.frame)
)
_SWEPT: Kept[list[SweepPoint]] = Kept(lambda points: 200 * len(points))


def prepared_table(source: TableSource, settings: TableSettings) -> tuple[Preparation, Prepared]:
    """Raises TableError if the columns cannot be clustered."""

    def prepare() -> tuple[Preparation, Prepared]:
        with turn():
            preparation = fit_preparation(source.table.frame, settings.columns, settings.options.prepare)
            return preparation, preparation.apply(source.table.frame)

    return _PREPARED.get((source.key, settings.columns, settings.options.prepare), prepare)


def clusters_wanted(source: TableSource, settings: TableSettings) -> Wanted[ClusteredTable]:
    """The clusters. Raises KMeansError for a table or settings that cannot be used."""
    preparation, prepared = prepared_table(source, settings)
    options, check = settings.options, leave_check()

    def compute() -> ClusteredTable:
        with turn():
            return cluster_table(
                source.table, preparation, options, prepared=prepared, on_iteration=lambda _: check()
            )

    def estimate() -> float | None:
        get_backend(options.fit.backend)
        return estimate_seconds(prepared.points, options, options.starts or 1)

    return Wanted(
        request=(source.key, settings),
        kept=_CLUSTERED,
        estimate=estimate,
        compute=compute,
        task="kmeans_core.jobs.tasks:cluster_rows",
        arguments=lambda: {"table": source.table, "preparation": preparation, "options": options},
        finish=lambda found: ClusteredTable(source.table, preparation, prepared, *found),
    )


def sweep_wanted(source: TableSource, settings: TableSettings) -> Wanted[list[SweepPoint]]:
    """The curve over k. Raises KMeansError as `clusters_wanted()` does."""
    points = prepared_table(source, settings)[1].points
    ks = range(1, min(MAX_SWEPT, len(points)) + 1)

    def compute() -> list[SweepPoint]:
        with turn(heavy=True):
            return sweep(points, ks)

    return Wanted(
        request=(source.key, settings.columns, settings.options.prepare, ks),
        kept=_SWEPT,
        estimate=lambda: estimate_sweep_seconds(points, ks, TableOptions()),
        compute=compute,
        task="kmeans_core.jobs.tasks:sweep_points",
        arguments=lambda: {"points": points, "ks": list(ks)},
        finish=lambda found: found,
    )
