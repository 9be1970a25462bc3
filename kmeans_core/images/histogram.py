"""The exact color histogram: a picture as weighted points, and the way back from points to pixels."""

import itertools
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.images import jit_histogram
from kmeans_core.images.color_codes import codes, colors_of
from kmeans_core.images.picture import ByteArray, Picture

_ALL_COLORS = 1 << 24
# Pixels that are sorted, which takes 2 bytes each; more are counted in one table of 64 MB.
_MAX_SORTED = 1 << 25


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
        pixels, shown = flat(picture)
        colors, counts = _by_table(pixels, shown) if len(pixels) > _MAX_SORTED else _by_buckets(pixels, shown)
        return cls(colors, counts, perf_counter() - clock)

    @property
    def n_pixels(self) -> int:
        """Number of visible pixels."""
        return int(self.counts.sum())

    def without(self, colors: ByteArray) -> int:
        """How many of its colors are none of these, (m, 3)."""
        return len(self.colors) - int(np.isin(codes(colors), codes(self.colors)).sum())

    def positions(self) -> NDArray[np.int32]:
        """Where in `colors` a color is, by its 24-bit code, (2²⁴,); 0 for those that are not there."""
        table = np.zeros(_ALL_COLORS, dtype=np.int32)  # only pages that hold a color are ever touched
        table[codes(self.colors)] = np.arange(len(self.colors))
        return table

    def map_back(self, picture: Picture, values: ByteArray, hidden: int = 0) -> ByteArray:
        """One value a color, (n,) uint8, spread over the picture's pixels: (height, width) uint8.

        hidden: the value of pixels that are not shown.
        """
        # Only the pages of this table that hold the picture's colors are ever touched.
        table = np.empty(_ALL_COLORS, dtype=np.uint8)
        table[codes(self.colors)] = values
        pixels, _ = flat(picture)
        out = np.empty(len(pixels), dtype=np.uint8)
        threads.each(
            lambda limits: jit_histogram.paint(pixels, table, *limits, out),
            threads.ranges(len(pixels), threads.usable_cores()),
        )
        spread = out.reshape(picture.height, picture.width)
        if picture.visible is not None:
            spread[~picture.visible] = hidden
        return spread


def flat(picture: Picture) -> tuple[ByteArray, NDArray[np.bool_]]:
    """All pixels, (n, 3), and which of them are shown, (n,), or nothing if all are."""
    pixels = np.ascontiguousarray(picture.pixels).reshape(-1, 3)
    shown = np.zeros(0, dtype=bool) if picture.visible is None else picture.visible.reshape(-1)
    # For arrays that can be written to, the same code would be compiled once more.
    pixels.flags.writeable = shown.flags.writeable = False
    return pixels, shown


def _by_buckets(pixels: ByteArray, shown: NDArray[np.bool_]) -> tuple[ByteArray, NDArray[np.int64]]:
    parts = threads.ranges(len(pixels), threads.usable_cores())
    sizes = np.zeros((len(parts), jit_histogram.BUCKETS), dtype=np.int64)
    numbered = list(enumerate(parts))
    threads.each(lambda one: jit_histogram.count_buckets(pixels, shown, *one[1], sizes[one[0]]), numbered)
    # A bucket holds the pixels of the first part, then those of the second, and so on.
    ends = np.cumsum(sizes.T).reshape(sizes.shape[::-1]).T
    places = np.ascontiguousarray(ends - sizes)
    bounds = np.append(places[0], sizes.sum())
    lows = np.empty(bounds[-1], dtype=np.uint16)
    threads.each(
        lambda one: jit_histogram.fill_buckets(pixels, shown, *one[1], places[one[0]], lows), numbered
    )

    def count(limits: tuple[int, int]) -> tuple[ByteArray, NDArray[np.int64]]:
        first, last = limits
        most = int(np.minimum(np.diff(bounds[first : last + 1]), 4096).sum())
        colors, counts = np.empty((most, 3), dtype=np.uint8), np.empty(most, dtype=np.int64)
        found = jit_histogram.count_in_buckets(lows, bounds, first, last, colors, counts)
        return colors[:found], counts[:found]

    # Buckets with about as many pixels for each thread.
    shares = [round(len(lows) * part / len(parts)) for part in range(1, len(parts))]
    cuts = [0, *(int(cut) for cut in np.searchsorted(bounds, shares)), jit_histogram.BUCKETS]
    found = threads.each(count, list(itertools.pairwise(cuts)))
    return np.concatenate([colors for colors, _ in found]), np.concatenate([counts for _, counts in found])


def _by_table(pixels: ByteArray, shown: NDArray[np.bool_]) -> tuple[ByteArray, NDArray[np.int64]]:
    table = np.zeros(_ALL_COLORS, dtype=np.uint32)
    jit_histogram.count_codes(pixels, shown, table)
    found = np.flatnonzero(table)
    return colors_of(found), table[found].astype(np.int64)
