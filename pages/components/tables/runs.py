"""The clusters of a table, and the curve over k."""

from collections.abc import Callable

import streamlit as st

from kmeans_core.backends import get_backend
from kmeans_core.model_selection import SweepPoint, sweep
from kmeans_core.tables.clustered import ClusteredTable, cluster_table
from kmeans_core.tables.estimate import estimate_seconds, estimate_sweep_seconds
from kmeans_core.tables.options import PrepareOptions, TableOptions
from kmeans_core.tables.preparation import Preparation, Prepared
from kmeans_core.tables.preparation_fit import fit_preparation
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.results import Wanted
from pages.components.tables.settings import TableSettings
from pages.components.tables.source import TableSource

SLOT = JobSlot("table")
SWEEP_SLOT = JobSlot("sweep")
MAX_SWEPT = 10


def prepared_table(source: TableSource, settings: TableSettings) -> tuple[Preparation, Prepared]:
    """Raises TableError if the columns cannot be clustered."""
    return _prepared(source.key, settings.columns, settings.options.prepare, source)


def clusters_wanted(source: TableSource, settings: TableSettings) -> Wanted[ClusteredTable]:
    """The clusters. Raises KMeansError for a table or settings that cannot be used."""
    preparation, prepared = prepared_table(source, settings)
    options = settings.options

    def estimate() -> float | None:
        get_backend(options.fit.backend)
        return estimate_seconds(prepared.points, options, options.starts or 1)

    return Wanted(
        request=(source.key, settings),
        cached=lambda make: _clustered(source.key, settings, make),
        estimate=estimate,
        compute=lambda: cluster_table(source.table, preparation, options, prepared=prepared),
        task="kmeans_core.jobs.tasks:cluster_rows",
        arguments=lambda: {"table": source.table, "preparation": preparation, "options": options},
        finish=lambda found: ClusteredTable(source.table, preparation, prepared, *found),
    )


def sweep_wanted(source: TableSource, settings: TableSettings) -> Wanted[list[SweepPoint]]:
    """The curve over k. Raises KMeansError as `clusters_wanted()` does."""
    points = prepared_table(source, settings)[1].points
    ks = range(1, min(MAX_SWEPT, len(points)) + 1)
    return Wanted(
        request=(source.key, settings.columns, settings.options.prepare, ks),
        cached=lambda make: _swept(source.key, settings.columns, settings.options.prepare, make),
        estimate=lambda: estimate_sweep_seconds(points, ks, TableOptions()),
        compute=lambda: sweep(points, ks),
        task="kmeans_core.jobs.tasks:sweep_points",
        arguments=lambda: {"points": points, "ks": list(ks)},
        finish=lambda found: found,
    )


# A million rows of 20 columns are 160 MB of points: few are kept, and not for long.
@st.cache_resource(max_entries=3, ttl="1h", show_spinner=False)
def _prepared(
    key: str, columns: tuple[str, ...], prepare: PrepareOptions, _source: TableSource
) -> tuple[Preparation, Prepared]:
    preparation = fit_preparation(_source.table.frame, columns, prepare)
    return preparation, preparation.apply(_source.table.frame)


@st.cache_resource(max_entries=6, ttl="1h", show_spinner=False)
def _clustered(key: str, settings: TableSettings, _make: Callable[[], ClusteredTable]) -> ClusteredTable:
    return _make()


@st.cache_resource(max_entries=50, show_spinner=False)
def _swept(
    key: str,
    columns: tuple[str, ...],
    prepare: PrepareOptions,
    _make: Callable[[], list[SweepPoint]],
) -> list[SweepPoint]:
    return _make()
