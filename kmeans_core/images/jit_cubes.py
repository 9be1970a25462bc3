"""Tables of all 2²⁴ colors in which near colors are near: counting and painting large pictures with Numba.

Most of the time goes into waiting for memory. The colors of neighboring pixels differ a little in all three
channels, so 4×4×4 colors stand together, 64 bytes, which is what a processor fetches at once: 24 megapixels
were counted in four fifths, and painted in three quarters, of the time that tables in the order of 24-bit
codes took. Nearness at larger scales too, by alternating all bits of the channels, brought nothing more.
"""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import ByteArray

N_COLORS = 1 << 24
_LEVELS = np.arange(256, dtype=np.uint32)
# A color's place in a table is these three together.
_RED = ((_LEVELS >> 2) << 18) | ((_LEVELS & 3) << 4)
_GREEN = ((_LEVELS >> 2) << 12) | ((_LEVELS & 3) << 2)
_BLUE = ((_LEVELS >> 2) << 6) | (_LEVELS & 3)
_EVERY_OTHER = np.uint32(0x00FF00FF)
MAX_TABLES = 256


def places(colors: ByteArray) -> NDArray[np.uint32]:
    """The place of each of some colors, (n, 3), in a table."""
    found = _RED[colors[:, 0]] | _GREEN[colors[:, 1]] | _BLUE[colors[:, 2]]
    return found.astype(np.uint32, copy=False)


@compiled
def count(
    pixels: NDArray[np.uint8],
    visible: NDArray[np.bool_],
    start: int,
    stop: int,
    table: NDArray[np.uint8],
    full: NDArray[np.uint32],
) -> int:
    """Adds the pixels `start` to `stop`, of (n, 3), to a table of counts, (2**24,), which go from 1 to 255.

    visible: (n,) which of them count, or empty if all do. full: (m,) gets the code of a color each time when
    its count would be 256; it is 1 again then. Returns how many codes that are.
    """
    all_visible = len(visible) == 0
    n_full = 0
    for i in range(start, stop):
        if all_visible or visible[i]:
            red, green, blue = pixels[i, 0], pixels[i, 1], pixels[i, 2]
            place = _RED[red] | _GREEN[green] | _BLUE[blue]
            one_more = np.uint8(table[place] + np.uint8(1))
            if one_more == 0:
                full[n_full] = (np.uint32(red) << 16) | (np.uint32(green) << 8) | blue
                n_full += 1
                one_more = np.uint8(1)
            table[place] = one_more
    return n_full


@compiled
def take(
    tables: NDArray[np.uint32],
    full: NDArray[np.uint32],
    first: int,
    last: int,
    colors: NDArray[np.uint8],
    counts: NDArray[np.int64],
) -> int:
    """The colors with red levels from 4·`first` to 4·`last`, ascending, into `colors`, (m + 1, 3), with their
    `counts`, (m + 1,).

    tables: (t, 2**22) of four counts each, at most 256, of which the sums are meant. full: (f,) as of
    `count()`, ascending. Returns how many colors there are.
    """
    n_colors, next_full = 0, np.searchsorted(full, np.uint32(first << 18))
    # Of these four levels: cubes that are used, most are not, and where those of each four green levels end.
    used, ends = np.empty(4096, dtype=np.int64), np.zeros(65, dtype=np.int64)
    for reds in range(first, last):
        n_used = 0
        for cube in range(4096):
            place = (reds << 16) | (cube << 4)
            together = np.uint32(0)
            for table in range(tables.shape[0]):
                for word in range(place, place + 16):
                    together |= tables[table, word]
            used[n_used] = cube
            n_used += together != 0
            ends[(cube >> 6) + 1] = n_used
        for row in range(4 * 256):
            red, green = (reds << 2) | (row >> 8), row & 255
            for index in range(ends[green >> 2], ends[(green >> 2) + 1]):
                cube = used[index]
                quad = cube & 63
                place = (reds << 16) | (cube << 4) | ((red & 3) << 2) | (green & 3)
                # Counts are added two at a time, each in a half of 32 bits.
                even, odd = np.uint32(0), np.uint32(0)
                for table in range(tables.shape[0]):
                    even += tables[table, place] & _EVERY_OTHER
                    odd += (tables[table, place] >> np.uint32(8)) & _EVERY_OTHER
                if even | odd == 0:
                    continue
                for rest in range(4):
                    two = odd if rest & 1 else even
                    total = np.int64(two >> np.uint32(16) if rest & 2 else two & np.uint32(0xFFFF))
                    code = np.uint32((red << 16) | (green << 8) | (quad << 2) | rest)
                    while next_full < len(full) and full[next_full] == code:
                        total += 255
                        next_full += 1
                    colors[n_colors, 0], colors[n_colors, 1] = red, green
                    colors[n_colors, 2] = (quad << 2) | rest
                    counts[n_colors] = total
                    n_colors += total != 0  # else the next one takes its place
    return n_colors


@compiled
def paint(
    pixels: NDArray[np.uint8], table: NDArray[np.uint8], start: int, stop: int, out: NDArray[np.uint8]
) -> None:
    """The table's value for the color of each pixel `start` to `stop`, of (n, 3), into `out`, (n,)."""
    for i in range(start, stop):
        out[i] = table[_RED[pixels[i, 0]] | _GREEN[pixels[i, 1]] | _BLUE[pixels[i, 2]]]
