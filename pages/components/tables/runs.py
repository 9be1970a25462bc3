"""Getting the clusters of a table, and the curve over k: cached, at once, or from the worker process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st

from kmeans_core.backends import get_backend
from kmeans_core.jobs.supervisor import Job, JobState
from kmeans_core.model_selection import SweepPoint, sweep
from kmeans_core.tables.clustered import ClusteredTable, cluster_table
from kmeans_core.tables.preparation import Preparation, Prepared
from kmeans_core.tables.prepare import PrepareOptions, fit_preparation
from pages.components.shared.job_slot import JobSlot
from pages.components.tables.settings import TableSettings
from pages.components.tables.source import TableSource

SLOT = JobSlot("table")
SWEEP_SLOT = JobSlot("sweep")
MOST_SWEPT = 10
# Squared differences of two coordinates a second, measured on two cores; good enough to tell a blink from a
# wait.
_SPEED = {"numpy": 0.5e9, "numba": 5e9, "sklearn": 1e9}
_QUICK_SECONDS = 1.5
# Rounds that a fit takes before it converges, mostly.
_USUAL_ROUNDS = 25


@dataclass(frozen=True)
class _Request:
    table: str
    settings: TableSettings


@dataclass(frozen=True)
class _SweepRequest:
    table: str
    columns: tuple[str, ...]
    prepare: PrepareOptions
    ks: range


class _NotInCacheError(Exception):
    """Raised inside a cached function, so that nothing is cached."""


def prepared_table(source: TableSource, settings: TableSettings) -> tuple[Preparation, Prepared]:
    """Raises TableError if the columns make no points."""
    return _prepared(source.key, settings.columns, settings.prepare, source)


def clustered_or_job(source: TableSource, settings: TableSettings) -> ClusteredTable | Job:
    """The clusters if they are there or quick to have, else the job that works on them.

    Raises KMeansError for a table or settings that cannot be used.
    """
    preparation, prepared = prepared_table(source, settings)
    request = _Request(source.key, settings)
    SLOT.keep_only(request)
    try:
        found = _clustered(source.key, settings, _raise_not_in_cache)
        SLOT.drop()
        return found
    except _NotInCacheError:
        pass
    get_backend(settings.backend)
    arguments = settings.arguments()
    if _is_quick(prepared, settings):
        return _clustered(
            source.key,
            settings,
            lambda: cluster_table(
                source.table, preparation, settings.n_clusters, prepared=prepared, **arguments
            ),
        )
    job = SLOT.job(
        request,
        "kmeans_core.jobs.tasks:cluster_rows",
        lambda: {
            "table": source.table,
            "preparation": preparation,
            "n_clusters": settings.n_clusters,
            "settings": arguments,
        },
    )
    if job.state is not JobState.DONE:
        return job
    return _clustered(
        source.key, settings, lambda: ClusteredTable(source.table, preparation, prepared, *job.result)
    )


def sweep_or_job(
    source: TableSource, settings: TableSettings, *, start: bool
) -> list[SweepPoint] | Job | None:
    """The curve over k, or the job that works on it; None if it takes a while and nobody has asked for it.

    start: somebody asks for it now.
    """
    _, prepared = prepared_table(source, settings)
    ks = range(1, min(MOST_SWEPT, len(prepared.points)) + 1)
    request = _SweepRequest(source.key, settings.columns, settings.prepare, ks)
    SWEEP_SLOT.keep_only(request)
    try:
        return _swept(request, _raise_not_in_cache)
    except _NotInCacheError:
        pass
    work = prepared.points.size * sum(ks) * _USUAL_ROUNDS
    if work / _SPEED["numba"] + len(ks) * min(len(prepared.points) / 5000, 1) ** 2 * 0.3 < _QUICK_SECONDS:
        return _swept(request, lambda: sweep(prepared.points, ks))
    if not start and not SWEEP_SLOT.has_begun(request):
        return None
    job = SWEEP_SLOT.job(
        request,
        "kmeans_core.jobs.tasks:sweep_points",
        lambda: {"points": prepared.points, "ks": list(ks), "settings": {}},
    )
    if job.state is not JobState.DONE:
        return job
    return _swept(request, lambda: job.result)


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
def _swept(request: _SweepRequest, _make: Callable[[], list[SweepPoint]]) -> list[SweepPoint]:
    return _make()


def _raise_not_in_cache() -> NoReturn:
    raise _NotInCacheError


def _is_quick(prepared: Prepared, settings: TableSettings) -> bool:
    speed = _SPEED.get(settings.backend)
    if speed is None:
        return False
    rounds = min(settings.max_iter, _USUAL_ROUNDS) * settings.starts
    return prepared.points.size * settings.n_clusters * rounds / speed < _QUICK_SECONDS
