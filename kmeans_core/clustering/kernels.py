"""One iteration of Lloyd's algorithm in NumPy, and the arithmetic that all own backends share.

Two facts make the backends agree to the last bit on 8-bit colors, however the points are split:

* A squared distance is `(x0-c0)² + (x1-c1)² + …`, summed in the order of the dimensions, in float64.
  The expanded form `|x|² - 2x·c + |c|²` would be a fast matrix product, but BLAS libraries round it
  differently from one machine and block size to the next.
* A center is a sum of integers (color times count) divided by a sum of integers. Both sums stay far
  below 2⁵³, so float64 holds them exactly and the order of addition does not matter.

Kernels take points as columns, (d, n) float64, because a column is read front to back. Points are worked
through in blocks, so that the buffers stay small however many points there are.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from kmeans_core.clustering import threads
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray

# 134,105 colors to 10 centers on one core: 12.3 ms in blocks of 2,048, 7.2 in blocks of 8,192, 6.5 in blocks
# of 65,536, whose buffers are eight times as large.
BLOCK_SIZE = 8192
# Values that an inertia is added up from at a time, and from how many on in two threads.
_VALUES, _SHARED = 32_768, 1_000_000
# An inertia of so many columns or fewer is added up column by column.
_FEW_COLUMNS = 8
# (points, centers, labels) → the squared distance of each point, (m,), to the center that its label names.
Squares = Callable[[RealArray, FloatArray, LabelArray], FloatArray]


@dataclass(frozen=True, eq=False)
class PartialSums:
    """What one partition contributes to an iteration.

    Attributes
    ----------
    sums : ndarray of float64, shape (k, d)
        Weighted sum of the points of each cluster, or whatever else its center is computed from, see
        `distances.py`.
    weights : ndarray of float64, shape (k,)
        Total weight of each cluster.
    inertia : float
        Weighted sum of squared distances, or of Manhattan distances, to the nearest center.
    reassigned : int
        Number of points whose label changed.
    """

    sums: FloatArray
    weights: FloatArray
    inertia: float
    reassigned: int


@dataclass(frozen=True, eq=False)
class FarPoint:
    """A point far from its center, a candidate for a cluster that lost all its points.

    Attributes
    ----------
    distance : float
        Squared (or Manhattan) distance to its center.
    index, label : int
        Position among all points; its cluster.
    weight : float
        Above 0.
    point : ndarray of float64, shape (d,)
    """

    distance: float
    index: int
    label: int
    weight: float
    point: FloatArray


class Partition:
    """A partition of the points on NumPy, with their labels after the last iteration.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Any real dtype.
    weights : ndarray, shape (n,)
    offset : int, default 0
        Index of the first point among all points.

    Attributes
    ----------
    columns, weighted : ndarray of float64, shape (d, n)
        The points, and the points times their weights.
    labels : ndarray of intp, shape (n,)
        -1 before the first iteration.
    iteration, coverage
        As of `AnyPartition`.
    """

    def __init__(self, points: RealArray, weights: RealArray, offset: int = 0) -> None:
        self.columns: FloatArray = np.ascontiguousarray(points.T, dtype=np.float64)
        self.weights: FloatArray = np.ascontiguousarray(weights, dtype=np.float64)
        # Rows of a table weigh 1 each: no need to hold them twice.
        is_plain = bool(np.all(self.weights == 1))
        self.weighted: FloatArray = self.columns if is_plain else self.columns * self.weights
        self.offset = offset
        self.labels: IndexArray = np.full(len(self.weights), -1, dtype=np.intp)
        self.iteration = 0
        self.coverage: Any = None

    @property
    def nbytes(self) -> int:
        copies = 1 if self.weighted is self.columns else 2
        return copies * self.columns.nbytes + self.weights.nbytes + self.labels.nbytes

    def restart(self) -> None:
        self.labels = np.full(len(self.weights), -1, dtype=np.intp)

    def resume(self, centers: FloatArray) -> None:
        self.labels, _ = self.nearest(centers)

    def assign_and_sum(self, centers: FloatArray) -> PartialSums:
        n_clusters = len(centers)
        previous = self.labels
        self.labels, distances = self.nearest(centers)
        sums = [np.bincount(self.labels, column, n_clusters) for column in self.weighted]
        return PartialSums(
            np.stack(sums, axis=1),
            np.bincount(self.labels, self.weights, n_clusters).astype(np.float64),
            float(distances @ self.weights),
            int(np.count_nonzero(self.labels != previous)),
        )

    def nearest(self, centers: FloatArray) -> tuple[IndexArray, FloatArray]:
        distances = np.empty(len(self.weights))
        return assign(self.columns, centers, distances), distances

    def labels_for(self, centers: FloatArray) -> LabelArray:
        return self.nearest(centers)[0].astype(np.int32)

    def points_at(self, chosen: IndexArray) -> FloatArray:
        return self.columns[:, chosen].T.copy()

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        labels, distances = self.nearest(centers)
        distances[self.weights == 0] = -1.0
        order = np.argsort(-distances, kind="stable")[:count]
        return [
            FarPoint(
                float(distances[i]),
                self.offset + int(i),
                int(labels[i]),
                float(self.weights[i]),
                self.columns[:, i].copy(),
            )
            for i in order
            if distances[i] >= 0.0
        ]


def squared_distances(block: FloatArray, center: FloatArray, difference: FloatArray, out: FloatArray) -> None:
    """Squared distances of a (d, m) block to one center, into `out`, (m,)."""
    np.subtract(block, center[:, None], out=difference)
    np.multiply(difference, difference, out=difference)
    np.copyto(out, difference[0])
    for row in difference[1:]:
        np.add(out, row, out=out)


# (block, center, buffer, out) as `squared_distances`.
DistanceKernel = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], None]


def assign(
    columns: FloatArray,
    centers: FloatArray,
    distances: FloatArray,
    *,
    measure: DistanceKernel = squared_distances,
) -> IndexArray:
    """The nearest center of each point.

    Parameters
    ----------
    columns : ndarray of float64, shape (d, n)
        Points as columns.
    centers : ndarray of float64, shape (k, d)
    distances : ndarray of float64, shape (n,)
        Receives what `measure` finds.
    measure : callable, default `squared_distances`
        Distances of a block of points to one center.

    Returns
    -------
    ndarray of intp, shape (n,)
        The lowest index on a tie.
    """
    n_dims, n_points = columns.shape
    labels = np.zeros(n_points, dtype=np.intp)
    difference = np.empty((n_dims, BLOCK_SIZE))
    candidate = np.empty(BLOCK_SIZE)
    closer = np.empty(BLOCK_SIZE, dtype=bool)
    for start in range(0, n_points, BLOCK_SIZE):
        block = columns[:, start : start + BLOCK_SIZE]
        size = block.shape[1]
        best, nearest = distances[start : start + size], labels[start : start + size]
        measure(block, centers[0], difference[:, :size], best)
        for index in range(1, len(centers)):
            measure(block, centers[index], difference[:, :size], candidate[:size])
            np.less(candidate[:size], best, out=closer[:size])
            np.copyto(nearest, index, where=closer[:size])
            np.minimum(best, candidate[:size], out=best)
    return labels


def nearest_labels(points: RealArray, centers: FloatArray) -> LabelArray:
    """The nearest center of each point, by Euclidean distance.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Any real type.
    centers : ndarray of float64, shape (k, d)

    Returns
    -------
    ndarray of int32, shape (n,)
        The lowest index on a tie.
    """
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    return assign(columns, centers, np.empty(len(points))).astype(np.int32)


def lower_closest(columns: FloatArray, center: FloatArray, closest: FloatArray) -> None:
    """Lowers `closest`, (n,), to the squared distance to `center`, (d,), where that is smaller."""
    difference = np.empty((len(columns), min(BLOCK_SIZE, columns.shape[1])))
    candidate = np.empty(difference.shape[1])
    for start in range(0, columns.shape[1], BLOCK_SIZE):
        block = columns[:, start : start + BLOCK_SIZE]
        size = block.shape[1]
        squared_distances(block, center, difference[:, :size], candidate[:size])
        np.minimum(closest[start : start + size], candidate[:size], out=closest[start : start + size])


def merge(partials: list[PartialSums]) -> PartialSums:
    """Adds up the partitions, in their order."""
    return reduce(
        lambda a, b: PartialSums(
            a.sums + b.sums, a.weights + b.weights, a.inertia + b.inertia, a.reassigned + b.reassigned
        ),
        partials,
    )


def inertia(
    points: RealArray,
    weights: RealArray,
    centers: FloatArray,
    labels: LabelArray,
    squares: Squares | None = None,
) -> float:
    """Weighted sum of squared distances between points and the centers their labels name.

    Added up in the same way for all backends, so that equal results have exactly equal inertia. squares: by
    default NumPy's; any other one adds up the columns in order, too.
    """
    blocks = threads.split_range(len(points), -(-points.size // _VALUES))
    found_by = squares or (_squares_by_column if points.shape[1] <= _FEW_COLUMNS else _squares_by_row)

    def add(rows: tuple[int, int]) -> float:
        part = slice(*rows)
        return float(np.dot(found_by(points[part], centers, labels[part]), weights[part]))

    totals = threads.map_shared(add, blocks, points.size // _SHARED)
    return math.fsum(totals) if sum(totals) < math.inf else math.inf


def _squares_by_row(points: RealArray, centers: FloatArray, labels: LabelArray) -> FloatArray:
    """The squared distance of each point, (m,), to the center that its label names."""
    difference = points.astype(np.float64)
    difference -= centers[labels]
    difference *= difference
    # Unlike a sum, it adds up the columns one after the other.
    squares: FloatArray = np.add.accumulate(difference, axis=1, out=difference)[:, -1].copy()
    return squares


def _squares_by_column(points: RealArray, centers: FloatArray, labels: LabelArray) -> FloatArray:
    """The same, for a few columns, which it takes one by one."""
    squares = np.zeros(len(points))
    for column, coordinates in zip(points.T, centers.T, strict=True):
        difference = coordinates[labels]
        np.subtract(column, difference, out=difference)
        difference *= difference
        squares += difference
    return squares
