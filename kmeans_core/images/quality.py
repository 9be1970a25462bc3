"""How far a quantized picture is from the original, measured on the 8-bit colors that are delivered."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kmeans_core.images.histogram import flat
from kmeans_core.images.jit_histogram import squared_error, squared_error_of_pixels
from kmeans_core.images.picture import ByteArray, Picture


@dataclass(frozen=True)
class Quality:
    """mse: mean over visible pixels of the squared error summed over the three channels, 0 to 195,075.
    psnr: peak signal-to-noise ratio in dB, infinite for an exact copy."""

    mse: float
    psnr: float


def measure_quality(
    colors: ByteArray, counts: NDArray[np.int64], palette: ByteArray, labels: ByteArray
) -> Quality:
    """Compares each distinct color, (n, 3), with what replaced it, weighted by its pixels, (n,).

    palette: (k, 3). labels: (n,) index into it.
    """
    pixels = int(counts.sum())
    return _quality(squared_error(colors, counts, palette, labels), pixels)


def measure_pixels(picture: Picture, palette: ByteArray, indices: ByteArray) -> Quality:
    """Compares each pixel that is shown with the color that its index, (height, width), names."""
    pixels, shown = flat(picture)
    error, count = squared_error_of_pixels(pixels, shown, palette, indices.reshape(-1))
    return _quality(error, count)


def _quality(squared: int, pixels: int) -> Quality:
    mse = squared / pixels if pixels else 0.0
    return Quality(mse, psnr_of(mse))


def psnr_of(mse: float) -> float:
    """In dB; of the error of one channel, hence of a third of what the three add up to."""
    return 10 * math.log10(255**2 / (mse / 3)) if mse else math.inf
