"""Dithering: pixels of a few colors, mixed so that from afar they look like more.

| method | source |
|---|---|
| floyd-steinberg | Floyd and Steinberg, *An adaptive algorithm for spatial grey scale*, Proc. SID 17 (1976) |
| atkinson | Atkinson, for the Macintosh, 1984; passes on 3/4 of the error: crisper, less accurate |
| bayer | Bayer, *An optimum method for two-level rendition of continuous-tone pictures*, ICC 1973; 8×8 |
| blue-noise | as `blue_noise.py`: ordered too, but without a pattern |

The first two pass the error of a pixel on to its neighbors, one pixel after the other, every other row from
right to left. For the others, 16 palette colors are found whose mean comes near the pixel's color, each
making up for the error of those before it, and a threshold picks one of them, sorted from dark to light
(Knoll's pattern dithering, US patent 6606166, 1999, expired). A pixel's color then depends on no other pixel,
so that unchanged areas stay the same in a series of pictures.

Colors are compared, and errors added up, in the space of the clustering.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.errors import OptionError
from kmeans_core.images.blue_noise import blue_noise
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.histogram import ColorHistogram, flatten_picture
from kmeans_core.images.jit_dither import MARGIN, MIX_SIZE, SortedPalette, diffuse, mix, pick
from kmeans_core.images.picture import Picture
from kmeans_core.types import ByteArray, FloatArray

# Rows down, columns ahead, share of the error.
_TAPS = {
    "floyd-steinberg": [(0, 1, 7 / 16), (1, -1, 3 / 16), (1, 0, 5 / 16), (1, 1, 1 / 16)],
    "atkinson": [(0, 1, 1 / 8), (0, 2, 1 / 8), (1, -1, 1 / 8), (1, 0, 1 / 8), (1, 1, 1 / 8), (2, 0, 1 / 8)],
}
_ORDERED = ("bayer", "blue-noise")
DITHERS = ("none", *_TAPS, *_ORDERED)
DITHER_TITLES = {
    "none": "None",
    "floyd-steinberg": "Floyd–Steinberg",
    "atkinson": "Atkinson",
    "bayer": "Bayer",
    "blue-noise": "Blue noise",
}

# Rows converted to points at a time.
_BAND_ROWS = 64
_N_BINS = 256


def dither(
    picture: Picture,
    palette: ByteArray,
    method: str,
    *,
    strength: float = 1.0,
    space: str = "srgb",
    histogram: ColorHistogram | None = None,
) -> ByteArray:
    """An index into the palette for each pixel, mixed so that areas look like more colors from afar.

    Parameters
    ----------
    picture : Picture
    palette : ndarray of uint8, shape (k, 3)
        At most 256 colors.
    method : {"floyd-steinberg", "atkinson", "bayer", "blue-noise"}
        The head of this module has their sources.
    strength : float, default 1.0
        0, each pixel its nearest color, to 1.
    space : {"srgb", "linear", "lab", "oklab"}
        To compare colors in.
    histogram : ColorHistogram, optional
        The picture's, if it has been counted before.

    Returns
    -------
    ndarray of uint8, shape (height, width)
        Hidden pixels are left out; their index is 0.

    Raises
    ------
    OptionError
        For an unknown method or space.
    """
    if method not in DITHERS[1:]:
        raise OptionError(f"dither={method!r} is unknown; use one of: {', '.join(DITHERS[1:])}.")
    ordered = _sort_palette(from_srgb(palette, space))
    out = np.zeros((picture.height, picture.width), dtype=np.uint8)
    if method in _TAPS:
        taps, bounds = np.array(_TAPS[method]), _bounds(space)
        visible, all_visible = picture.visible, np.zeros((0, 0), dtype=bool)
        errors = np.zeros((3, picture.width + 2 * MARGIN, 3))
        for start in range(0, picture.height, _BAND_ROWS):
            points = _rows(picture, start, space)
            shown = (
                all_visible if visible is None else np.ascontiguousarray(visible[start : start + _BAND_ROWS])
            )
            diffuse(
                points, shown, ordered, taps, strength, bounds, start, errors, out[start : start + _BAND_ROWS]
            )
        return out

    # A mix depends on the color alone, and there are fewer colors than pixels.
    histogram = histogram or ColorHistogram.of(picture)
    points, light = from_srgb(histogram.colors, space), _dark_to_light(space)
    mixes = np.empty((len(points), MIX_SIZE), dtype=np.uint8)
    cores = threads.usable_cores()
    threads.map_threaded(
        lambda part: mix(points, ordered, strength, light, *part, mixes),
        threads.split_range(len(points), cores),
    )
    mask = _bayer() if method == "bayer" else blue_noise()
    pixels, shown, _ = flatten_picture(picture)
    positions = histogram.positions()
    threads.map_threaded(
        lambda part: pick(pixels, shown, positions, mixes, mask, *part, out),
        threads.split_range(picture.height, cores),
    )
    return out


def _rows(picture: Picture, start: int, space: str) -> FloatArray:
    """Some rows as points, (rows, width, 3)."""
    pixels = picture.pixels[start : start + _BAND_ROWS]
    return from_srgb(pixels.reshape(-1, 3), space).reshape(pixels.shape)


def _sort_palette(colors: FloatArray) -> SortedPalette:
    """Along the longest axis of the palette."""
    apart = colors - colors.mean(axis=0)
    axis: FloatArray = np.linalg.eigh(apart.T @ apart)[1][:, -1].copy()
    positions = colors @ axis
    order: NDArray[np.intp] = np.argsort(positions, kind="stable")
    positions = positions[order]
    low, high = positions[0], positions[-1]
    scale = _N_BINS / (high - low) if high > low else 0.0
    edges = low + np.arange(_N_BINS) * (high - low) / _N_BINS
    starts = np.searchsorted(positions, edges).astype(np.int64)
    return SortedPalette(
        np.ascontiguousarray(colors[order]),
        positions,
        axis,
        order.astype(np.int64),
        starts,
        float(low),
        float(scale),
    )


def _dark_to_light(space: str) -> FloatArray:
    """A direction, (3,), along which colors become lighter."""
    if space in ("lab", "oklab"):
        return np.array([1.0, 0.0, 0.0])
    return np.array([0.299, 0.587, 0.114])


@cache
def _bounds(space: str) -> FloatArray:
    """Lowest and highest coordinates, (2, 3), of the corners of sRGB."""
    corners = np.array([[r, g, b] for r in (0, 255) for g in (0, 255) for b in (0, 255)], dtype=np.uint8)
    points = from_srgb(corners, space)
    return np.stack([points.min(axis=0), points.max(axis=0)])


@cache
def _bayer() -> FloatArray:
    """Thresholds, (8, 8), between 0 and 1."""
    mask = np.zeros((1, 1))
    for _ in range(3):
        mask = np.block([[4 * mask, 4 * mask + 2], [4 * mask + 3, 4 * mask + 1]])
    thresholds: FloatArray = (mask + 0.5) / 64
    thresholds.flags.writeable = False  # as those of blue noise: compiled code for both is the same
    return thresholds
