"""Points in pieces on other processes or machines: what Spark's executors and Dask's workers do alike.

The points are a handful of large arrays, one a partition. A round is one job without a shuffle: the centers
travel out inside the task, each piece returns its sums, k×(d+1) numbers, and the driver adds them up and
moves the centers.

A process keeps its pieces unpacked between rounds, with their labels, to tell how many points changed
cluster. That is a cache, not state: a task that lands in a fresh process rebuilds both from the centers of
the round before.
"""

import itertools
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from time import perf_counter
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from kmeans_core.backends.base import Fit
from kmeans_core.clustering.candidates import Answer
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.clustering.kernels import FarPoint, PartialSums, Partition
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.clustering.seeding import kmeans_parallel
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, LabelArray, OnIteration, RealArray

# A process unpacks what does not fit anew in each round; a small executor has not much more memory than that.
_MAX_KEPT_BYTES = 384 * 2**20
_COMPILED_POINTS = 20_000

Reply = TypeVar("Reply")
Item = TypeVar("Item")


class Piece(NamedTuple):
    """One partition as it travels: points, (n, d), in their own dtype, 3 bytes a color.

    weights: (n,). offset: position of its first point among all points.
    """

    offset: int
    points: RealArray
    weights: FloatArray


class Engine(Protocol):
    """Pieces that lie on a cluster, and a way to ask for something about each."""

    def map(self, function: Callable[[Piece], Reply]) -> list[Reply]:
        """`function` of every piece, in their order, worked out where the pieces are."""

    def close(self) -> None:
        """Frees the pieces."""


class Workers(Protocol):
    """Processes, here or on other machines, that work on what they are given or read themselves."""

    def map(self, function: Callable[[Item], Reply], items: Sequence[Item]) -> Iterable[Reply]:
        """`function` of every item, in their order, each worked out by some worker."""


class InTurn:
    """This process, one item after the other."""

    def map(self, function: Callable[[Item], Reply], items: Sequence[Item]) -> Iterable[Reply]:
        return map(function, items)


class KeepingWorkers(Workers, Protocol):
    """Workers that keep what they have made."""

    def hold(self, function: Callable[[Item], Piece], items: Sequence[Item]) -> Engine:
        """The pieces that `function` makes of the items, kept where they are made."""


class PiecePoints:
    """Points on a cluster as the loop and the seeding see them. distance: one of `DISTANCES`."""

    def __init__(self, engine: Engine, distance: str = "euclidean") -> None:
        self.engine = engine
        self.distance = distance
        self.fit = uuid.uuid4().hex
        self.number = 0
        self.before: FloatArray | None = None

    def each(self, ask: Callable[[Partition], Answer]) -> list[Answer]:
        return self.engine.map(partial(_ask, self.fit, self.distance, ask))

    def step(self, centers: FloatArray) -> list[PartialSums]:
        self.number += 1
        sums = self.each(partial(_step, _Round(self.number, centers, self.before)))
        self.before = centers
        return sums

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        return list(itertools.chain(*self.each(partial(_farthest, centers, count))))

    def labels(self, centers: FloatArray) -> LabelArray:
        return np.concatenate(self.each(partial(_labels, centers)))


def cut(points: RealArray, weights: FloatArray, count: int) -> list[Piece]:
    """The points in `count` pieces of nearly equal size, or in fewer if there are fewer points."""
    bounds = [int(bound) for bound in np.linspace(0, len(points), min(count, len(points)) + 1)]
    return [Piece(a, points[a:b], weights[a:b]) for a, b in itertools.pairwise(bounds)]


def fit_pieces(
    points: PiecePoints,
    centers: FloatArray | None,
    options: FitOptions,
    on_iteration: OnIteration | None,
) -> Fit:
    """Seeds where the points are, unless the centers are given, runs the loop and labels every point."""
    seconds = {}
    if centers is None:
        clock = perf_counter()
        centers = kmeans_parallel(points, options.n_clusters, options.seed)
        seconds["seed"] = perf_counter() - clock
    end = run_lloyd(points, centers, options, on_iteration)
    labels = points.labels(end.centers)
    return Fit(end.centers, labels, len(end.history), end.converged, end.history, seconds)


# From here on: what runs where the pieces are.


class _Round(NamedTuple):
    """What a task needs to know: which round this is, and the centers now and before."""

    number: int
    centers: FloatArray
    before: FloatArray | None


# (fit, offset) → the piece unpacked; one fit at a time.
_kept: dict[tuple[str, int], Partition] = {}
_lock = threading.Lock()  # a Dask worker may have several threads


def _ask(fit: str, distance: str, ask: Callable[[Partition], Answer], piece: Piece) -> Answer:
    return ask(_unpacked(fit, distance, piece))


def _unpacked(fit: str, distance: str, piece: Piece) -> Partition:
    key = (fit, piece.offset)
    with _lock:
        for other in [other for other in _kept if other[0] != fit]:
            del _kept[other]
        if key in _kept:
            return _kept[key]
    partition = _partition_class(distance, len(piece.points))(piece.points, piece.weights, piece.offset)
    with _lock:
        if sum(other.nbytes for other in _kept.values()) + partition.nbytes <= _MAX_KEPT_BYTES:
            _kept[key] = partition
    return partition


def _partition_class(distance: str, n_points: int) -> type[Partition]:
    """Compiled code for many points: a process takes half a second to load it."""
    plain = DISTANCES[distance].partition
    if n_points < _COMPILED_POINTS:
        return plain
    try:
        from kmeans_core.clustering.compiled_partition import CompiledPartition
        from kmeans_core.clustering.jit_levels import CompiledLevelPartition
    except (ImportError, RuntimeError):  # no Numba there, or no place where it could keep what it compiles
        return plain
    return CompiledLevelPartition if distance == "manhattan" else CompiledPartition


def _step(task: _Round, partition: Partition) -> PartialSums:
    if task.before is None:  # the first round; a task that is run again starts anew too
        partition.labels = np.full(len(partition.weights), -1, dtype=np.intp)
    elif partition.round != task.number - 1:
        partition.labels, _ = partition.nearest(task.before)
    partition.round = task.number
    return partition.step(task.centers)


def _farthest(centers: FloatArray, count: int, partition: Partition) -> list[FarPoint]:
    return partition.farthest(centers, count)


def _labels(centers: FloatArray, partition: Partition) -> LabelArray:
    return partition.nearest(centers)[0].astype(np.int32)
