"""The iteration of `LevelPartition`, compiled: the same labels, counts and distances, bit for bit."""

import numpy as np

from kmeans_core.clustering.distances import LEVELS, LevelPartition
from kmeans_core.clustering.jit import compiled
from kmeans_core.clustering.kernels import PartialSums
from kmeans_core.types import FloatArray, IndexArray

_BLOCK = 1024


@compiled
def assign_manhattan(
    columns: FloatArray, centers: FloatArray, labels: IndexArray, distances: FloatArray
) -> None:
    """Writes the center with the least Manhattan distance, lowest index on a tie, and that distance.

    columns: (d, n). centers: (k, d). labels, distances: (n,).
    """
    n_dims, n_points = columns.shape
    distance = np.empty(_BLOCK)
    for start in range(0, n_points, _BLOCK):
        size = min(_BLOCK, n_points - start)
        for center in range(len(centers)):
            for i in range(size):
                distance[i] = abs(columns[0, start + i] - centers[center, 0])
            for dim in range(1, n_dims):
                for i in range(size):
                    distance[i] += abs(columns[dim, start + i] - centers[center, dim])
            if center == 0:
                for i in range(size):
                    distances[start + i] = distance[i]
                    labels[start + i] = 0
            else:
                for i in range(size):
                    closer = distance[i] < distances[start + i]
                    distances[start + i] = distance[i] if closer else distances[start + i]
                    labels[start + i] = center if closer else labels[start + i]


@compiled
def count_levels(
    columns: FloatArray, weights: FloatArray, labels: IndexArray, counts: FloatArray, totals: FloatArray
) -> None:
    """Adds each point's weight to its levels' places in `counts`, (k, 256·d), and to `totals`, (k,)."""
    for i in range(len(labels)):
        totals[labels[i]] += weights[i]
    for dim in range(len(columns)):
        for i in range(len(labels)):
            counts[labels[i], dim * LEVELS + int(columns[dim, i])] += weights[i]


class CompiledLevelPartition(LevelPartition):
    """Runs in one thread; each partition has a thread or process of its own."""

    def assign_and_sum(self, centers: FloatArray) -> PartialSums:
        previous = self.labels
        self.labels, distances = self.nearest(centers)
        counts = np.zeros((len(centers), LEVELS * len(self.columns)))
        totals = np.zeros(len(centers))
        count_levels(self.columns, self.weights, self.labels, counts, totals)
        reassigned = int(np.count_nonzero(self.labels != previous))
        return PartialSums(counts, totals, float(distances @ self.weights), reassigned)

    def nearest(self, centers: FloatArray) -> tuple[IndexArray, FloatArray]:
        labels = np.empty(len(self.weights), dtype=np.intp)
        distances = np.empty(len(self.weights))
        assign_manhattan(self.columns, centers, labels, distances)
        return labels, distances
