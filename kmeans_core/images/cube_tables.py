"""The colors of large pictures, counted in tables on all cores; `jit_cubes.py` says how they are laid out."""

import sys

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.images import jit_cubes
from kmeans_core.types import ByteArray

# A table of 16 MB is worth a thread for so many pixels.
_PIXELS_PER_TABLE = 1 << 22
# Parts of the red levels, for each thread, because colors are not spread evenly over them.
_PARTS = 4


def count_colors(pixels: ByteArray, visible: NDArray[np.bool_]) -> tuple[ByteArray, NDArray[np.int64]]:
    """The distinct colors of some pixels, ascending by red, green, blue, and how often each occurs.

    Parameters
    ----------
    pixels, visible : ndarray of uint8, shape (n, 3); ndarray of bool, shape (n,)
        As of `flatten_picture()`.

    Returns
    -------
    colors : ndarray of uint8, shape (m, 3)
    counts : ndarray of int64, shape (m,)
    """
    n_wanted = -(-len(pixels) // _PIXELS_PER_TABLE)
    n_threads = min(threads.usable_cores(), n_wanted, jit_cubes.MAX_TABLES)
    ranges = threads.split_range(len(pixels), n_threads)
    tables = np.zeros((len(ranges), jit_cubes.N_COLORS), dtype=np.uint8)

    def count(number: int) -> NDArray[np.uint32]:
        start, stop = ranges[number]
        full = np.empty((stop - start) // 255 + 1, dtype=np.uint32)
        return full[: jit_cubes.count(pixels, visible, start, stop, tables[number], full)]

    full = np.sort(np.concatenate(threads.map_threaded(count, range(len(ranges)))))
    words = tables.view(np.uint32) if sys.byteorder == "little" else tables.view(np.uint32).byteswap()

    def take(reds: tuple[int, int]) -> tuple[ByteArray, NDArray[np.int64]]:
        # Pages of these that get no color are never touched.
        most = min(len(pixels), (reds[1] - reds[0]) << 18) + 1
        colors, counts = np.empty((most, 3), dtype=np.uint8), np.empty(most, dtype=np.int64)
        n_colors = jit_cubes.take(words, full, *reds, colors, counts)
        return colors[:n_colors], counts[:n_colors]

    found = threads.map_threaded(take, threads.split_range(64, n_threads * _PARTS))
    return np.concatenate([colors for colors, _ in found]), np.concatenate([counts for _, counts in found])


def paint_pixels(pixels: ByteArray, colors: ByteArray, values: ByteArray) -> ByteArray:
    """The value of the color of each pixel.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (n, 3)
        Read-only. A color that is not among `colors` gets an arbitrary value.
    colors, values : ndarray of uint8, shape (m, 3), (m,)

    Returns
    -------
    ndarray of uint8, shape (n,)
    """
    # Only the pages of this table that hold colors are ever touched.
    table = np.empty(jit_cubes.N_COLORS, dtype=np.uint8)
    table[jit_cubes.places(colors)] = values
    out = np.empty(len(pixels), dtype=np.uint8)
    threads.map_threaded(
        lambda limits: jit_cubes.paint(pixels, table, *limits, out),
        threads.split_range(len(pixels), threads.usable_cores()),
    )
    return out
