"""k-means++ for 8-bit colors, compiled: the same centers as `seeding.py` draws, several times as soon.

Two things save the time. Counting chances, lowering distances and finding the place that was drawn happen in
one pass over the colors. And colors are taken in runs, each with the box it fills: a new center that is
farther from a box than its farthest color is from a center changes nothing there. In the order of a
histogram the boxes are thin in red and green, and after a few dozen centers most are passed over.

All sums are of whole numbers below 2⁵³, so they do not depend on how they are split, and neither do the
draws. The raccoon's 134,105 colors take 9 ms to 256 centers, where `seeding.py` takes 50 even with a
compiled kernel for the distances; greedy draws 180 instead of 410.
"""

import numpy as np

from kmeans_core.clustering import seeding
from kmeans_core.clustering.jit import compiled_in_any_order
from kmeans_core.clustering.jit_kernels import lower_closest
from kmeans_core.types import FloatArray, IndexArray, RealArray

_RUN = 128


def seed_colors(
    colors: RealArray, weights: RealArray, n_clusters: int, *, method: str, seed: int
) -> FloatArray:
    """As `seeding.seed_centers`, for colors, (n, 3) uint8, with whole weights whose sums floats hold."""
    tries = seeding.tries(method, n_clusters)
    if not tries:
        return seeding.seed_centers(
            colors, weights, n_clusters, method=method, seed=seed, lower_closest=lower_closest
        )
    numbers = np.random.default_rng(seed).random(1 + (n_clusters - 1) * tries)
    columns = np.ascontiguousarray(colors.T, dtype=np.float64)
    masses = np.require(weights, np.float64, ["C", "W"])
    return columns.T[draw(columns, masses, numbers, tries)]


@compiled_in_any_order
def draw(columns: FloatArray, weights: FloatArray, numbers: FloatArray, tries: int) -> IndexArray:
    """Indices of the points drawn, (k,).

    columns: (3, n). weights: (n,). numbers: (1 + (k - 1) · tries,) random, from 0 to 1. tries: draws for each
    center but the first; the one that lowers the error most is taken.
    """
    n_clusters = 1 + (len(numbers) - 1) // tries
    n = columns.shape[1]
    n_runs = (n + _RUN - 1) // _RUN
    corners = np.empty((n_runs, 6))
    chances = np.empty(n_runs)
    for run in range(n_runs):
        first, last = run * _RUN, min(n, (run + 1) * _RUN)
        for dim in range(3):
            values = columns[dim, first:last]
            low, high = values[0], values[0]
            for i in range(last - first):
                low, high = min(low, values[i]), max(high, values[i])
            corners[run, dim], corners[run, 3 + dim] = low, high
        total = 0.0
        for i in range(first, last):
            total += weights[i]
        chances[run] = total
    farthest = np.full(n_runs, np.inf)
    closest = np.ones(n)
    chosen = np.empty(n_clusters, dtype=np.intp)
    chosen[0] = _place(weights, closest, chances, numbers[0])
    closest[:] = np.inf
    _lower(columns, weights, corners, chosen[0], closest, farthest, chances)
    for c in range(1, n_clusters):
        best, least = -1, np.inf
        for number in numbers[1 + (c - 1) * tries : 1 + c * tries]:
            drawn = _place(weights, closest, chances, number)
            if tries == 1:
                best = drawn
                break
            error = _error(columns, weights, corners, drawn, closest, farthest, chances)
            if error < least:
                best, least = drawn, error
        chosen[c] = best
        _lower(columns, weights, corners, best, closest, farthest, chances)
    return chosen


@compiled_in_any_order
def _place(weights: FloatArray, closest: FloatArray, chances: FloatArray, number: float) -> int:
    """The point where the running total of weight times squared distance passes this share of the whole."""
    total, last_run = 0.0, 0
    for run in range(len(chances)):
        total += chances[run]
        if chances[run] > 0.0:
            last_run = run
    target = number * total
    before, found = 0.0, last_run
    for run in range(last_run):
        if before + chances[run] > target:
            found = run
            break
        before += chances[run]
    place, running = -1, before
    for i in range(found * _RUN, min(len(weights), (found + 1) * _RUN)):
        chance = weights[i] * closest[i]
        if chance > 0.0:
            place = i
            running += chance
            if running > target:
                break
    return place


@compiled_in_any_order
def _distance_to_box(corners: FloatArray, x: float, y: float, z: float) -> float:
    """Squared distance from a point to the nearest point of a box, (6,)."""
    dx = max(float(corners[0]) - x, 0.0, x - float(corners[3]))
    dy = max(float(corners[1]) - y, 0.0, y - float(corners[4]))
    dz = max(float(corners[2]) - z, 0.0, z - float(corners[5]))
    return dx * dx + dy * dy + dz * dz


@compiled_in_any_order
def _lower(
    columns: FloatArray,
    weights: FloatArray,
    corners: FloatArray,
    center: int,
    closest: FloatArray,
    farthest: FloatArray,
    chances: FloatArray,
) -> None:
    """Lets distances to the nearest center, and what is known of each run, follow a new center."""
    n = columns.shape[1]
    cx, cy, cz = columns[0, center], columns[1, center], columns[2, center]
    for run in range(len(chances)):
        if _distance_to_box(corners[run], cx, cy, cz) >= farthest[run]:
            continue
        first, last = run * _RUN, min(n, (run + 1) * _RUN)
        x, y, z = columns[0, first:last], columns[1, first:last], columns[2, first:last]
        near, mass = closest[first:last], weights[first:last]
        for i in range(last - first):
            distance = (x[i] - cx) ** 2 + (y[i] - cy) ** 2 + (z[i] - cz) ** 2
            near[i] = min(near[i], distance)
        most, total = 0.0, 0.0
        for i in range(last - first):
            most = max(most, near[i])
            total += mass[i] * near[i]
        farthest[run], chances[run] = most, total


@compiled_in_any_order
def _error(
    columns: FloatArray,
    weights: FloatArray,
    corners: FloatArray,
    center: int,
    closest: FloatArray,
    farthest: FloatArray,
    chances: FloatArray,
) -> float:
    """What the weighted sum of squared distances would be with this point as one more center."""
    n = columns.shape[1]
    cx, cy, cz = columns[0, center], columns[1, center], columns[2, center]
    error = 0.0
    for run in range(len(chances)):
        if _distance_to_box(corners[run], cx, cy, cz) >= farthest[run]:
            error += chances[run]
            continue
        for i in range(run * _RUN, min(n, (run + 1) * _RUN)):
            x, y, z = columns[0, i] - cx, columns[1, i] - cy, columns[2, i] - cz
            error += weights[i] * min(closest[i], x * x + y * y + z * z)
    return error
