"""The exact color histogram: a picture as weighted points, and the way back from points to pixels."""

import itertools
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.clustering.counted import MAX_EXACT_WEIGHT
from kmeans_core.images import jit_histogram
from kmeans_core.images.color_codes import codes, colors_of
from kmeans_core.images.cube_tables import count_colors, paint_pixels
from kmeans_core.images.picture import Picture
from kmeans_core.types import ByteArray

OPAQUE_SQUARE = 255**2
_ALL_COLORS = 1 << 24
# Pixels that are sorted, which takes 2 bytes each; more are counted in tables of 16 MB for each thread.
_MAX_SORTED = 1 << 22


@dataclass(frozen=True, eq=False)
class ColorHistogram:
    """The distinct colors of a picture's visible pixels, exactly: a picture as weighted points.

    Attributes
    ----------
    colors : ndarray of uint8, shape (n, 3)
        Distinct sRGB colors, ascending by red, green, blue.
    counts : ndarray of int64, shape (n,)
        Pixels of each color, 1 or more.
    alpha_squares : ndarray of int64, shape (n,), or None
        The squared alphas, 1 to 65,025, of each color's pixels, added up; None if all of them are opaque.
    seconds : float, default 0.0
        Wall time of counting.
    """

    colors: ByteArray
    counts: NDArray[np.int64]
    alpha_squares: NDArray[np.int64] | None = None
    seconds: float = 0.0

    @classmethod
    def of(cls, picture: Picture) -> "ColorHistogram":
        """Counts the colors of a picture. Hidden pixels do not count.

        Parameters
        ----------
        picture : Picture
            May have no visible pixel; the histogram is empty then.

        Returns
        -------
        ColorHistogram

        Notes
        -----
        In threads, on all cores. Up to 4,194,304 pixels are sorted into buckets, which takes 2 bytes each;
        more are counted in a table of 16 MB for each thread.
        """
        clock = perf_counter()
        pixels, visible, _ = flatten_picture(picture)
        colors, counts = (
            count_colors(pixels, visible) if len(pixels) > _MAX_SORTED else _by_buckets(pixels, visible)
        )
        counted = cls(colors, counts)
        squares = counted._squares(picture) if picture.is_partly_transparent else None
        return cls(colors, counts, squares, perf_counter() - clock)

    def _squares(self, picture: Picture) -> NDArray[np.int64]:
        squares = np.zeros(len(self.colors), dtype=np.int64)
        jit_histogram.add_squares(*flatten_picture(picture)[::2], self.positions(), squares)
        return squares

    @property
    def weights(self) -> NDArray[np.int64]:
        """What each color weighs in a fit, (n,): its pixels, partly transparent ones by the square of alpha.

        A pixel's color shows by its alpha, and so does an error in it, on any background; what is squared is
        that error. These are whole numbers, 1 or more, so that sums are exact: `opaque_weight` for a pixel.
        """
        if self.alpha_squares is None:
            return self.counts
        scaled = np.rint(self.alpha_squares * (self.opaque_weight / OPAQUE_SQUARE))
        weights: NDArray[np.int64] = np.maximum(scaled, 1).astype(np.int64)
        return weights

    @property
    def opaque_weight(self) -> int:
        """What an opaque pixel weighs: 1, or with partly transparent ones, as much as exact sums allow."""
        if self.alpha_squares is None:
            return 1
        return min(OPAQUE_SQUARE, MAX_EXACT_WEIGHT // (2 * self.n_pixels))

    @property
    def n_pixels(self) -> int:
        """Number of visible pixels."""
        return int(self.counts.sum())

    def merged_with(self, other: "ColorHistogram") -> "ColorHistogram":
        """The histogram of both pictures together.

        Parameters
        ----------
        other : ColorHistogram

        Returns
        -------
        ColorHistogram
        """
        known, places = np.unique(
            np.concatenate([codes(self.colors), codes(other.colors)]), return_inverse=True
        )

        def summed(one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.int64]:
            sums = np.zeros(len(known), dtype=np.int64)
            np.add.at(sums, places, np.concatenate([one, two]))
            return sums

        squares = None
        if self.alpha_squares is not None or other.alpha_squares is not None:
            squares = summed(
                *(
                    one.counts * OPAQUE_SQUARE if one.alpha_squares is None else one.alpha_squares
                    for one in (self, other)
                )
            )
        seconds = self.seconds + other.seconds
        return ColorHistogram(colors_of(known), summed(self.counts, other.counts), squares, seconds)

    def count_others(self, colors: ByteArray) -> int:
        """How many of its colors are not among others.

        Parameters
        ----------
        colors : ndarray of uint8, shape (m, 3)
            Distinct.

        Returns
        -------
        int
            0 to n.
        """
        if not len(colors):
            return len(self.colors)
        mine, theirs = codes(self.colors), codes(colors)  # mine ascend
        places = np.minimum(np.searchsorted(mine, theirs), len(mine) - 1)
        return len(mine) - int(np.count_nonzero(mine[places] == theirs))

    def positions(self) -> NDArray[np.int32]:
        """The position in `colors` for each 24-bit code.

        Returns
        -------
        ndarray of int32, shape (2**24,)
            0 for colors that are not in the histogram.
        """
        table = np.zeros(_ALL_COLORS, dtype=np.int32)  # only pages that hold a color are ever touched
        table[codes(self.colors)] = np.arange(len(self.colors))
        return table

    def paint(self, picture: Picture, values: ByteArray, hidden: int = 0) -> ByteArray:
        """One value per color, spread over the picture's pixels.

        Parameters
        ----------
        picture : Picture
            The one that was counted: a visible color that is not in the histogram gets an arbitrary value.
        values : ndarray of uint8, shape (n,)
            In the order of `colors`, such as palette indices.
        hidden : int, default 0
            The value of hidden pixels, 0 to 255.

        Returns
        -------
        ndarray of uint8, shape (height, width)
        """
        pixels, _, _ = flatten_picture(picture)
        return _with_hidden(paint_pixels(pixels, self.colors, values), picture, hidden)


def paint_codes(table: NDArray[np.uint8], picture: Picture, hidden: int) -> ByteArray:
    """A table's value for the color of each pixel.

    Parameters
    ----------
    table : ndarray of uint8, shape (2**24,)
        By `color_codes.codes()`.
    picture : Picture
    hidden : int
        The value of hidden pixels, 0 to 255.

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    pixels, _, _ = flatten_picture(picture)
    out = np.empty(len(pixels), dtype=np.uint8)
    threads.map_threaded(
        lambda limits: jit_histogram.paint(pixels, table, *limits, out),
        threads.split_range(len(pixels), threads.usable_cores()),
    )
    return _with_hidden(out, picture, hidden)


def _with_hidden(values: ByteArray, picture: Picture, hidden: int) -> ByteArray:
    image = values.reshape(picture.height, picture.width)
    if picture.visible is not None:
        image[~picture.visible] = hidden
    return image


def flatten_picture(picture: Picture) -> tuple[ByteArray, NDArray[np.bool_], ByteArray]:
    """All pixels in one row, which of them are visible, and how much.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    pixels : ndarray of uint8, shape (h·w, 3)
        Read-only.
    visible : ndarray of bool, shape (h·w,)
        Read-only; empty if all are visible.
    alpha : ndarray of uint8, shape (h·w,)
        Read-only; empty if all are opaque.
    """
    pixels = np.ascontiguousarray(picture.pixels).reshape(-1, 3)
    visible = np.zeros(0, dtype=bool) if picture.visible is None else picture.visible.reshape(-1)
    alpha = np.zeros(0, dtype=np.uint8) if picture.alpha is None else picture.alpha.reshape(-1)
    # For writable arrays, Numba would compile the same code again.
    pixels.flags.writeable = visible.flags.writeable = alpha.flags.writeable = False
    return pixels, visible, alpha


def _by_buckets(pixels: ByteArray, visible: NDArray[np.bool_]) -> tuple[ByteArray, NDArray[np.int64]]:
    ranges = threads.split_range(len(pixels), threads.usable_cores())
    sizes = np.zeros((len(ranges), jit_histogram.BUCKETS), dtype=np.int64)
    numbered = list(enumerate(ranges))
    threads.map_threaded(
        lambda one: jit_histogram.count_buckets(pixels, visible, *one[1], sizes[one[0]]), numbered
    )
    # A bucket holds the pixels of the first part, then those of the second, and so on.
    ends = np.cumsum(sizes.T).reshape(sizes.shape[::-1]).T
    places = np.ascontiguousarray(ends - sizes)
    bounds = np.append(places[0], sizes.sum())
    lows = np.empty(bounds[-1], dtype=np.uint16)
    threads.map_threaded(
        lambda one: jit_histogram.fill_buckets(pixels, visible, *one[1], places[one[0]], lows), numbered
    )

    def count(limits: tuple[int, int]) -> tuple[ByteArray, NDArray[np.int64]]:
        first, last = limits
        max_colors = int(np.minimum(np.diff(bounds[first : last + 1]), 4096).sum())
        colors, counts = np.empty((max_colors, 3), dtype=np.uint8), np.empty(max_colors, dtype=np.int64)
        n_colors = jit_histogram.count_in_buckets(lows, bounds, first, last, colors, counts)
        return colors[:n_colors], counts[:n_colors]

    # Buckets with about as many pixels for each thread.
    targets = [round(len(lows) * index / len(ranges)) for index in range(1, len(ranges))]
    cuts = [0, *(int(cut) for cut in np.searchsorted(bounds, targets)), jit_histogram.BUCKETS]
    counted = threads.map_threaded(count, list(itertools.pairwise(cuts)))
    return np.concatenate([colors for colors, _ in counted]), np.concatenate(
        [counts for _, counts in counted]
    )


class CountTable:
    """How often each of all colors occurs, in 80 MB: quicker than `ColorHistogram.of()` for many pixels.
    Holds 4,294,967,295 of each color."""

    def __init__(self) -> None:
        self._low = np.zeros(_ALL_COLORS, dtype=np.uint8)
        self._high = np.zeros(_ALL_COLORS, dtype=np.uint32)
        self.n_pixels = 0

    def add(self, pixels: ByteArray, visible: NDArray[np.bool_]) -> None:
        """Adds pixels, as of `flatten_picture()`."""
        jit_histogram.count_codes(pixels, visible, self._low, self._high)
        self.n_pixels += len(pixels)

    def counted(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The codes of all colors that occur, ascending, and how often."""
        most = min(self.n_pixels, _ALL_COLORS)
        used, counts = np.empty(most, np.uint32), np.empty(most, np.int64)
        n_used = jit_histogram.take_codes(self._low, self._high, used, counts)
        return used[:n_used].copy(), counts[:n_used].copy()
