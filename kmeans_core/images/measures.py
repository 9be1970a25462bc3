"""How a quantized picture looks beside the original: color differences, structure, and where it is wrong.

Sources: CIEDE2000 as in `color_difference.py`; SSIM by Wang, Bovik, Sheikh and Simoncelli, *Image quality
assessment: from error visibility to structural similarity*, IEEE Trans. Image Processing 13 (2004), on luma,
with their Gaussian window of 1.5 pixels and constants.
"""

from dataclasses import dataclass

import numpy as np

from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.histogram import flat
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.types import FloatArray

# Rec. 601, as JPEG has it.
_LUMA = np.array([0.299, 0.587, 0.114])
_WINDOW, _REACH = 1.5, 3.5
_STEADY = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
# Differences from here on are drawn alike; 2 to 3 is what people notice in pictures, 10 is another color.
MOST_DRAWN = 10.0


@dataclass(frozen=True, eq=False)
class Measures:
    """mean, p95: mean and 95th percentile of CIEDE2000 over visible pixels. ssim: structural similarity, 1
    for an exact copy. differences: (height, width) float32, CIEDE2000 of each pixel, 0 where it is not shown.
    """

    mean: float
    p95: float
    ssim: float
    differences: np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def measure(picture: Picture, palette: ByteArray, indices: ByteArray) -> Measures:
    """Compares a picture with its quantized self: palette, (k, 3), and indices, (height, width)."""
    pixels, shown = flat(picture)
    visible = shown if len(shown) else np.ones(len(pixels), dtype=bool)
    if not visible.any():
        nothing = np.zeros(indices.shape, dtype=np.float32)
        return Measures(0.0, 0.0, 1.0, nothing)
    # Pixels with the same color and the same replacement differ alike.
    codes = np.dstack([picture.pixels, indices]).view(np.uint32).reshape(-1)
    pairs, places, counts = np.unique(codes[visible], return_inverse=True, return_counts=True)
    parts = pairs.view(np.uint8).reshape(-1, 4)
    apart = ciede2000(from_srgb(parts[:, :3], "lab"), from_srgb(palette[parts[:, 3]], "lab"))
    order = np.argsort(apart, kind="stable")
    reached = np.searchsorted(np.cumsum(counts[order]), 0.95 * counts.sum())
    differences = np.zeros(len(pixels), dtype=np.float32)
    differences[visible] = apart[places]
    made = np.where(visible[:, None], palette[np.minimum(indices.reshape(-1), len(palette) - 1)], pixels)
    return Measures(
        mean=float(apart @ counts / counts.sum()),
        p95=float(apart[order[min(reached, len(order) - 1)]]),
        ssim=_ssim(pixels.reshape(picture.pixels.shape), made.reshape(picture.pixels.shape), visible),
        differences=differences.reshape(indices.shape),
    )


def _ssim(
    first: ByteArray, second: ByteArray, visible: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> float:
    from scipy.ndimage import gaussian_filter

    def smooth(values: FloatArray) -> FloatArray:
        smoothed: FloatArray = gaussian_filter(values, _WINDOW, truncate=_REACH)
        return smoothed

    x, y = first @ _LUMA, second @ _LUMA
    mean_x, mean_y = smooth(x), smooth(y)
    spread_x, spread_y = smooth(x * x) - mean_x**2, smooth(y * y) - mean_y**2
    common = smooth(x * y) - mean_x * mean_y
    a, b = _STEADY
    similar = (2 * mean_x * mean_y + a) * (2 * common + b)
    similar /= (mean_x**2 + mean_y**2 + a) * (spread_x + spread_y + b)
    return float(similar.reshape(-1)[visible].mean())


def error_map(measures: Measures) -> ByteArray:
    """The differences as shades, (height, width) uint8: 0 for none, 255 from `MOST_DRAWN` on."""
    shades: ByteArray = np.rint(np.minimum(measures.differences / MOST_DRAWN, 1) * 255).astype(np.uint8)
    return shades
