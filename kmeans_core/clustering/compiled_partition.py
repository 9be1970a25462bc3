"""A partition of the points with compiled kernels: the labels of `kernels.Partition`, many times as fast."""

from typing import Any

import numpy as np

from kmeans_core.clustering.jit_distances import squared_distances
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.table_points import TablePoints
from kmeans_core.types import FloatArray, IndexArray, RealArray


class CompiledPartition:
    """As `kernels.Partition`. Runs in one thread; each partition has a thread or process of its own."""

    def __init__(self, points: RealArray, weights: RealArray, offset: int = 0) -> None:
        self.weights: FloatArray = np.ascontiguousarray(weights, dtype=np.float64)
        self.offset = offset
        self.iteration = 0
        self.coverage: Any = None
        self._rows = TablePoints(points, self.weights, n_threads=1, offset=offset)

    @property
    def nbytes(self) -> int:
        return self._rows.nbytes + self.weights.nbytes

    def restart(self) -> None:
        self._rows = TablePoints(self._rows.points, self.weights, n_threads=1, offset=self.offset)

    def resume(self, centers: FloatArray) -> None:
        self.restart()
        self._rows.assign_and_sum(centers)

    def assign_and_sum(self, centers: FloatArray) -> PartialSums:
        return self._rows.assign_and_sum(centers)[0]

    def nearest(self, centers: FloatArray) -> tuple[IndexArray, FloatArray]:
        labels = TablePoints(self._rows.points, self.weights, n_threads=1).labels_for(centers)
        distances = np.empty(len(labels))
        squared_distances(self._rows.points, centers, labels, distances)
        return labels.astype(np.intp), distances

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        return self._rows.farthest(centers, count)

    def points_at(self, chosen: IndexArray) -> FloatArray:
        points: FloatArray = self._rows.points[chosen].astype(np.float64)
        return points
