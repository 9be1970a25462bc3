"""How far a quantized picture is from the original, measured on the 8-bit colors that are delivered."""

import math
from dataclasses import dataclass

from kmeans_core.images.histogram import OPAQUE_SQUARE, ColorHistogram, flatten_picture
from kmeans_core.images.jit_histogram import squared_error, squared_error_of_pixels
from kmeans_core.images.picture import Picture
from kmeans_core.types import ByteArray


@dataclass(frozen=True)
class Quality:
    """How far a quantized picture is from the original.

    Attributes
    ----------
    mse : float
        Mean over visible pixels of the squared error summed over the three channels, 0 to 195,075. Where a
        pixel is partly transparent, the error is what shows of it, on any background.
    psnr : float
        Peak signal-to-noise ratio in dB, infinite for an exact copy.
    """

    mse: float
    psnr: float


def measure_quality(histogram: ColorHistogram, palette: ByteArray, labels: ByteArray) -> Quality:
    """Compares each distinct color with what replaced it, weighted by its pixels.

    Parameters
    ----------
    histogram : ColorHistogram
        The picture's, of n colors.
    palette : ndarray of uint8, shape (k, 3)
    labels : ndarray of uint8, shape (n,)
        Index into the palette for each color.

    Returns
    -------
    Quality
    """
    squares = histogram.alpha_squares
    if squares is None:
        error = squared_error(histogram.colors, histogram.counts, palette, labels)
        return quality_of(error, histogram.n_pixels)
    error = squared_error(histogram.colors, squares, palette, labels)
    return quality_of(error, OPAQUE_SQUARE * histogram.n_pixels)


def measure_pixel_quality(picture: Picture, palette: ByteArray, indices: ByteArray) -> Quality:
    """Compares each visible pixel with the color that its index names.

    Parameters
    ----------
    picture : Picture
    palette : ndarray of uint8, shape (k, 3)
    indices : ndarray of uint8, shape (height, width)

    Returns
    -------
    Quality
    """
    pixels, _, alpha = flatten_picture(picture)
    error, count = squared_error_of_pixels(pixels, alpha, palette, indices.reshape(-1))
    return quality_of(error, OPAQUE_SQUARE * count)


def quality_of(squared: int, weight: int) -> Quality:
    """Of the squared error of all pixels, summed over the channels, and what all of them weigh."""
    mse = squared / weight if weight else 0.0
    return Quality(mse, psnr_of(mse))


def psnr_of(mse: float) -> float:
    """In dB; of the error of one channel, hence of a third of what the three add up to."""
    return 10 * math.log10(255**2 / (mse / 3)) if mse else math.inf
