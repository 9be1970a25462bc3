"""How far a quantized picture is from the original, measured on the 8-bit colors that are delivered."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kmeans_core.images.picture import ByteArray


@dataclass(frozen=True)
class Quality:
    """mse: mean over visible pixels of the squared error summed over the three channels, 0 to 195,075.
    psnr: peak signal-to-noise ratio in dB, infinite for an exact copy."""

    mse: float
    psnr: float


def measure_quality(colors: ByteArray, counts: NDArray[np.int64], replaced: ByteArray) -> Quality:
    """Compares each distinct color, (n, 3), with what replaced it, (n, 3), weighted by its pixels, (n,)."""
    difference = colors.astype(np.int64) - replaced.astype(np.int64)
    pixels = int(counts.sum())
    mse = int((difference**2).sum(axis=1) @ counts) / pixels if pixels else 0.0
    # PSNR counts the error of one channel, hence the mean over the three.
    psnr = 10 * math.log10(255**2 / (mse / 3)) if mse else math.inf
    return Quality(mse, psnr)
