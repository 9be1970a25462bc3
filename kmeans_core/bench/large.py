"""Large photographs: the time to quantize one beside the time to decode it, and the memory that takes."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image

from kmeans_core.bench import memory
from kmeans_core.bench.cases import PictureSource
from kmeans_core.images.compiling import compile_all
from kmeans_core.images.quantize import quantize

JPEG_QUALITY = 90


@dataclass(frozen=True)
class LargePicture:
    """What a picture of this size took, without dithering.

    unique_colors: of the picture. n_colors: of its palette. jpeg_bytes: as a JPEG of quality 90.
    decode_seconds: that Pillow takes to read this. seconds: phase → seconds of quantizing its pixels.
    bytes_a_pixel: most memory held meanwhile, beyond the pixels as they were read; 0 where the system does
    not tell.
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


def measure_large(
    source: PictureSource, n_colors: int, effort: str, repeat: int, on_progress: Callable[[Any], None]
) -> LargePicture:
    """Medians of `repeat` runs. To be run in a process of its own, for its memory is looked at."""
    on_progress("resampling")
    picture = source.picture()
    compile_all()
    file = io.BytesIO()
    Image.fromarray(picture.pixels).save(file, "JPEG", quality=JPEG_QUALITY)
    decoding = []
    for _ in range(repeat):
        on_progress("decoding")
        clock = perf_counter()
        with Image.open(io.BytesIO(file.getvalue())) as image:
            np.asarray(image.convert("RGB"))
        decoding.append(perf_counter() - clock)
    runs, most = [], 0
    for _ in range(repeat):
        on_progress("quantizing")
        memory.forget_peak()
        before = memory.peak()
        quantized = quantize(picture, n_colors, effort=effort)
        most = max(most, memory.peak() - before)
        phases = dict(quantized.seconds)
        del phases["load"]
        runs.append(phases)
        unique = quantized.unique_colors
        del quantized
    pixels = picture.width * picture.height
    return LargePicture(
        megapixels=pixels / 1e6,
        unique_colors=unique,
        n_colors=n_colors,
        jpeg_bytes=len(file.getvalue()),
        decode_seconds=median(decoding),
        seconds={name: median(run[name] for run in runs) for name in runs[0]},
        bytes_a_pixel=most / pixels,
    )
