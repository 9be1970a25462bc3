"""What a distance means to the loop: where the middle of a cluster is, and what that is reckoned from.

| distance | middle | what a round sums up |
|---|---|---|
| euclidean | mean: least sum of squared distances (k-means) | coordinates |
| manhattan | medians: least sum of distances (k-medians) | how often each 8-bit level occurs |

Medians cannot be added up, but counts of levels can: partitions, threads and workers hand in their counts,
and the middle is read from their sum. That is exact, and the same however the points are split.

Source of k-medians: Bradley, Mangasarian and Street, *Clustering via concave minimization*, NIPS 1996.
"""

from typing import Protocol

import numpy as np

from kmeans_core.clustering.kernels import BLOCK, PartialSums, Partition, assign
from kmeans_core.clustering.kernels import inertia as squared_inertia
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray

LEVELS = 256


class Distance(Protocol):
    @property
    def partition(self) -> type[Partition]:
        """What works on a run of points."""

    def centers_of(self, total: PartialSums) -> FloatArray:
        """The middle of each cluster, (k, d), none of which is without weight."""

    def terms(self, point: FloatArray) -> FloatArray:
        """What a point, (d,), of weight 1 adds to the sums of its cluster."""

    def farthest_move(self, before: FloatArray, after: FloatArray) -> float:
        """How far the center that moved most has moved."""

    def inertia(
        self, points: RealArray, weights: RealArray, centers: FloatArray, labels: LabelArray
    ) -> float:
        """Weighted sum of what the method makes small."""


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
    """A run of 8-bit points whose rounds count levels: `sums` of its rounds are (k, 256·d)."""

    def step(self, centers: FloatArray) -> PartialSums:
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
        for start in range(0, len(points), BLOCK):
            stop = start + BLOCK
            apart = np.abs(points[start:stop].astype(np.float64) - centers[labels[start:stop]])
            total += float(np.einsum("ij,i->", apart, weights[start:stop]))
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
