"""Getting the result for a picture and its settings: from the cache, at once, or from the worker process.

Quick work is done on the spot. Spark, and anything that would hold up the page, goes to the one worker
process of this server, where its progress can be seen and Stop ends it.
"""

import atexit
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

import streamlit as st

from kmeans_core.backends import get_backend
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.preview import original_preview, quantized_preview
from kmeans_core.images.quantize import EncodedPicture, encode, quantize
from kmeans_core.jobs.supervisor import Job, JobState, Supervisor
from pages.components.settings import Settings
from pages.components.source import Source

_JOB = "quantize_job"
# Distances a second, measured on two cores; good enough to tell a blink from a wait.
_SPEED = {"numpy": 0.2e9, "numba": 4e9}
_QUICK_SECONDS = 1.5


@dataclass(frozen=True)
class Result:
    """A finished quantization with what the page shows of it.

    before, after: image files at screen size.
    """

    encoded: EncodedPicture
    before: bytes
    after: bytes


@dataclass(frozen=True)
class _Request:
    sha: str
    settings: Settings


class _NotInCacheError(Exception):
    """Raised inside the cached function, so that nothing is cached."""


@st.cache_resource(show_spinner=False)
def worker() -> Supervisor:
    """The worker process of this server."""
    supervisor = Supervisor()
    atexit.register(supervisor.close)
    return supervisor


def result_or_job(source: Source, settings: Settings) -> Result | Job:
    """The result if it is there or quick to have, else the job that works on it.

    A job of this visitor that works on something else is stopped: its result is not wanted any more.
    Raises KMeansError for a file or settings that cannot be used.
    """
    request = _Request(source.sha, settings)
    running: tuple[_Request, Job] | None = st.session_state.get(_JOB)
    if running is not None and running[0] != request:
        worker().stop(running[1])
        running = st.session_state[_JOB] = None
    try:
        return _result(source.sha, astuple(settings), _raise_not_in_cache)
    except _NotInCacheError:
        pass
    picture, unique_colors = load(source)
    get_backend(settings.backend)
    if _is_quick(unique_colors, settings):
        return _result(source.sha, astuple(settings), lambda: _compute(picture, source.sha, settings))
    if running is None:
        job = worker().submit(
            "kmeans_core.jobs.tasks:quantize_file",
            data=source.data,
            name=source.name,
            n_colors=settings.n_colors,
            settings=settings.arguments(),
        )
        running = st.session_state[_JOB] = (request, job)
    job = running[1]
    if job.state is JobState.DONE:
        return _result(source.sha, astuple(settings), lambda: _shown(picture, source.sha, job.result))
    return job


def run_again() -> None:
    """Forgets this visitor's ended job, so that the next rerun starts it anew."""
    st.session_state[_JOB] = None


def load(source: Source) -> tuple[Picture, int]:
    """The decoded picture and its number of distinct colors."""
    return _loaded(source.sha, source)


@st.cache_resource(max_entries=3, show_spinner=False)
def _loaded(sha: str, _source: Source) -> tuple[Picture, int]:
    picture = load_picture(_source.data, name=_source.name)
    return picture, len(ColorHistogram.of(picture).colors)


@st.cache_data(max_entries=200, show_spinner=False)
def _result(sha: str, settings: tuple[Any, ...], _make: Callable[[], Result]) -> Result:
    return _make()


@st.cache_data(max_entries=16, show_spinner=False)
def _before(sha: str, _picture: Picture) -> bytes:
    return original_preview(_picture)


def _raise_not_in_cache() -> Result:
    raise _NotInCacheError


def _compute(picture: Picture, sha: str, settings: Settings) -> Result:
    return _shown(picture, sha, encode(picture, quantize(picture, settings.n_colors, **settings.arguments())))


def _shown(picture: Picture, sha: str, encoded: EncodedPicture) -> Result:
    return Result(encoded, _before(sha, picture), quantized_preview(encoded.png))


def _is_quick(unique_colors: int, settings: Settings) -> bool:
    speed = _SPEED.get(settings.backend)
    if speed is None:
        return False
    return unique_colors * settings.n_colors * settings.max_iter / speed < _QUICK_SECONDS
