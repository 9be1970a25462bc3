"""Points in partitions on other processes or machines: what Spark and Dask have in common.

The points are a few large arrays, one per partition. An iteration is one job without a shuffle: the centers
are sent with the task, each partition returns its sums, k×(d+1) numbers, and the driver adds them up and
moves the centers.

A process keeps its partitions and their labels between iterations, to count the points that change cluster.
That is a cache, not state: in a fresh process a task rebuilds both from the centers of the iteration before.
"""

import itertools
import threading
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from kmeans_core.backends.base import Fit
from kmeans_core.clustering.any_partition import AnyPartition
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.clustering.seeding import kmeans_parallel
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, LabelArray, OnIteration, RealArray
from kmeans_core.wording import count_text

# What does not fit is unpacked again in each iteration; a small executor has little more memory than this.
_MAX_CACHED_BYTES = 384 * 2**20
_MIN_COMPILED_POINTS = 20_000

Result = TypeVar("Result")
Item = TypeVar("Item")
# One after the other; closing it ends the work.
Results = Generator[Result, None, None]
Promise = TypeVar("Promise", covariant=True)
Part = TypeVar("Part", covariant=True)


class PartitionData(NamedTuple):
    """One partition as it is sent: points, (n, d), in their own dtype, 3 bytes per color.

    weights: (n,). offset: position of its first point among all points. folder: where all processes that work
    on it can keep files, "" if there is none.
    """

    offset: int
    points: RealArray
    weights: FloatArray
    folder: str = ""


class RemotePartitions(Protocol[Part]):
    """Partitions on a cluster, and a way to call a function on each."""

    def map(self, function: Callable[[Part], Result]) -> list[Result]:
        """Applies `function` to every partition, where it is; results in order."""

    def close(self) -> None:
        """Frees the partitions."""


class Workers(Protocol):
    """Processes, here or on other machines, that work on what they are given or read themselves.

    count: how many items are worked on at once.
    """

    @property
    def count(self) -> int: ...

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """Applies `function` to every item, each on some worker; results in order, each as soon as it and
        those before it are there. Items are taken when workers are free or soon will be. Whoever stops asking
        for results ends the work."""

    def describe(self) -> str:
        """Who they are, how many, and with how much memory, for people."""


class SequentialWorkers:
    """This process, one item after the other."""

    count = 1

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        yield from map(function, items)

    def describe(self) -> str:
        return "This process, one after the other"


class ThreadWorkers:
    """Threads of this process: for work that mostly runs outside of Python. count: by default one a core."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or usable_cores()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        with ThreadPoolExecutor(self.count, thread_name_prefix="worker") as pool:
            yield from in_order(lambda item: pool.submit(function, item), items, 2 * self.count)

    def describe(self) -> str:
        return f"{count_text(self.count, 'thread')} of this process"


class Promised(Protocol[Promise]):
    """A result that is being worked on."""

    def result(self) -> Promise:
        """Waits for it."""

    def cancel(self) -> object:
        """Ends the work, if it has not begun."""


def in_order(
    submit: Callable[[Item], Promised[Result]], items: Iterable[Item], ahead: int
) -> Results[Result]:
    """The result of each item in their order, while those of the next `ahead` items are worked on."""
    waiting: deque[Promised[Result]] = deque()
    try:
        for item in items:
            waiting.append(submit(item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:  # the first error, or the one who asked has gone
        for promised in waiting:
            promised.cancel()


class CachingWorkers(Workers, Protocol):
    """Workers that keep results in their memory."""

    def load_partitions(
        self, function: Callable[[Item], PartitionData], items: Sequence[Item]
    ) -> RemotePartitions[PartitionData]:
        """The partitions that `function` makes of the items, kept where they are made."""


class DistributedPoints:
    """Points on a cluster, for the loop and for seeding. distance: one of `DISTANCES`."""

    def __init__(self, partitions: RemotePartitions[PartitionData], distance: str = "euclidean") -> None:
        self.engine = partitions
        self.distance = distance
        self.fit_id = uuid.uuid4().hex
        self.iteration = 0
        self.previous_centers: FloatArray | None = None

    def each(self, function: Callable[[AnyPartition], Result]) -> list[Result]:
        return self.engine.map(partial(_apply, self.fit_id, self.distance, function))

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        self.iteration += 1
        sums = self.each(
            partial(_assign_and_sum, _IterationTask(self.iteration, centers, self.previous_centers))
        )
        self.previous_centers = centers
        return sums

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        return list(itertools.chain(*self.each(partial(_farthest, centers, count))))

    def labels(self, centers: FloatArray) -> LabelArray:
        return np.concatenate(self.each(partial(_labels, centers)))


def split_points(points: RealArray, weights: FloatArray, count: int) -> list[PartitionData]:
    """The points in `count` partitions of nearly equal size, or fewer if there are fewer points."""
    return [PartitionData(a, points[a:b], weights[a:b]) for a, b in part_bounds(len(points), count)]


def part_bounds(n_points: int, count: int) -> list[tuple[int, int]]:
    """Start and stop of each of `count` partitions of nearly equal size, or of fewer for fewer points."""
    bounds = [int(bound) for bound in np.linspace(0, n_points, min(count, n_points) + 1)]
    return list(itertools.pairwise(bounds))


def fit_distributed(
    points: DistributedPoints,
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


# From here on: what runs on the workers.


class _IterationTask(NamedTuple):
    """What a task needs: the number of the iteration, and the centers now and before."""

    iteration: int
    centers: FloatArray
    previous_centers: FloatArray | None


# (fit, offset) → the partition unpacked; of one fit at a time.
_cache: dict[tuple[str, int], AnyPartition] = {}
_lock = threading.Lock()  # a Dask worker may have several threads


def _apply(
    fit_id: str, distance: str, function: Callable[[AnyPartition], Result], data: PartitionData
) -> Result:
    return function(_unpack(fit_id, distance, data))


def _unpack(fit_id: str, distance: str, data: PartitionData) -> AnyPartition:
    key = (fit_id, data.offset)
    with _lock:
        for other in [other for other in _cache if other[0] != fit_id]:
            del _cache[other]
        if key in _cache:
            return _cache[key]
    partition = _partition(distance, data)
    with _lock:
        if sum(other.nbytes for other in _cache.values()) + partition.nbytes <= _MAX_CACHED_BYTES:
            _cache[key] = partition
    return partition


def _partition(distance: str, data: PartitionData) -> AnyPartition:
    """Compiled for many points only, because loading that takes a process half a second."""
    arrays = data.points, data.weights, data.offset
    if len(data.points) < _MIN_COMPILED_POINTS:
        return DISTANCES[distance].partition(*arrays)
    try:
        from kmeans_core.clustering.compiled_partition import CompiledPartition
        from kmeans_core.clustering.jit_levels import CompiledLevelPartition
    except (ImportError, RuntimeError):  # no Numba there, or no folder where it could keep compiled code
        return DISTANCES[distance].partition(*arrays)
    if distance == "manhattan":
        return CompiledLevelPartition(*arrays)
    return CompiledPartition(*arrays, folder=Path(data.folder) if data.folder else None)


def _assign_and_sum(task: _IterationTask, partition: AnyPartition) -> PartialSums:
    if task.previous_centers is None:  # the first iteration; a repeated task starts from scratch too
        partition.restart()
    elif partition.iteration != task.iteration - 1:
        partition.resume(task.previous_centers)
    partition.iteration = task.iteration
    return partition.assign_and_sum(task.centers)


def _farthest(centers: FloatArray, count: int, partition: AnyPartition) -> list[FarPoint]:
    return partition.farthest(centers, count)


def _labels(centers: FloatArray, partition: AnyPartition) -> LabelArray:
    return partition.labels_for(centers)
