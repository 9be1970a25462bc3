"""Our distributed Lloyd on Spark's oldest interface, the RDD.

The points are a handful of large arrays, one a partition, cached in the executors. A round is one job
without a shuffle: the centers travel out inside the task, each partition returns its sums, k×(d+1) numbers,
and the driver adds them up and moves the centers. That the paper's version needs a shuffle and one Python
call per point is the difference between its 46 seconds and our 3 (see `make bench`).

Executors keep each partition unpacked between rounds, with its labels, to tell how many points changed
cluster. That is a cache, not state: a task that lands in a fresh worker rebuilds both from the centers of
the round before.
"""

import itertools
import uuid
from collections.abc import Iterable, Iterator
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from kmeans_core.backends import spark_session
from kmeans_core.backends.base import Fit, SeedsOnDriver, Traits
from kmeans_core.backends.spark_session import OnSpark, guarded
from kmeans_core.clustering.kernels import FarPoint, PartialSums, Partition, assign
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.types import FitOptions, FloatArray, LabelArray, OnIteration, RealArray

# Larger partitions are unpacked anew in each round: 64 bytes a point would strain a small executor.
_MOST_KEPT = 1_000_000


class SparkRddBackend(OnSpark, SeedsOnDriver):
    """partitions: number of partitions, by default as many as Spark has cores."""

    name = "spark-rdd"
    title = "Spark RDD"
    summary = "Our distributed Lloyd: partitions of arrays, one shuffle-free job an iteration."
    traits = Traits(own=True, distributed=True)

    def __init__(self, partitions: int | None = None) -> None:
        self.partitions = partitions

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        assert centers is not None
        context = spark_session.spark_session().sparkContext
        clock = perf_counter()
        distributed = _RddPoints(context, points, weights, self.partitions)
        transfer = perf_counter() - clock
        try:
            end = run_lloyd(distributed, centers, options, on_iteration)
            labels = distributed.labels(end.centers)
        finally:
            distributed.close()
        return Fit(end.centers, labels, len(end.history), end.converged, end.history, {"transfer": transfer})


class _Piece(NamedTuple):
    """One partition as it travels: points in their own dtype, 3 bytes a color."""

    offset: int
    points: RealArray
    weights: FloatArray


class _Round(NamedTuple):
    """What a task needs to know: which fit this is, which round, and the centers now and before."""

    fit: str
    number: int
    centers: FloatArray
    before: FloatArray | None


class _RddPoints:
    @guarded()
    def __init__(self, context: Any, points: RealArray, weights: FloatArray, partitions: int | None) -> None:
        count = min(partitions or context.defaultParallelism, len(points))
        bounds = [int(bound) for bound in np.linspace(0, len(points), count + 1)]
        pieces = [
            _Piece(start, points[start:stop], weights[start:stop])
            for start, stop in itertools.pairwise(bounds)
        ]
        self.rdd = context.parallelize(pieces, count).cache()
        self.rdd.count()
        self.fit = uuid.uuid4().hex
        self.number = 0
        self.before: FloatArray | None = None

    @guarded()
    def step(self, centers: FloatArray) -> list[PartialSums]:
        self.number += 1
        task = partial(_step, _Round(self.fit, self.number, centers, self.before))
        sums: list[PartialSums] = self.rdd.mapPartitions(task).collect()
        self.before = centers
        return sums

    @guarded()
    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        found: list[FarPoint] = self.rdd.mapPartitions(partial(_farthest, centers, count)).collect()
        return found

    @guarded()
    def labels(self, centers: FloatArray) -> LabelArray:
        return np.concatenate(self.rdd.mapPartitions(partial(_labels, centers)).collect())

    def close(self) -> None:
        if spark_session.is_alive():
            self.rdd.unpersist()


# From here on: what runs in the executors.

# (fit, offset) → the partition and the round its labels belong to; one fit at a time.
_kept: dict[tuple[str, int], tuple[Partition, int]] = {}


def _step(task: _Round, pieces: Iterable[_Piece]) -> Iterator[PartialSums]:
    for piece in pieces:
        yield _partition(task, piece).step(task.centers)


def _partition(task: _Round, piece: _Piece) -> Partition:
    """The piece unpacked, with the labels of the round before."""
    key = (task.fit, piece.offset)
    for other in [other for other in _kept if other[0] != task.fit]:
        del _kept[other]
    partition, number = _kept.get(key, (None, 0))
    if partition is None:
        partition = Partition(piece.points, piece.weights, piece.offset)
    if number != task.number - 1 and task.before is not None:
        partition.labels = assign(partition.columns, task.before, np.empty(len(piece.weights)))
    if len(piece.weights) <= _MOST_KEPT:
        _kept[key] = (partition, task.number)
    return partition


def _farthest(centers: FloatArray, count: int, pieces: Iterable[_Piece]) -> Iterator[FarPoint]:
    for piece in pieces:
        yield from Partition(piece.points, piece.weights, piece.offset).farthest(centers, count)


def _labels(centers: FloatArray, pieces: Iterable[_Piece]) -> Iterator[LabelArray]:
    for piece in pieces:
        columns = np.ascontiguousarray(piece.points.T, dtype=np.float64)
        yield assign(columns, centers, np.empty(len(piece.weights))).astype(np.int32)
