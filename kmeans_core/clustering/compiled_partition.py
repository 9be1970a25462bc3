"""A `Partition` with compiled kernels: the same labels and sums, several times as fast."""

import numpy as np

from kmeans_core.clustering import jit_kernels
from kmeans_core.clustering.kernels import PartialSums, Partition
from kmeans_core.types import FloatArray, IndexArray


class CompiledPartition(Partition):
    """Runs in one thread; each partition has a thread or process of its own."""

    def assign_and_sum(self, centers: FloatArray) -> PartialSums:
        sums, weights = np.zeros(centers.shape), np.zeros(len(centers))
        inertia, reassigned = jit_kernels.assign_and_sum_range(
            self.columns, self.weights, centers, self.labels, 0, len(self.weights), sums, weights
        )
        return PartialSums(sums, weights, inertia, reassigned)

    def nearest(self, centers: FloatArray) -> tuple[IndexArray, FloatArray]:
        labels = np.empty(len(self.weights), dtype=np.intp)
        distances = np.empty(len(self.weights))
        jit_kernels.assign(self.columns, centers, labels, distances)
        return labels, distances
