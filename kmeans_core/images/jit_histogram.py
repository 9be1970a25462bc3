"""Counting the colors of pixels and painting them, compiled by Numba; `histogram.py` spreads it over threads.

Up to some 4 megapixels, pixels are sorted by the upper half of their 24-bit code into 4,096 buckets that keep
the lower half, and each bucket is counted in a table that fits the first-level cache: the raccoon takes 3.5
ms on two cores, NumPy's `unique` 33. For more pixels there is `jit_cubes.py`, and for those of many pictures
a table of all codes.
"""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled

BUCKETS = 4096
_BLOCK_BITS = 4


@compiled
def count_buckets(
    pixels: NDArray[np.uint8], visible: NDArray[np.bool_], start: int, stop: int, counts: NDArray[np.int64]
) -> None:
    """Adds the pixels `start` to `stop` to the counts of their buckets, (4096,).

    pixels: (n, 3). visible: (n,) which of them count, or empty if all do.
    """
    if len(visible):
        for i in range(start, stop):
            counts[(np.int64(pixels[i, 0]) << 4) | (pixels[i, 1] >> 4)] += visible[i]
        return
    for i in range(start, stop):
        counts[(np.int64(pixels[i, 0]) << 4) | (pixels[i, 1] >> 4)] += 1


@compiled
def fill_buckets(
    pixels: NDArray[np.uint8],
    visible: NDArray[np.bool_],
    start: int,
    stop: int,
    places: NDArray[np.int64],
    lows: NDArray[np.uint16],
) -> None:
    """Writes the lower 12 bits of each pixel to the next place of its bucket."""
    all_visible = len(visible) == 0
    for i in range(start, stop):
        if all_visible or visible[i]:
            bucket = (np.int64(pixels[i, 0]) << 4) | (pixels[i, 1] >> 4)
            lows[places[bucket]] = ((pixels[i, 1] & 15) << 8) | pixels[i, 2]
            places[bucket] += 1


@compiled
def count_in_buckets(
    lows: NDArray[np.uint16],
    bounds: NDArray[np.int64],
    first: int,
    last: int,
    colors: NDArray[np.uint8],
    counts: NDArray[np.int64],
) -> int:
    """Distinct colors of some buckets, ascending, into `colors`, (m, 3), with their `counts`, (m,).

    Returns how many. bounds: (4097,) where each bucket begins in `lows`.
    """
    table = np.zeros(4096, dtype=np.uint32)
    used = np.zeros(4096 >> _BLOCK_BITS, dtype=np.bool_)  # which blocks of it are used, for most are not
    n_colors = 0
    for bucket in range(first, last):
        if bounds[bucket] == bounds[bucket + 1]:
            continue
        for i in range(bounds[bucket], bounds[bucket + 1]):
            table[lows[i]] += np.uint32(1)
            used[lows[i] >> _BLOCK_BITS] = True
        for block in range(len(used)):
            if not used[block]:
                continue
            for low in range(block << _BLOCK_BITS, (block + 1) << _BLOCK_BITS):
                if table[low]:
                    colors[n_colors, 0] = bucket >> 4
                    colors[n_colors, 1] = ((bucket & 15) << 4) | (low >> 8)
                    colors[n_colors, 2] = low & 255
                    counts[n_colors] = table[low]
                    n_colors += 1
                    table[low] = 0
            used[block] = False
    return n_colors


@compiled
def count_codes(
    pixels: NDArray[np.uint8],
    visible: NDArray[np.bool_],
    low: NDArray[np.uint8],
    high: NDArray[np.uint32],
) -> None:
    """Adds pixels to two tables of all 2²⁴ codes: the last byte of each count, and the rest in steps of 256.

    Most of what is touched are last bytes, 16 MB, which stay in a large cache: 1.85 ns a pixel instead of
    2.35 with one table of 32 bits.
    """
    all_visible = len(visible) == 0
    for i in range(pixels.shape[0]):
        if all_visible or visible[i]:
            code = (np.int64(pixels[i, 0]) << 16) | (np.int64(pixels[i, 1]) << 8) | pixels[i, 2]
            last = np.uint8(low[code] + np.uint8(1))
            low[code] = last
            if last == 0:
                high[code] += np.uint32(256)


@compiled
def take_codes(
    low: NDArray[np.uint8], high: NDArray[np.uint32], codes: NDArray[np.uint32], counts: NDArray[np.int64]
) -> int:
    """Codes that two tables have counted, ascending, into `codes`, (m,), with their `counts`, (m,).

    Returns how many.
    """
    n_codes = 0
    for block in range(0, len(low), 16):  # most are empty
        used = np.uint32(0)
        for code in range(block, block + 16):
            used |= low[code] | high[code]
        if used:
            for code in range(block, block + 16):
                count = np.int64(low[code]) + np.int64(high[code])
                if count:
                    codes[n_codes] = code
                    counts[n_codes] = count
                    n_codes += 1
    return n_codes


@compiled
def add_squares(
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    positions: NDArray[np.int32],
    squares: NDArray[np.int64],
) -> None:
    """Adds the squared alpha of each pixel that has one to its color's place in `squares`, (n,).

    positions: (2**24,) the place of each code.
    """
    for i in range(pixels.shape[0]):
        if alpha[i]:
            code = (np.int64(pixels[i, 0]) << 16) | (np.int64(pixels[i, 1]) << 8) | pixels[i, 2]
            squares[positions[code]] += np.int64(alpha[i]) * np.int64(alpha[i])


@compiled
def paint(
    pixels: NDArray[np.uint8], table: NDArray[np.uint8], start: int, stop: int, out: NDArray[np.uint8]
) -> None:
    """The table's value for the code of each pixel `start` to `stop`, into `out`, (n,)."""
    for i in range(start, stop):
        out[i] = table[(np.int64(pixels[i, 0]) << 16) | (np.int64(pixels[i, 1]) << 8) | pixels[i, 2]]


@compiled
def paint_and_measure(
    pixels: NDArray[np.uint8],
    visible: NDArray[np.bool_],
    table: NDArray[np.uint8],
    palette: NDArray[np.uint8],
    hidden: np.uint8,
    out: NDArray[np.uint8],
    seen: NDArray[np.uint64],
) -> int:
    """The table's value for the code of each pixel, into `out`, (n,), and a bit in `seen`, (2**18,), for each
    code that occurs.

    Returns the squared error of all visible pixels, summed over the channels. pixels: (n, 3). visible: (n,)
    or empty if all are. palette: (k, 3), what values stand for. hidden: the value of hidden pixels.
    """
    all_visible = len(visible) == 0
    total = np.int64(0)
    for i in range(pixels.shape[0]):
        if not (all_visible or visible[i]):
            out[i] = hidden
            continue
        red, green, blue = np.int64(pixels[i, 0]), np.int64(pixels[i, 1]), np.int64(pixels[i, 2])
        code = (red << 16) | (green << 8) | blue
        value = table[code]
        out[i] = value
        seen[code >> 6] |= np.uint64(1) << np.uint64(code & 63)
        red -= palette[value, 0]
        green -= palette[value, 1]
        blue -= palette[value, 2]
        total += red * red + green * green + blue * blue
    return int(total)


@compiled
def squared_error(
    colors: NDArray[np.uint8],
    weights: NDArray[np.int64],
    palette: NDArray[np.uint8],
    labels: NDArray[np.uint8],
) -> int:
    """Squared error of all pixels, summed over the channels.

    colors: (n, 3). weights: (n,) pixels of each, or their squared alphas. palette: (k, 3). labels: (n,),
    which of it replaces each.
    """
    total = np.int64(0)
    for i in range(colors.shape[0]):
        label = labels[i]
        square = np.int64(0)
        for channel in range(3):
            difference = np.int64(colors[i, channel]) - np.int64(palette[label, channel])
            square += difference * difference
        total += weights[i] * square
    return int(total)


@compiled
def squared_error_of_pixels(
    pixels: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    palette: NDArray[np.uint8],
    indices: NDArray[np.uint8],
) -> tuple[int, int]:
    """The same over pixels, (n, 3), each replaced by the color that its index, (n,), names, and weighted by
    its squared alpha; and how many there are.

    alpha: (n,) or empty if all are opaque. Hidden pixels do not count.
    """
    all_opaque = len(alpha) == 0
    total, count = np.int64(0), 0
    for i in range(pixels.shape[0]):
        opacity = np.int64(255) if all_opaque else np.int64(alpha[i])
        if opacity:
            count += 1
            square = np.int64(0)
            for channel in range(3):
                difference = np.int64(pixels[i, channel]) - np.int64(palette[indices[i], channel])
                square += difference * difference
            total += opacity * opacity * square
    return int(total), count
