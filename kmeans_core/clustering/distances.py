"""What a distance means for the loop: where the center of a cluster is, and which sums it is computed from.

| distance | center | what an iteration sums up |
|---|---|---|
| euclidean | mean: least sum of squared distances (k-means) | coordinates |
| manhattan | medians: least sum of distances (k-medians) | how often each 8-bit level occurs |

Medians cannot be added up, but counts of levels can: partitions, threads and workers return their counts, and
the center is read from the total. That is exact, and does not depend on how the points are split. Initial
centers are chosen by squared distances with both.

Source of k-medians: Bradley, Mangasarian and Street, *Clustering via concave minimization*, NIPS 1996.
"""

from typing import Protocol

import numpy as np

from kmeans_core.clustering.kernels import BLOCK_SIZE, PartialSums, Partition, assign
from kmeans_core.clustering.kernels import inertia as squared_inertia
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray

LEVELS = 256


class Distance(Protocol):
    @property
    def partition(self) -> type[Partition]:
        """The class that holds a partition of points."""

    def centers_of(self, total: PartialSums) -> FloatArray:
        """The center of each cluster, (k, d); every cluster has weight."""

    def terms(self, point: FloatArray) -> FloatArray:
        """What a point, (d,), of weight 1 adds to the sums of its cluster."""

    def farthest_move(self, before: FloatArray, after: FloatArray) -> float:
        """How far the center that moved most has moved."""

    def inertia(
        self, points: RealArray, weights: RealArray, centers: FloatArray, labels: LabelArray
    ) -> float:
        """The weighted sum that the method minimizes."""


class Euclidean:
    partition = Partition

    def centers_of(self, total: PartialSums) -> FloatArray:
        return total.sums / total.weights[:, None]

    def terms(self, point: FloatArray) -> FloatArray:
        return point

    def farthest_move(self, before: FloatArray, after: FloatArray) -> float:
        return float(np.sqrt(((after - before) ** 2).sum(axis=1).max()))

    def inertia(
        self, points: RealArray, weights: RealArray, centers: FloatArray, labels: LabelArray
    ) -> float:
        return squared_inertia(points, weights, centers, labels)


class LevelPartition(Partition):
    """A partition of 8-bit points that counts levels: its `sums` are (k, 256·d)."""

    def assign_and_sum(self, centers: FloatArray) -> PartialSums:
        n_clusters = len(centers)
        previous = self.labels
        self.labels, distances = self.nearest(centers)
        counts = [
            np.bincount(self.labels * LEVELS + column.astype(np.intp), self.weights, n_clusters * LEVELS)
            for column in self.columns
        ]
        return PartialSums(
            np.hstack([count.reshape(n_clusters, LEVELS) for count in counts]),
            np.bincount(self.labels, self.weights, n_clusters).astype(np.float64),
            float(distances @ self.weights),
            int(np.count_nonzero(self.labels != previous)),
        )

    def nearest(self, centers: FloatArray) -> tuple[IndexArray, FloatArray]:
        distances = np.empty(len(self.weights))
        return assign(self.columns, centers, distances, measure=_absolute_distances), distances


class Manhattan:
    partition = LevelPartition

    def centers_of(self, total: PartialSums) -> FloatArray:
        """The lowest level that has half of the weight at or below it."""
        counts = total.sums.reshape(len(total.sums), total.sums.shape[1] // LEVELS, LEVELS)
        so_far = np.cumsum(counts, axis=2)
        medians: FloatArray = np.argmax(2 * so_far >= so_far[:, :, -1:], axis=2).astype(np.float64)
        return medians

    def terms(self, point: FloatArray) -> FloatArray:
        terms = np.zeros((len(point), LEVELS))
        terms[np.arange(len(point)), point.astype(np.intp)] = 1.0
        return terms.reshape(-1)

    def farthest_move(self, before: FloatArray, after: FloatArray) -> float:
        return float(np.abs(after - before).sum(axis=1).max())

    def inertia(
        self, points: RealArray, weights: RealArray, centers: FloatArray, labels: LabelArray
    ) -> float:
        total = 0.0
        for start in range(0, len(points), BLOCK_SIZE):
            stop = start + BLOCK_SIZE
            differences = np.abs(points[start:stop].astype(np.float64) - centers[labels[start:stop]])
            total += float(np.einsum("ij,i->", differences, weights[start:stop]))
        return total


DISTANCES: dict[str, Distance] = {"euclidean": Euclidean(), "manhattan": Manhattan()}
DISTANCE_TITLES = {"euclidean": "Euclidean (k-means)", "manhattan": "Manhattan (k-medians)"}


def _absolute_distances(
    block: FloatArray, center: FloatArray, difference: FloatArray, out: FloatArray
) -> None:
    """Manhattan distances of a (d, m) block to one center, into `out`, (m,)."""
    np.subtract(block, center[:, None], out=difference)
    np.abs(difference, out=difference)
    np.copyto(out, difference[0])
    for row in difference[1:]:
        np.add(out, row, out=out)
