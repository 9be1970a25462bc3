"""Rows of a table as points for the loop, with the kernels of `jit_tables.py`.

Measured on one core, with normal rows: nanoseconds a row in an iteration that scores all of them, or none.

| columns, clusters | 2, 20 | 10, 5 | 16, 64 | 64, 100 | 256, 50 | 784, 10 |
|---|---:|---:|---:|---:|---:|---:|
| all | 15 | 21 | 51 | 210 | 440 | 560 |
| none | 2.8 | 2.8 | 2.5 | 4.7 | 13 | 23 |

Scores are computed at 65 to 90·10⁹ additions and multiplications a second, and by SciPy's BLAS at 60 to 75,
whose threads would also get in the way of ours. What did not pay: Hamerly's half distances between centers,
and an exact distance before a row is scored.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.clustering.jit_centers import moves
from kmeans_core.clustering.jit_tables import add_again, assign_rows
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.own_distances import far_points
from kmeans_core.clustering.table_frame import Frame
from kmeans_core.clustering.table_state import Lanes, Rows, Sums
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray

# From so many columns on, columns stand in vector lanes instead of rows.
_MIN_WIDE = 128
# A thread is worth waking for so many differences of coordinates in an iteration.
_WORK_PER_THREAD = 500_000
# What is kept of rows loses digits: it is found anew when centers have moved so far in all, in scaled units.
_MAX_DRIFT = 64.0
# Squares are added up about other centers when these are so much farther from the means than points are.
_MAX_SPREAD = 9.0
# Of the points, for each thread.
_PARTS = 4


def as_floats(points: RealArray) -> RealArray:
    """Points of 64 or 32 bits as they are, others in 64."""
    return points if points.dtype in (np.float32, np.float64) else points.astype(np.float64)


def none_if_ones(weights: RealArray) -> FloatArray:
    """Weights, (n,), as kernels take them: empty where all are 1."""
    first = weights[:1] if weights.strides == (0,) else weights
    return np.empty(0) if bool((first == 1).all()) else np.ascontiguousarray(weights, np.float64)


class State(NamedTuple):
    """What labels and room of all rows belong to: the frame, the centers of the last iteration and how far
    they have moved, and the sums of each thread."""

    frame: Frame | None
    centers: FloatArray
    moved: FloatArray
    sums: list[Sums]


class TablePoints:
    """Points, (n, d), with the labels and sums of a fit: 8 bytes a row beside them.

    points: never changed; 64 or 32 bits as they are, other types as 64 bits. weights: (n,). n_threads: by
    default as many as there is work for. offset: of the first point among all. kept: labels and room, (n,)
    each, as of `Rows`, whatever they hold.
    """

    counted_sums = None

    def __init__(
        self,
        points: RealArray,
        weights: RealArray,
        n_threads: int | None = None,
        offset: int = 0,
        kept: tuple[LabelArray, Lanes] | None = None,
    ) -> None:
        self.points = as_floats(points)
        self.weights = none_if_ones(weights)
        self.n_threads, self.offset = n_threads, offset
        labels, room = kept or (np.empty(len(points), np.int32), np.empty(len(points), np.float32))
        self.rows = Rows(self.points, self.weights, labels, room)
        self.is_wide = points.shape[1] >= _MIN_WIDE
        self.frame: Frame | None = None
        self.centers: FloatArray = np.empty((0, points.shape[1]))
        self.sums: list[Sums] = []
        self.moved = np.empty(0)
        # Of the last iteration: rows that were scored, and of these those that 64 bits decided.
        self.n_scored = self.n_decided = 0

    @property
    def nbytes(self) -> int:
        """Memory that it takes, with the points."""
        return self.points.nbytes + self.weights.nbytes + sum(part.nbytes for part in self.rows[2:])

    @property
    def state(self) -> State:
        return State(self.frame, self.centers, self.moved, self.sums)

    @state.setter
    def state(self, state: State) -> None:
        self.frame, self.centers, self.moved, self.sums = state

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        """As `Points.assign_and_sum`, with the sums of all threads added up."""
        frame = self._moved_to(centers)
        told = frame.centers(self.centers, self.moved, self.is_wide)
        n_threads = self._n_useful_threads(len(centers))
        # More parts than threads, so that none waits for long.
        parts = iter(threads.split_range(len(self.points), n_threads * (_PARTS if n_threads > 1 else 1)))

        def assign(sums: Sums) -> IndexArray:
            counts = np.zeros(3, np.intp)
            for first, last in parts:
                counts += assign_rows(self.rows, told, first, last, self.is_wide, frame.has_room, sums)
            return counts

        counts = threads.map_threaded(assign, self.sums[:n_threads])
        reassigned, self.n_scored, self.n_decided = (int(count) for count in np.sum(counts, axis=0))
        return [self._total(self.centers, reassigned)]

    def _moved_to(self, centers: FloatArray) -> Frame:
        """Notes how far centers have moved since the last iteration."""
        n_clusters = len(centers)
        before, self.centers = self.centers, np.array(centers, np.float64, order="C")
        if self.frame is None or len(before) != n_clusters:
            self.frame = Frame.of(self.points, centers)
            self.moved = np.zeros(n_clusters)
            self.sums = [_no_sums(self.centers) for _ in range(self._n_useful_threads(n_clusters))]
            self._forget(labels=True)
            return self.frame
        if not self.frame.holds(self.centers):
            self.frame = Frame.of(self.points, self.centers)
            self.moved = np.zeros(n_clusters)
            self._forget(labels=False)
            return self.frame
        shifts = np.empty(n_clusters)
        moves(before, self.centers, shifts)
        shifts *= self.frame.scale * (1 + 1e-9)
        first, last = np.partition(shifts, -2)[-2:] if n_clusters > 1 else (0.0, shifts[0])
        self.moved = self.moved + shifts + np.where(shifts == last, first, last)
        if not self.moved.max() < _MAX_DRIFT:
            self.moved = np.zeros(n_clusters)
            self._forget(labels=False)
        return self.frame

    def _forget(self, *, labels: bool) -> None:
        if labels:
            self.rows.labels.fill(-1)
        self.rows.room.fill(-np.inf)

    def _total(self, centers: FloatArray, reassigned: int) -> PartialSums:
        lost = np.any([part.lost for part in self.sums], axis=0)
        if lost.any():
            self._add_again(lost)
        sums, within = self._summed()
        spread = self._spread(sums)
        if spread > _MAX_SPREAD * (within - spread):
            self._measure_about(centers)
            sums, within = self._summed()
            spread = self._spread(sums)
        totals, weights = sums[:, :-1].copy(), sums[:, -1].copy()
        moved = ((totals / np.maximum(weights, 1e-300)[:, None] - centers) ** 2).sum(axis=1)
        return PartialSums(totals, weights, within - spread + float(weights @ moved), reassigned)

    def _summed(self) -> tuple[FloatArray, float]:
        """Weighted coordinates and weights, (k, d + 1), and the sum of squares about `Sums.about`."""
        high, low = self.sums[0].high, self.sums[0].low
        for part in self.sums[1:]:
            high, low = _added(high, low, part.high, part.low)
        sums: FloatArray = high + low
        # Fractional weights do not cancel altogether.
        sums[np.sum([part.members for part in self.sums], axis=0) == 0] = 0.0
        return sums[:, :-1], float(sums[:, -1].sum())

    def _spread(self, sums: FloatArray) -> float:
        """What squares about the means are less than those about `Sums.about`."""
        weights = sums[:, -1]
        means = sums[:, :-1] / np.maximum(weights, 1e-300)[:, None]
        return float(weights @ ((means - self.sums[0].about) ** 2).sum(axis=1))

    def _measure_about(self, centers: FloatArray) -> None:
        """Adds up squares about other centers, so that they lose no digits."""
        for sums in self.sums:
            sums.about[:] = centers
        self._add_again(np.ones(len(centers), bool))

    def _add_again(self, clusters: NDArray[np.bool_]) -> None:
        """Adds up some clusters, (k,), from all of their points."""
        for sums in self.sums:
            sums.high[clusters] = sums.low[clusters] = 0.0
            sums.members[clusters] = 0
            sums.lost[:] = clusters
        parts = iter(threads.split_range(len(self.points), len(self.sums) * _PARTS))

        def add(sums: Sums) -> None:
            for first, last in parts:
                add_again(self.rows, first, last, sums)

        threads.map_threaded(add, self.sums)
        for sums in self.sums:
            sums.lost[:] = False

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        if not np.array_equal(centers, self.centers):
            self.assign_and_sum(centers)
        return far_points(self.points, self.weights, self.rows.labels, centers, count, self.offset)

    def labels_for(self, centers: FloatArray) -> LabelArray:
        self.assign_and_sum(centers)
        return self.rows.labels

    def _n_useful_threads(self, n_clusters: int) -> int:
        n_points, n_dims = self.points.shape
        useful = int(n_points * (n_dims + 4) * n_clusters // _WORK_PER_THREAD)
        wanted = self.n_threads or max(1, min(threads.usable_cores(), useful))
        return min(wanted, len(self.points))


def _no_sums(centers: FloatArray) -> Sums:
    n_clusters, n_dims = centers.shape
    shape = (n_clusters, n_dims + 2)
    members, lost = np.zeros(n_clusters, np.int64), np.zeros(n_clusters, np.bool_)
    return Sums(np.zeros(shape), np.zeros(shape), centers.copy(), members, lost)


def _added(
    high: FloatArray, low: FloatArray, more: FloatArray, more_low: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Sums in two parts, as of `Sums`."""
    total = high + more
    part = total - high
    return total, (high - (total - part)) + (more - part) + low + more_low
