"""Centers from one iteration to the next, compiled by Numba: how far they have moved, and what they cost."""

import numpy as np

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import FloatArray


@compiled
def moves(before: FloatArray, after: FloatArray, shifts: FloatArray) -> float:
    """Distances between centers before and after, both (k, d), into `moved`, (k,). Returns the largest."""
    farthest = 0.0
    for c in range(before.shape[0]):
        square = 0.0
        for dim in range(before.shape[1]):
            square += (after[c, dim] - before[c, dim]) ** 2
        shifts[c] = np.sqrt(square)
        farthest = max(farthest, shifts[c])
    return farthest


@compiled
def inertia_from_sums(sums: FloatArray, centers: FloatArray) -> float:
    """Weighted sum of squared distances of all points to their centers, (k, 3), from `sums`, (k, 5).

    Squares are taken about the levels nearest to each center: those are whole numbers, and so are the sums,
    so that nothing is lost to cancellation.
    """
    inertia = 0.0
    for c in range(centers.shape[0]):
        weight, squares = sums[c, 0], sums[c, 4]
        for dim in range(3):
            level = min(max(np.rint(centers[c, dim]), 0.0), 255.0)
            rest = centers[c, dim] - level
            total = sums[c, 1 + dim]
            squares += weight * level * level - 2.0 * level * total
            inertia += rest * (weight * rest - 2.0 * (total - weight * level))
        inertia += squares
    return inertia
