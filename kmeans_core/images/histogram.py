"""The exact color histogram: a picture as weighted points, and the way back from points to pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from kmeans_core.images.picture import ByteArray, Picture

_ALL_COLORS = 1 << 24
# Pixels are taken a million at a time, so that a large picture needs little memory beyond its own.
_CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class ColorHistogram:
    """The distinct colors of a picture's visible pixels, exactly.

    colors: (n, 3) uint8, ascending by red, green, blue. counts: (n,) int64, pixels of each color.
    seconds: wall time of counting.
    """

    colors: ByteArray
    counts: NDArray[np.int64]
    seconds: float = 0.0

    @classmethod
    def of(cls, picture: Picture) -> "ColorHistogram":
        """Counts the colors of a picture. Pixels that are not shown do not count."""
        clock = perf_counter()
        parts = [np.unique(codes, return_counts=True) for codes, _ in _chunks(picture, visible_only=True)]
        if len(parts) == 1:
            codes, counts = parts[0]
        else:
            table = np.zeros(_ALL_COLORS, dtype=np.int64)
            for part, part_counts in parts:
                table[part] += part_counts
            codes = np.flatnonzero(table).astype(np.uint32)
            counts = table[codes]
        colors = np.stack([codes >> 16, (codes >> 8) & 255, codes & 255], axis=1).astype(np.uint8)
        return cls(colors, counts.astype(np.int64), perf_counter() - clock)

    @property
    def n_pixels(self) -> int:
        """Number of visible pixels."""
        return int(self.counts.sum())

    def map_back(self, picture: Picture, values: ByteArray, hidden: int = 0) -> ByteArray:
        """One value a color, (n,) uint8, spread over the picture's pixels: (height, width) uint8.

        hidden: the value of pixels that are not shown.
        """
        # Only the pages of this table that hold the picture's colors are ever touched.
        table = np.empty(_ALL_COLORS, dtype=np.uint8)
        table[_codes(self.colors)] = values
        out = np.empty(picture.height * picture.width, dtype=np.uint8)
        for codes, start in _chunks(picture, visible_only=False):
            out[start : start + len(codes)] = table[codes]
        spread = out.reshape(picture.height, picture.width)
        if picture.visible is not None:
            spread[~picture.visible] = hidden
        return spread


def _chunks(picture: Picture, *, visible_only: bool) -> Iterator[tuple[NDArray[np.uint32], int]]:
    """Runs of pixels as 24-bit codes, with the index of the first pixel; at least one run."""
    flat = picture.pixels.reshape(-1, 3)
    shown = None if picture.visible is None or not visible_only else picture.visible.reshape(-1)
    for start in range(0, len(flat), _CHUNK):
        run = flat[start : start + _CHUNK]
        yield _codes(run if shown is None else run[shown[start : start + _CHUNK]]), start


def _codes(colors: ByteArray) -> NDArray[np.uint32]:
    """(m, 3) colors as red·2¹⁶ + green·2⁸ + blue."""
    codes = colors[:, 0].astype(np.uint32)
    codes <<= 8
    codes |= colors[:, 1]
    codes <<= 8
    codes |= colors[:, 2]
    return codes
