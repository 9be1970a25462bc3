"""The perceptual quality of a quantized picture: color differences, structural similarity, and a map of them.

Sources: CIEDE2000 as in `color_difference.py`; SSIM by Wang, Bovik, Sheikh and Simoncelli, *Image quality
assessment: from error visibility to structural similarity*, IEEE Trans. Image Processing 13 (2004), on luma,
with their Gaussian window of 1.5 pixels and constants.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.picture import Picture
from kmeans_core.types import ByteArray, FloatArray

# Rec. 601, as JPEG has it.
_LUMA = np.array([0.299, 0.587, 0.114])
_WINDOW, _TRUNCATE = 1.5, 3.5
_MARGIN_ROWS = 5  # pixels: 1.5 times 3.5, rounded
# Pixels of a band.
_BAND = 1 << 20
_SSIM_CONSTANTS = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
# Larger differences are drawn alike. People notice 2 to 3 in pictures; 20 is a different color.
MAX_DRAWN = 20.0


@dataclass(frozen=True, eq=False)
class PerceptualQuality:
    """How near a quantized picture is to the original, as people see it.

    Attributes
    ----------
    mean, p95 : float
        Mean and 95th percentile of CIEDE2000 over visible pixels.
    ssim : float
        Structural similarity, 1 for an exact copy.
    differences : ndarray of float32, shape (height, width)
        CIEDE2000 of each pixel, 0 where it is hidden.
    """

    mean: float
    p95: float
    ssim: float
    differences: NDArray[np.float32]


def measure_perceptual_quality(picture: Picture, palette: ByteArray, indices: ByteArray) -> PerceptualQuality:
    """Compares a picture with its quantized version. The sources are at the head of this module.

    Parameters
    ----------
    picture : Picture
    palette : ndarray of uint8, shape (k, 3)
    indices : ndarray of uint8, shape (height, width)
        Into the palette; whatever for hidden pixels.

    Returns
    -------
    PerceptualQuality

    Notes
    -----
    Works through bands of rows, so that memory stays near 10 bytes per pixel. Needs SciPy.
    """
    visible = picture.visible
    differences = np.zeros(indices.shape, dtype=np.float32)
    if visible is not None and not visible.any():
        return PerceptualQuality(0.0, 0.0, 1.0, differences)
    rows = max(1, _BAND // picture.width)
    similar, count = 0.0, 0
    for top in range(0, picture.height, rows):
        band = slice(top, top + rows)
        visible_band = np.ones(indices[band].shape, dtype=bool) if visible is None else visible[band]
        differences[band][visible_band] = _differences(
            picture.pixels[band][visible_band], palette, indices[band][visible_band]
        )
        around = slice(max(0, top - _MARGIN_ROWS), top + rows + _MARGIN_ROWS)
        visible_around = None if visible is None else visible[around]
        local = _similarity(picture.pixels[around], palette, indices[around], visible_around)
        inside = local[top - around.start :][: len(visible_band)]
        similar += float(inside[visible_band].sum())
        count += int(visible_band.sum())
    visible_differences = differences if visible is None else differences[visible]
    return PerceptualQuality(
        mean=float(visible_differences.mean(dtype=np.float64)),
        p95=float(np.quantile(visible_differences, 0.95, method="inverted_cdf")),
        ssim=similar / count,
        differences=differences,
    )


def mean_difference(picture: Picture, palette: ByteArray, indices: ByteArray) -> float:
    """Mean CIEDE2000 over visible pixels, the quickest part of `measure_perceptual_quality()`.

    Parameters
    ----------
    picture : Picture
    palette : ndarray of uint8, shape (k, 3)
    indices : ndarray of uint8, shape (height, width)

    Returns
    -------
    float
        0 if no pixel is visible.
    """
    visible = picture.visible
    pixels, places = picture.pixels.reshape(-1, 3), indices.reshape(-1)
    if visible is not None:
        pixels, places = pixels[visible.reshape(-1)], places[visible.reshape(-1)]
    if not len(pixels):
        return 0.0
    return float(_differences(pixels, palette, places).mean())


def _differences(colors: ByteArray, palette: ByteArray, indices: ByteArray) -> FloatArray:
    """CIEDE2000 between some colors, (n, 3), and their palette colors; equal pairs are computed once."""
    codes = np.concatenate([colors, indices[:, None]], axis=1).view(np.uint32).reshape(-1)
    pairs, inverse = np.unique(codes, return_inverse=True)
    channels = pairs.view(np.uint8).reshape(-1, 4)
    differences = ciede2000(from_srgb(channels[:, :3], "lab"), from_srgb(palette[channels[:, 3]], "lab"))
    return differences[inverse]


def _similarity(
    pixels: ByteArray, palette: ByteArray, indices: ByteArray, visible: NDArray[np.bool_] | None
) -> FloatArray:
    """SSIM of each pixel of some rows. Hidden pixels count as equal."""
    from scipy.ndimage import gaussian_filter

    def smooth(values: FloatArray) -> FloatArray:
        smoothed: FloatArray = gaussian_filter(values, _WINDOW, truncate=_TRUNCATE)
        return smoothed

    x = pixels @ _LUMA
    y = (palette @ _LUMA)[np.minimum(indices, len(palette) - 1)]
    if visible is not None:
        y = np.where(visible, y, x)
    mean_x, mean_y = smooth(x), smooth(y)
    spread_x, spread_y = smooth(x * x) - mean_x**2, smooth(y * y) - mean_y**2
    common = smooth(x * y) - mean_x * mean_y
    a, b = _SSIM_CONSTANTS
    similar = (2 * mean_x * mean_y + a) * (2 * common + b)
    similar /= (mean_x**2 + mean_y**2 + a) * (spread_x + spread_y + b)
    return similar


def error_map(quality: PerceptualQuality) -> ByteArray:
    """The differences as shades, (height, width) uint8: 0 for none, 255 from `MAX_DRAWN` on."""
    shades: ByteArray = np.rint(np.minimum(quality.differences / MAX_DRAWN, 1) * 255).astype(np.uint8)
    return shades
