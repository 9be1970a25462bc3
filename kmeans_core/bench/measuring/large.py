"""Large pictures: the time to quantize one beside the time to decode it, and the memory that takes.

The picture is a mosaic of squares from photographs, each at its own size and mirrored from one lap to the
next. An enlarged photograph would be smooth, and decode faster.
"""

import io
import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image

from kmeans_core.bench.measuring import memory
from kmeans_core.images.compiling import compile_all
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.quantize import quantize
from kmeans_core.types import ByteArray

JPEG_QUALITY = 95
_SQUARE = 256


@dataclass(frozen=True)
class LargePicture:
    """What a picture of this size took, without dithering.

    unique_colors: of the picture. n_colors: of its palette. jpeg_bytes: as a JPEG of quality 95.
    decode_seconds: that Pillow takes to read this. seconds: phase → seconds of quantizing its pixels.
    bytes_per_pixel: peak memory meanwhile, beyond the pixels themselves; 0 if the system does not report it.
    """

    megapixels: float
    unique_colors: int
    n_colors: int
    jpeg_bytes: int
    decode_seconds: float
    seconds: Mapping[str, float]
    bytes_a_pixel: float

    @property
    def quantize_seconds(self) -> float:
        return sum(self.seconds.values())


def mosaic(paths: Sequence[Path], megapixels: float) -> Picture:
    """A picture with about this many megapixels, 3:2, from squares of these pictures."""
    rows = max(1, round((megapixels * 1e6 * 2 / 3) ** 0.5 / _SQUARE))
    columns = max(1, round(megapixels * 1e6 / rows / _SQUARE**2))
    squares = [square for path in paths for square in _squares(load_picture(path).pixels)]
    pixels = np.empty((rows * _SQUARE, columns * _SQUARE, 3), dtype=np.uint8)
    for number, (row, column) in enumerate(itertools.product(range(rows), range(columns))):
        lap, place = divmod(number, len(squares))
        square = squares[place]
        if lap % 2:
            square = square[::-1]
        if lap // 2 % 2:
            square = square[:, ::-1]
        top, left = row * _SQUARE, column * _SQUARE
        pixels[top : top + _SQUARE, left : left + _SQUARE] = square
    return Picture(pixels, None, "mosaic", "", 0, (), 0.0)


def _squares(pixels: ByteArray) -> list[ByteArray]:
    height, width, _ = pixels.shape
    return [
        pixels[top : top + _SQUARE, left : left + _SQUARE]
        for top in range(0, height - _SQUARE + 1, _SQUARE)
        for left in range(0, width - _SQUARE + 1, _SQUARE)
    ]


def measure_large(
    paths: Sequence[Path],
    megapixels: float,
    n_colors: int,
    settings: Mapping[str, Any],
    repeat: int,
    on_progress: Callable[[Any], None],
) -> LargePicture:
    """Medians of `repeat` repetitions, in a separate process, because its memory is measured.

    settings: further arguments of `quantize()`.
    """
    on_progress("laying a mosaic")
    picture = mosaic(paths, megapixels)
    compile_all()
    file = io.BytesIO()
    Image.fromarray(picture.pixels).save(file, "JPEG", quality=JPEG_QUALITY)
    decoding = []
    for _ in range(1 + repeat):
        on_progress("decoding")
        clock = perf_counter()
        with _jpeg(file) as image:
            np.asarray(image)
        decoding.append(perf_counter() - clock)
    repetitions, peak_bytes = [], 0
    for _ in range(1 + repeat):
        on_progress("quantizing")
        memory.forget_peak()
        before = memory.peak()
        quantized = quantize(picture, n_colors, **settings)
        peak_bytes = max(peak_bytes, memory.peak() - before)
        phases = dict(quantized.seconds)
        del phases["load"]
        repetitions.append(phases)
        unique = quantized.unique_colors
        del quantized
    pixels = picture.width * picture.height
    return LargePicture(
        megapixels=pixels / 1e6,
        unique_colors=unique,
        n_colors=n_colors,
        jpeg_bytes=len(file.getvalue()),
        decode_seconds=median(decoding[1:]),  # the first one warms up
        seconds={name: median(run[name] for run in repetitions[1:]) for name in repetitions[0]},
        bytes_a_pixel=peak_bytes / pixels,
    )


def _jpeg(file: io.BytesIO) -> Image.Image:
    with warnings.catch_warnings():  # Pillow's about size: this file is ours
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(file.getvalue()))
