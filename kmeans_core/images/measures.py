"""How a quantized picture looks beside the original: color differences, structure, and where it is wrong.

Sources: CIEDE2000 as in `color_difference.py`; SSIM by Wang, Bovik, Sheikh and Simoncelli, *Image quality
assessment: from error visibility to structural similarity*, IEEE Trans. Image Processing 13 (2004), on luma,
with their Gaussian window of 1.5 pixels and constants.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.types import FloatArray

# Rec. 601, as JPEG has it.
_LUMA = np.array([0.299, 0.587, 0.114])
_WINDOW, _REACH = 1.5, 3.5
_REACHED = 5  # pixels: 1.5 times 3.5, rounded
# Pixels of a band.
_BAND = 1 << 20
_STEADY = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
# Differences from here on are drawn alike; 2 to 3 is what people notice in pictures, 20 is another color.
MAX_DRAWN = 20.0


@dataclass(frozen=True, eq=False)
class Measures:
    """mean, p95: mean and 95th percentile of CIEDE2000 over visible pixels. ssim: structural similarity, 1
    for an exact copy. differences: (height, width) float32, CIEDE2000 of each pixel, 0 where it is not shown.
    """

    mean: float
    p95: float
    ssim: float
    differences: NDArray[np.float32]


def measure(picture: Picture, palette: ByteArray, indices: ByteArray) -> Measures:
    """Compares a picture with its quantized self: palette, (k, 3), and indices, (height, width).

    Works through bands of rows, so that memory stays near 10 bytes a pixel.
    """
    visible = picture.visible
    differences = np.zeros(indices.shape, dtype=np.float32)
    if visible is not None and not visible.any():
        return Measures(0.0, 0.0, 1.0, differences)
    rows = max(1, _BAND // picture.width)
    similar, count = 0.0, 0
    for top in range(0, picture.height, rows):
        band = slice(top, top + rows)
        shown = np.ones(indices[band].shape, dtype=bool) if visible is None else visible[band]
        differences[band][shown] = _differences(picture.pixels[band][shown], palette, indices[band][shown])
        around = slice(max(0, top - _REACHED), top + rows + _REACHED)
        there = None if visible is None else visible[around]
        local = _similarity(picture.pixels[around], palette, indices[around], there)
        inside = local[top - around.start :][: len(shown)]
        similar += float(inside[shown].sum())
        count += int(shown.sum())
    found = differences if visible is None else differences[visible]
    return Measures(
        mean=float(found.mean(dtype=np.float64)),
        p95=float(np.quantile(found, 0.95, method="inverted_cdf")),
        ssim=similar / count,
        differences=differences,
    )


def mean_difference(picture: Picture, palette: ByteArray, indices: ByteArray) -> float:
    """Mean CIEDE2000 over visible pixels, the quickest of the measures; 0 if none is visible."""
    visible = picture.visible
    pixels, places = picture.pixels.reshape(-1, 3), indices.reshape(-1)
    if visible is not None:
        pixels, places = pixels[visible.reshape(-1)], places[visible.reshape(-1)]
    if not len(pixels):
        return 0.0
    return float(_differences(pixels, palette, places).mean())


def _differences(colors: ByteArray, palette: ByteArray, indices: ByteArray) -> FloatArray:
    """CIEDE2000 of some colors, (n, 3), and those that replace them; equal pairs are reckoned once."""
    codes = np.concatenate([colors, indices[:, None]], axis=1).view(np.uint32).reshape(-1)
    pairs, places = np.unique(codes, return_inverse=True)
    parts = pairs.view(np.uint8).reshape(-1, 4)
    apart = ciede2000(from_srgb(parts[:, :3], "lab"), from_srgb(palette[parts[:, 3]], "lab"))
    return apart[places]


def _similarity(
    pixels: ByteArray, palette: ByteArray, indices: ByteArray, visible: NDArray[np.bool_] | None
) -> FloatArray:
    """SSIM of each pixel of some rows. Pixels that are not shown are alike."""
    from scipy.ndimage import gaussian_filter

    def smooth(values: FloatArray) -> FloatArray:
        smoothed: FloatArray = gaussian_filter(values, _WINDOW, truncate=_REACH)
        return smoothed

    x = pixels @ _LUMA
    y = (palette @ _LUMA)[np.minimum(indices, len(palette) - 1)]
    if visible is not None:
        y = np.where(visible, y, x)
    mean_x, mean_y = smooth(x), smooth(y)
    spread_x, spread_y = smooth(x * x) - mean_x**2, smooth(y * y) - mean_y**2
    common = smooth(x * y) - mean_x * mean_y
    a, b = _STEADY
    similar = (2 * mean_x * mean_y + a) * (2 * common + b)
    similar /= (mean_x**2 + mean_y**2 + a) * (spread_x + spread_y + b)
    return similar


def error_map(measures: Measures) -> ByteArray:
    """The differences as shades, (height, width) uint8: 0 for none, 255 from `MAX_DRAWN` on."""
    shades: ByteArray = np.rint(np.minimum(measures.differences / MAX_DRAWN, 1) * 255).astype(np.uint8)
    return shades
