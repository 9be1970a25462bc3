"""The result for a picture and its settings, and what else is computed from them."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from kmeans_core.backends import get_backend
from kmeans_core.backends.base import Backend
from kmeans_core.backends.numba_ import NumbaBackend
from kmeans_core.images.compiling import is_compiled
from kmeans_core.images.encoding import EncodedPicture, encode
from kmeans_core.images.estimate import estimate_seconds
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.perceptual_quality import PerceptualQuality, measure_perceptual_quality
from kmeans_core.images.picture import Picture
from kmeans_core.images.preview import error_preview, original_preview, quantized_preview
from kmeans_core.images.quantize import quantize_picture
from pages.components.quantize.source import Source, read_picture
from pages.components.shared.backends import backends
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.kept import Kept
from pages.components.shared.presence import leave_check
from pages.components.shared.results import Wanted
from pages.components.shared.turns import turn

SLOT = JobSlot("quantize")


@dataclass(frozen=True)
class PictureResult:
    """A finished quantization, and the picture as an image file at screen size."""

    encoded: EncodedPicture
    after: bytes

    @property
    def n_bytes(self) -> int:
        """About what it takes in memory."""
        return len(self.encoded.png) + len(self.after)


def _loaded_bytes(loaded: tuple[Picture, ColorHistogram]) -> int:
    picture, histogram = loaded
    arrays = (picture.pixels, picture.alpha, histogram.colors, histogram.counts, histogram.alpha_squares)
    return sum(array.nbytes for array in arrays if array is not None)


RESULTS: Kept[PictureResult] = Kept(lambda result: result.n_bytes)
_LOADED: Kept[tuple[Picture, ColorHistogram]] = Kept(_loaded_bytes)
_ORIGINALS: Kept[bytes] = Kept(len)
_MEASURED: Kept[tuple[PerceptualQuality, bytes]] = Kept(lambda measured: len(measured[1]))


def wanted(source: Source, settings: QuantizeOptions) -> Wanted[PictureResult]:
    """The picture in these colors. Raises KMeansError, when it is asked for, for a file or settings that
    cannot be used."""
    return Wanted(
        request=(source.sha, settings),
        kept=RESULTS,
        estimate=lambda: _estimate(source, settings),
        compute=lambda: _compute(source, settings),
        task="kmeans_core.jobs.tasks:quantize_loaded",
        arguments=lambda: {"picture": loaded(source)[0], "options": settings},
        finish=with_preview,
    )


def numba_preview(source: Source, settings: QuantizeOptions) -> PictureResult | None:
    """Numba's result for the same settings, to show while another backend works or if it fails; None if that
    is slow.
    """
    quick = wanted(source, settings.having("backend", "numba").having("effort", "fast"))
    if not backends()["numba"].available or not quick.is_quick():
        return None
    return quick.kept.get(quick.request, quick.compute)


def perceptual_quality(source: Source, encoded: EncodedPicture) -> tuple[PerceptualQuality, bytes]:
    """The perceptual quality of a result, and a map of the differences at screen size."""
    key = (source.sha, hashlib.sha256(encoded.png).hexdigest())
    picture, _ = loaded(source)

    def measure() -> tuple[PerceptualQuality, bytes]:
        with turn(heavy=True):
            quality = measure_perceptual_quality(picture, encoded.palette.colors, encoded.indices())
            return replace(quality, differences=np.zeros((0, 0), np.float32)), error_preview(quality)

    return _MEASURED.get(key, measure)


def original(source: Source) -> bytes:
    """The original as an image file at screen size."""
    return _ORIGINALS.get(source.sha, lambda: original_preview(loaded(source)[0]))


def loaded(source: Source) -> tuple[Picture, ColorHistogram]:
    """The picture and its colors, kept for a while."""

    def load() -> tuple[Picture, ColorHistogram]:
        picture = read_picture(source)
        with turn():
            return picture, ColorHistogram.of(picture)

    return _LOADED.get(source.sha, load)


def with_preview(encoded: EncodedPicture) -> PictureResult:
    """The result with its picture at screen size."""
    return PictureResult(encoded, quantized_preview(encoded.png))


def _compute(source: Source, settings: QuantizeOptions) -> PictureResult:
    picture, histogram = loaded(source)
    avoid_compiling: Backend | None = None
    if settings.fit.backend == "numba" and not is_compiled():
        avoid_compiling = NumbaBackend(avoid_compiling=True)
    check = leave_check()
    with turn():
        quantized = quantize_picture(
            picture, settings, histogram=histogram, backend=avoid_compiling, on_iteration=lambda _: check()
        )
        return with_preview(encode(picture, quantized))


def _estimate(source: Source, settings: QuantizeOptions) -> float | None:
    """Loads the picture, and so raises an error if it cannot be read."""
    get_backend(settings.fit.backend)
    return estimate_seconds(*loaded(source), settings)
