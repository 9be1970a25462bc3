"""Kernels for the search for better centers (`effort.py`), compiled by Numba."""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import FloatArray


@compiled
def second_moments(
    columns: NDArray[np.float32],
    weights: FloatArray,
    labels: NDArray[np.float32],
    centers: FloatArray,
    first: int,
    end: int,
    moments: FloatArray,
) -> None:
    """Adds to `moments`, (k, 6), the weighted products xx, xy, xz, yy, yz, zz of the differences between the
    points of some blocks and the centers, (k, 3), of their clusters.

    columns: (m, 3, size). weights, labels: (m, size).
    """
    for block in range(first, end):
        for i in range(columns.shape[2]):
            label, weight = int(labels[block, i]), weights[block, i]
            x = columns[block, 0, i] - centers[label, 0]
            y = columns[block, 1, i] - centers[label, 1]
            z = columns[block, 2, i] - centers[label, 2]
            moments[label, 0] += weight * x * x
            moments[label, 1] += weight * x * y
            moments[label, 2] += weight * x * z
            moments[label, 3] += weight * y * y
            moments[label, 4] += weight * y * z
            moments[label, 5] += weight * z * z


@compiled
def removal_costs(
    columns: NDArray[np.float32],
    weights: FloatArray,
    labels: NDArray[np.float32],
    centers: FloatArray,
    nearest_centers: NDArray[np.intp],
    first: int,
    end: int,
    costs: FloatArray,
) -> None:
    """Adds to `costs`, (k,), by how much the inertia of some blocks would rise if their points went to the
    nearest of some other centers.

    nearest_centers: (k, m) indices of these, for each cluster.
    """
    for block in range(first, end):
        for i in range(columns.shape[2]):
            label = int(labels[block, i])
            x, y, z = columns[block, 0, i], columns[block, 1, i], columns[block, 2, i]
            ox, oy, oz = x - centers[label, 0], y - centers[label, 1], z - centers[label, 2]
            second_best = np.inf
            for j in range(nearest_centers.shape[1]):
                c = nearest_centers[label, j]
                nx, ny, nz = x - centers[c, 0], y - centers[c, 1], z - centers[c, 2]
                second_best = min(second_best, nx * nx + ny * ny + nz * nz)
            costs[label] += weights[block, i] * (second_best - (ox * ox + oy * oy + oz * oz))


@compiled
def neighbors(centers: FloatArray, count: int) -> NDArray[np.intp]:
    """The `count` other centers nearest to each, (k, count), the nearest first, the lowest index on a tie."""
    n_clusters = centers.shape[0]
    nearest_centers = np.empty((n_clusters, count), dtype=np.intp)
    distances = np.empty(count)
    for c in range(n_clusters):
        distances[:] = np.inf
        for other in range(n_clusters):
            if other == c:
                continue
            distance = 0.0
            for dim in range(centers.shape[1]):
                distance += (centers[other, dim] - centers[c, dim]) ** 2
            if distance >= distances[count - 1]:
                continue
            place = count - 1
            while place > 0 and distances[place - 1] > distance:
                distances[place], nearest_centers[c, place] = (
                    distances[place - 1],
                    nearest_centers[c, place - 1],
                )
                place -= 1
            distances[place], nearest_centers[c, place] = distance, other
    return nearest_centers
