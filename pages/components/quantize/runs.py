"""The result for a picture and its settings, and what else is computed from them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from kmeans_core.backends import get_backend
from kmeans_core.backends.base import Backend
from kmeans_core.backends.numba_ import NumbaBackend
from kmeans_core.images.compiling import is_compiled
from kmeans_core.images.encoding import EncodedPicture, encode
from kmeans_core.images.estimate import estimate_seconds
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.perceptual_quality import PerceptualQuality, measure_perceptual_quality
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.preview import error_preview, original_preview, quantized_preview
from kmeans_core.images.quantize import quantize_picture
from pages.components.quantize.source import Source
from pages.components.shared.backends import backends
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.results import Wanted

SLOT = JobSlot("quantize")


@dataclass(frozen=True)
class PictureResult:
    """A finished quantization, and the picture as an image file at screen size."""

    encoded: EncodedPicture
    after: bytes


def wanted(source: Source, settings: QuantizeOptions) -> Wanted[PictureResult]:
    """The picture in these colors. Raises KMeansError, when it is asked for, for a file or settings that
    cannot be used."""
    return Wanted(
        request=(source.sha, settings),
        cached=lambda make: _result(source.sha, settings, make),
        estimate=lambda: _estimate(source, settings),
        compute=lambda: _compute(source, settings),
        task="kmeans_core.jobs.tasks:quantize_file",
        arguments=lambda: {"data": source.data, "name": source.name, "options": settings},
        finish=with_preview,
    )


def numba_preview(source: Source, settings: QuantizeOptions) -> PictureResult | None:
    """Numba's result for the same settings, to show while another backend works or if it fails; None if that
    is slow.
    """
    quick = wanted(source, settings.having("backend", "numba").having("effort", "fast"))
    if not backends()["numba"].available or not quick.is_quick():
        return None
    return quick.cached(quick.compute)


def perceptual_quality(source: Source, encoded: EncodedPicture) -> tuple[PerceptualQuality, bytes]:
    """The perceptual quality of a result, and a map of the differences at screen size."""
    return _measured(source.sha, hashlib.sha256(encoded.png).hexdigest(), source, encoded)


def original(source: Source) -> bytes:
    """The original as an image file at screen size."""
    return _original(source.sha, source)


def loaded(source: Source) -> tuple[Picture, ColorHistogram]:
    """The picture and its colors, kept for a while."""
    return _loaded(source.sha, source)


def with_preview(encoded: EncodedPicture) -> PictureResult:
    """The result with its picture at screen size."""
    return PictureResult(encoded, quantized_preview(encoded.png))


@st.cache_resource(max_entries=2, show_spinner=False)
def _loaded(sha: str, _source: Source) -> tuple[Picture, ColorHistogram]:
    picture = load_picture(_source.data, name=_source.name)
    return picture, ColorHistogram.of(picture)


@st.cache_data(
    max_entries=200,
    max_size="150 MB",
    show_spinner=False,
    hash_funcs={QuantizeOptions: QuantizeOptions.values},
)
def _result(sha: str, settings: QuantizeOptions, _make: Callable[[], PictureResult]) -> PictureResult:
    return _make()


@st.cache_data(max_entries=20, max_size="60 MB", show_spinner=False)
def _original(sha: str, _source: Source) -> bytes:
    return original_preview(_loaded(sha, _source)[0])


@st.cache_data(max_entries=50, max_size="60 MB", show_spinner=False)
def _measured(
    sha: str, result: str, _source: Source, _encoded: EncodedPicture
) -> tuple[PerceptualQuality, bytes]:
    picture, _ = _loaded(sha, _source)
    quality = measure_perceptual_quality(picture, _encoded.palette.colors, _encoded.indices())
    return replace(quality, differences=np.zeros((0, 0), np.float32)), error_preview(quality)


def _compute(source: Source, settings: QuantizeOptions) -> PictureResult:
    picture, histogram = loaded(source)
    avoid_compiling: Backend | None = None
    if settings.fit.backend == "numba" and not is_compiled():
        avoid_compiling = NumbaBackend(avoid_compiling=True)
    quantized = quantize_picture(picture, settings, histogram=histogram, backend=avoid_compiling)
    return with_preview(encode(picture, quantized))


def _estimate(source: Source, settings: QuantizeOptions) -> float | None:
    """Loads the picture, and so raises an error if it cannot be read."""
    get_backend(settings.fit.backend)
    return estimate_seconds(*loaded(source), settings)
