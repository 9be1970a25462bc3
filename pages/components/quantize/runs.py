"""Getting the result for a picture and its settings: from the cache, at once, or from the worker process.

Quick work is done on the spot. Spark, and anything that would hold up the page, goes to the one worker
process of this server, where its progress can be seen and Stop ends it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from kmeans_core.backends import get_backend
from kmeans_core.backends.numba_ import NumbaBackend
from kmeans_core.images.compiling import is_compiled
from kmeans_core.images.encoding import EncodedPicture, encode
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.measures import Measures, measure
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.preview import error_preview, original_preview, quantized_preview
from kmeans_core.images.quantize import quantize
from kmeans_core.jobs.supervisor import Job, JobState
from pages.components.quantize.settings import Settings
from pages.components.quantize.source import Source
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.settings import backends

SLOT = JobSlot("quantize")
# Distances a second, measured on two cores; good enough to tell a blink from a wait.
_SPEED = {"numpy": 0.2e9, "numba": 25e9, "sklearn": 0.4e9}
# In other spaces than sRGB, and by Manhattan distances, none can be skipped.
_NUMBA_SPEED_ELSEWHERE = 5e9
# A search takes so many times as long as the fit after it. The best one takes seconds for any picture: work
# for the worker, which can be stopped.
_EFFORT_TIMES = {"fast": 1, "balanced": 3}
# Pixels a second to map back and to write the PNG.
_PIXEL_SPEED = 15e6
# The same with dithering, into many colors.
_DITHER_SPEED = {"floyd-steinberg": 5e6, "atkinson": 5e6, "bayer": 4e6, "blue-noise": 4e6}
_QUICK_SECONDS = 1.5


@dataclass(frozen=True)
class Result:
    """A finished quantization, and the picture as an image file at screen size."""

    encoded: EncodedPicture
    after: bytes


@dataclass(frozen=True)
class _Request:
    sha: str
    settings: Settings


class _NotInCacheError(Exception):
    """Raised inside the cached function, so that nothing is cached."""


def result_or_job(source: Source, settings: Settings) -> Result | Job:
    """The result if it is there or quick to have, else the job that works on it.

    A job of this visitor that works on something else is stopped: its result is not wanted any more.
    Raises KMeansError for a file or settings that cannot be used.
    """
    request = _Request(source.sha, settings)
    SLOT.keep_only(request)
    try:
        result = _result(source.sha, astuple(settings), _raise_not_in_cache)
        SLOT.drop()  # another visitor's run was faster
        return result
    except _NotInCacheError:
        pass
    get_backend(settings.backend)
    if _is_quick(source, settings):
        return _result(source.sha, astuple(settings), lambda: _compute(source, settings))
    job = SLOT.job(
        request,
        "kmeans_core.jobs.tasks:quantize_file",
        lambda: {
            "data": source.data,
            "name": source.name,
            "n_colors": settings.n_colors,
            "settings": settings.arguments(),
        },
    )
    if job.state is JobState.DONE:
        return _result(source.sha, astuple(settings), lambda: shown(job.result))
    return job


def stand_in(source: Source, settings: Settings) -> Result | None:
    """What Numba makes of the same, to show while another backend works or cannot; None if it is slow."""
    quick = replace(settings, backend="numba", effort="fast")
    if not backends()["numba"].available or not _is_quick(source, quick):
        return None
    return _result(source.sha, astuple(quick), lambda: _compute(source, quick))


def measured(source: Source, encoded: EncodedPicture) -> tuple[Measures, bytes]:
    """How the result looks beside the original, and a picture of where it differs, at screen size."""
    return _measured(source.sha, hashlib.sha256(encoded.png).hexdigest(), source, encoded)


def original(source: Source) -> bytes:
    """The original as an image file at screen size."""
    return _original(source.sha, source)


def loaded(source: Source) -> tuple[Picture, ColorHistogram]:
    """The picture and its colors, kept for a while."""
    return _loaded(source.sha, source)


def shown(encoded: EncodedPicture) -> Result:
    """The result with its picture at screen size."""
    return Result(encoded, quantized_preview(encoded.png))


@st.cache_resource(max_entries=2, show_spinner=False)
def _loaded(sha: str, _source: Source) -> tuple[Picture, ColorHistogram]:
    picture = load_picture(_source.data, name=_source.name)
    return picture, ColorHistogram.of(picture)


@st.cache_data(max_entries=200, max_size="150 MB", show_spinner=False)
def _result(sha: str, settings: tuple[Any, ...], _make: Callable[[], Result]) -> Result:
    return _make()


@st.cache_data(max_entries=20, max_size="60 MB", show_spinner=False)
def _original(sha: str, _source: Source) -> bytes:
    return original_preview(_loaded(sha, _source)[0])


@st.cache_data(max_entries=50, max_size="60 MB", show_spinner=False)
def _measured(sha: str, result: str, _source: Source, _encoded: EncodedPicture) -> tuple[Measures, bytes]:
    picture, _ = _loaded(sha, _source)
    found = measure(picture, _encoded.palette.colors, _encoded.indices())
    return replace(found, differences=np.zeros((0, 0), np.float32)), error_preview(found)


def _raise_not_in_cache() -> Result:
    raise _NotInCacheError


def _compute(source: Source, settings: Settings) -> Result:
    picture, histogram = loaded(source)
    arguments = settings.arguments()
    if settings.backend == "numba" and not is_compiled():
        arguments["backend"] = NumbaBackend(hurried=True)
    quantized = quantize(picture, settings.n_colors, histogram=histogram, **arguments)
    return shown(encode(picture, quantized))


def _is_quick(source: Source, settings: Settings) -> bool:
    """Whether the work is done in a blink. The picture is loaded to tell, and to see that it can be."""
    picture, histogram = loaded(source)
    speed = _SPEED.get(settings.backend)
    if speed is None or settings.effort == "best":
        return False
    if settings.space != "srgb" or settings.distance != "euclidean":
        speed = min(speed, _NUMBA_SPEED_ELSEWHERE)
    fit = len(histogram.colors) * settings.n_colors * settings.max_iter / speed
    fit *= _EFFORT_TIMES[settings.effort]
    if settings.dither != "none":
        fit += picture.width * picture.height / _DITHER_SPEED[settings.dither]
    return fit + picture.width * picture.height / _PIXEL_SPEED < _QUICK_SECONDS
