"""Exact distances of rows to the centers of their clusters, compiled by Numba."""

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import FloatArray, LabelArray, RealArray


@compiled
def squared_distances(points: RealArray, centers: FloatArray, labels: LabelArray, out: FloatArray) -> None:
    """Squared distance of each point, (n, d), to the center that its label names, into `out`, (n,): in 64
    bits, column after column."""
    for row in range(points.shape[0]):
        label, square = labels[row], 0.0
        for dim in range(points.shape[1]):
            difference = points[row, dim] - centers[label, dim]
            square += difference * difference
        out[row] = square
