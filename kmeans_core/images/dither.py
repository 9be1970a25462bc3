"""Dithering: pixels of a few colors, mixed so that from afar they look like more.

| method | source |
|---|---|
| floyd-steinberg | Floyd and Steinberg, *An adaptive algorithm for spatial grey scale*, Proc. SID 17 (1976) |
| atkinson | by Atkinson for the Macintosh, 1984; passes on three quarters of the error: crisper, less true |
| bayer | Bayer, *An optimum method for two-level rendition of continuous-tone pictures*, ICC 1973; 8 by 8 |
| blue-noise | as `blue_noise.py`: ordered too, but without a pattern |

The first two pass the error of a pixel on to its neighbors, one pixel after the other, every other row from
right to left. For the others, 16 colors of the palette are found that together come near a pixel's, each
making up for what the ones before it left amiss, and a threshold picks one, from dark to light (Knoll's
pattern dithering, US patent 6606166, 1999, expired). There a pixel's color depends on no other, so that areas
that do not change stay the same in a series.

Colors are compared, and errors added up, in the space of the clustering.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.errors import OptionError
from kmeans_core.images.blue_noise import blue_noise
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.histogram import ColorHistogram, flat
from kmeans_core.images.jit_dither import MARGIN, MIXED, SortedPalette, diffuse, mix, pick
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.types import FloatArray

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

# Rows that are turned into points at a time.
_ROWS = 64
_PARTS = 256


def dither(
    picture: Picture,
    palette: ByteArray,
    method: str,
    *,
    strength: float = 1.0,
    space: str = "srgb",
    histogram: ColorHistogram | None = None,
) -> ByteArray:
    """An index into the palette, (k, 3) uint8 with at most 256 colors, for each pixel: (height, width) uint8.

    method: one of `DITHERS` but "none". strength: 0, each pixel its nearest color, to 1. space: to compare
    colors in. histogram: the picture's, if it has been counted before. Pixels that are not shown have no part
    in it; their index is 0.

    Raises OptionError for an unknown method or space.
    """
    if method not in DITHERS[1:]:
        raise OptionError(f"dither={method!r} is unknown; use one of: {', '.join(DITHERS[1:])}.")
    ordered = _sorted(from_srgb(palette, space))
    out = np.zeros((picture.height, picture.width), dtype=np.uint8)
    if method in _TAPS:
        taps, bounds = np.array(_TAPS[method]), _bounds(space)
        visible, unlimited = picture.visible, np.zeros((0, 0), dtype=bool)
        errors = np.zeros((3, picture.width + 2 * MARGIN, 3))
        for start in range(0, picture.height, _ROWS):
            points = _rows(picture, start, space)
            shown = unlimited if visible is None else np.ascontiguousarray(visible[start : start + _ROWS])
            diffuse(points, shown, ordered, taps, strength, bounds, start, errors, out[start : start + _ROWS])
        return out

    # A mix depends on the color alone, and there are fewer colors than pixels.
    histogram = histogram or ColorHistogram.of(picture)
    points, light = from_srgb(histogram.colors, space), _dark_to_light(space)
    mixes = np.empty((len(points), MIXED), dtype=np.uint8)
    cores = threads.usable_cores()
    threads.each(
        lambda part: mix(points, ordered, strength, light, *part, mixes), threads.ranges(len(points), cores)
    )
    mask = _bayer() if method == "bayer" else blue_noise()
    pixels, shown = flat(picture)
    positions = histogram.positions()
    threads.each(
        lambda part: pick(pixels, shown, positions, mixes, mask, *part, out),
        threads.ranges(picture.height, cores),
    )
    return out


def _rows(picture: Picture, start: int, space: str) -> FloatArray:
    """Some rows as points, (rows, width, 3)."""
    pixels = picture.pixels[start : start + _ROWS]
    return from_srgb(pixels.reshape(-1, 3), space).reshape(pixels.shape)


def _sorted(colors: FloatArray) -> SortedPalette:
    """Along the longest axis of the palette."""
    apart = colors - colors.mean(axis=0)
    axis: FloatArray = np.linalg.eigh(apart.T @ apart)[1][:, -1].copy()
    places = colors @ axis
    order: NDArray[np.intp] = np.argsort(places, kind="stable")
    places = places[order]
    low, high = places[0], places[-1]
    scale = _PARTS / (high - low) if high > low else 0.0
    edges = low + np.arange(_PARTS) * (high - low) / _PARTS
    starts = np.searchsorted(places, edges).astype(np.int64)
    return SortedPalette(
        np.ascontiguousarray(colors[order]),
        places,
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
