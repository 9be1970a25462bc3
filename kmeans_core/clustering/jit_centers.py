"""Centers from one iteration to the next, compiled by Numba: how far they have moved, and what they cost."""

import numpy as np

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import FloatArray

# The square root of what 64 bits take for 0, at most.
_VANISHING = 1e-160


@compiled
def moves(before: FloatArray, after: FloatArray, shifts: FloatArray) -> float:
    """Distances between centers before and after, both (k, d), into `shifts`, (k,). Returns the largest. They
    are 0 only where nothing has moved, even if squares vanish.
    """
    farthest = 0.0
    for c in range(before.shape[0]):
        square, is_same = 0.0, True
        for dim in range(before.shape[1]):
            square += (after[c, dim] - before[c, dim]) ** 2
            is_same &= after[c, dim] == before[c, dim]
        shifts[c] = np.sqrt(square) if square > 0.0 or is_same else _VANISHING
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
