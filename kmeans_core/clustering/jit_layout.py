"""Colors in an order that keeps neighbors together, compiled by Numba: what `jit_blocks.py` works on."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled, compiled_in_any_order
from kmeans_core.types import FloatArray, RealArray

_MORTON_BITS = 5


class Boxes(NamedTuple):
    """Bounding boxes of blocks or groups.

    corners: (m, 6) lowest and highest of each coordinate. totals: (m, 5) weight, weighted sum of each
    coordinate and of the squared norms. label: (m,) of all of its points, `MIXED` or `UNLABELED`.
    candidates: (m, k) centers that may be nearest to one of its points, ascending. n_candidates: (m,) how
    many. valid_until: (m,) the total drift of centers up to which they hold.
    """

    corners: FloatArray
    totals: FloatArray
    label: NDArray[np.int32]
    candidates: NDArray[np.int32]
    n_candidates: NDArray[np.int32]
    valid_until: FloatArray


@compiled
def morton_order(colors: RealArray) -> NDArray[np.int64]:
    """Positions of 8-bit colors, (n, 3), by the interleaved upper five bits of their channels. Colors that
    agree in these, in a cube of eight levels, keep their order."""
    spread = np.zeros(256, dtype=np.int64)
    for value in range(256):
        for bit in range(_MORTON_BITS):
            spread[value] |= ((value >> (8 - _MORTON_BITS + bit)) & 1) << (3 * bit)
    n = colors.shape[0]
    codes = np.empty(n, dtype=np.uint16)
    starts = np.zeros((1 << (3 * _MORTON_BITS)) + 1, dtype=np.int64)
    for i in range(n):
        code = (spread[colors[i, 0]] << 2) | (spread[colors[i, 1]] << 1) | spread[colors[i, 2]]
        codes[i] = code
        starts[code + 1] += 1
    for code in range(len(starts) - 1):
        starts[code + 1] += starts[code]
    order = np.empty(n, dtype=np.int64)
    for i in range(n):
        order[starts[codes[i]]] = i
        starts[codes[i]] += 1
    return order


@compiled_in_any_order
def lay_out(
    colors: RealArray,
    weights: FloatArray,
    order: NDArray[np.int64],
    block_columns: NDArray[np.float32],
    block_weights: FloatArray,
    corners: FloatArray,
    totals: FloatArray,
) -> None:
    """Fills `block_columns`, (m, 3, size), and `block_weights`, (m, size), in that order, and the corners and
    totals of each block (see `Boxes`). The last block is padded with its last color, with weight 0.
    """
    n, size = colors.shape[0], block_columns.shape[2]
    for block in range(block_columns.shape[0]):
        for i in range(size):
            row = block * size + i
            point = order[min(row, n - 1)]
            for dim in range(3):
                block_columns[block, dim, i] = colors[point, dim]
            block_weights[block, i] = weights[point] if row < n else 0.0
        weight, squares = 0.0, 0.0
        for i in range(size):
            weight += block_weights[block, i]
        for dim in range(3):
            low, high, total = 255.0, 0.0, 0.0
            for i in range(size):
                value = float(block_columns[block, dim, i])
                low, high = min(low, value), max(high, value)
                total += block_weights[block, i] * value
                squares += block_weights[block, i] * value * value
            corners[block, dim], corners[block, 3 + dim], totals[block, 1 + dim] = low, high, total
        totals[block, 0], totals[block, 4] = weight, squares


@compiled
def coarsen(colors: RealArray, weights: FloatArray, level: int) -> FloatArray:
    """Weight and weighted sums of the coordinates, (m, 4), of each cube with this side that holds colors of
    positive weight, in the order of their first color.
    """
    side = (255 + level) // level
    places = np.full(side * side * side, -1, dtype=np.int32)
    sums = np.zeros((min(colors.shape[0], side * side * side), 4))
    n_cubes = 0
    for i in range(colors.shape[0]):
        if weights[i] == 0:
            continue
        red, green, blue = int(colors[i, 0]), int(colors[i, 1]), int(colors[i, 2])
        cube = (red // level * side + green // level) * side + blue // level
        if places[cube] < 0:
            places[cube] = n_cubes
            n_cubes += 1
        index = places[cube]
        sums[index, 0] += weights[i]
        sums[index, 1] += weights[i] * red
        sums[index, 2] += weights[i] * green
        sums[index, 3] += weights[i] * blue
    return sums[:n_cubes].copy()
