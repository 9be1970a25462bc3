"""Rows of one to three columns in blocks, compiled by Numba: the layout, and the sums of clusters."""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.clustering.jit_layout import Boxes
from kmeans_core.types import FloatArray, RealArray


@compiled
def morton_order(points: RealArray, lowest: FloatArray, steps: FloatArray, n_bits: int) -> NDArray[np.int32]:
    """Positions of rows, (n, d), by the interleaved bits of the cells that they are in. Rows of a cell keep
    their order. lowest, steps: (d,) where cells begin, and how many of them there are in a unit; n_bits: of
    their numbers. Rows beyond are in the outermost ones.
    """
    n_points, n_dims = points.shape
    last = (1 << n_bits) - 1
    spread = np.zeros(last + 1, dtype=np.int64)
    for value in range(last + 1):
        for bit in range(n_bits):
            spread[value] |= ((value >> bit) & 1) << (n_dims * bit)
    codes = np.empty(n_points, dtype=np.int32)
    starts = np.zeros((1 << (n_dims * n_bits)) + 1, dtype=np.int32)
    for i in range(n_points):
        code = 0
        for dim in range(n_dims):
            cell = (points[i, dim] - lowest[dim]) * steps[dim]
            code |= spread[int(min(max(cell, 0.0), float(last)))] << dim
        codes[i] = code
        starts[code + 1] += 1
    for code in range(len(starts) - 1):
        starts[code + 1] += starts[code]
    order = np.empty(n_points, dtype=np.int32)
    for i in range(n_points):
        order[starts[codes[i]]] = i
        starts[codes[i]] += 1
    return order


@compiled
def lay_out(
    points: RealArray,
    weights: FloatArray,
    order: NDArray[np.int32],
    columns: RealArray,
    block_weights: FloatArray,
    corners: FloatArray,
    totals: FloatArray,
) -> None:
    """Fills blocks with the rows, of (n, d), that an order names, (r,): `columns`, (m, 3, size),
    `block_weights`, (m, size), corners, (m, 6), and totals, (m, 5): weight, weighted sums of coordinates
    about the lowest corner, and of squared distances to the mean.

    weights: (n,) or empty where all are 1. Missing columns are 0. The last block is padded with its last row,
    with weight 0.
    """
    n_rows, n_dims, size = len(order), points.shape[1], columns.shape[2]
    for block in range(columns.shape[0]):
        for i in range(size):
            row = block * size + i
            point = order[min(row, n_rows - 1)]
            for dim in range(3):
                columns[block, dim, i] = points[point, dim] if dim < n_dims else 0.0
            block_weights[block, i] = 0.0 if row >= n_rows else weights[point] if len(weights) else 1.0
        weight, squares = 0.0, 0.0
        for i in range(size):
            weight += block_weights[block, i]
        for dim in range(3):
            low, high, total = np.inf, -np.inf, 0.0
            for i in range(size):
                value = float(columns[block, dim, i])
                low, high = min(low, value), max(high, value)
            for i in range(size):
                total += block_weights[block, i] * (float(columns[block, dim, i]) - low)
            mean = total / weight if weight else 0.0
            for i in range(size):
                square = (float(columns[block, dim, i]) - low - mean) ** 2
                squares += block_weights[block, i] * square if block_weights[block, i] else 0.0
            corners[block, dim], corners[block, 3 + dim], totals[block, 1 + dim] = low, high, total
        totals[block, 0], totals[block, 4] = weight, squares


@compiled
def sum_parts(
    columns: RealArray,
    weights: FloatArray,
    labels: NDArray[np.float32],
    blocks: Boxes,
    centers: FloatArray,
    bounds: NDArray[np.intp],
    sums: FloatArray,
) -> None:
    """Sums of the points of some parts, (p, k, 5): weights, weighted coordinates, and weighted squared
    distances to the centers, (k, 3), without losing digits where these are far away.

    blocks: of which those with one label need no more than their totals, as of `lay_out()`. bounds: (p + 1,)
    where the blocks of each part begin, and the last ones end.
    """
    block_labels, totals, corners = blocks.label, blocks.totals, blocks.corners
    for part in range(len(sums)):
        for block in range(bounds[part], bounds[part + 1]):
            only = block_labels[block]
            if only >= 0:
                weight = totals[block, 0]
                if weight == 0.0:
                    continue
                square = 0.0
                for dim in range(3):
                    low, total = corners[block, dim], totals[block, 1 + dim]
                    square += (low - centers[only, dim] + total / weight) ** 2
                    sums[part, only, 1 + dim] += weight * low + total
                sums[part, only, 0] += weight
                sums[part, only, 4] += totals[block, 4] + weight * square
                continue
            for i in range(columns.shape[2]):
                weight = weights[block, i]
                if weight == 0.0:
                    continue
                label = int(labels[block, i])
                square = 0.0
                sums[part, label, 0] += weight
                for dim in range(3):
                    value = float(columns[block, dim, i])
                    sums[part, label, 1 + dim] += weight * value
                    square += (value - centers[label, dim]) ** 2
                sums[part, label, 4] += weight * square
