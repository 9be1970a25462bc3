"""Our distributed Lloyd on Spark's oldest interface, the RDD.

The points are a few large arrays that stay with the executors, and an iteration is one job without a shuffle,
see `distributed.py`.
That the paper's version needs a shuffle and one Python call per point is the difference between its 46
seconds and our 3 (see `make bench`).
"""

import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import Any, Generic

from kmeans_core.backends import spark_session, spark_settings
from kmeans_core.backends.base import HEAD_TO_HEAD, Fit, Traits
from kmeans_core.backends.distributed import (
    DistributedPoints,
    Item,
    PartitionData,
    RemotePartitions,
    Result,
    Results,
    fit_distributed,
    in_order,
    split_points,
)
from kmeans_core.backends.shared_points import SharedPart, share_points
from kmeans_core.backends.spark_session import NeedsSpark, guarded
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, OnIteration, RealArray
from kmeans_core.wording import count_text

# Larger data are streamed in every iteration instead of held by every process.
_MAX_SENT_BYTES = 256 * 2**20
# Of what files are read for: a job costs 40 ms.
_ITEMS_A_CORE = 2


class SparkRddBackend(NeedsSpark):
    """partitions: number of partitions, by default as many as Spark has cores."""

    name = "spark-rdd"
    title = "Spark RDD"
    summary = "Our distributed Lloyd: partitions of arrays, one job per iteration without a shuffle."
    traits = Traits(
        own=True,
        distributed=True,
        reads_files=True,
        full_silhouette=True,
        seeds_in_fit=("k-means||",),
        distances=tuple(DISTANCES),
    )
    order = 60
    color = "#d55e00"
    rival = "paper-rdd"
    compared_on = ("quick", "paper", "pixels", "colors", "cores", "tables", HEAD_TO_HEAD)

    def __init__(self, partitions: int | None = None) -> None:
        self.partitions = partitions

    def workers(self) -> "SparkWorkers":
        return SparkWorkers()

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        context = spark_session.spark_session().sparkContext
        clock = perf_counter()
        count = self.partitions or context.defaultParallelism
        partitions: RemotePartitions[PartitionData] | None = None
        if spark_settings.is_local():
            partitions = share_points(points, weights, count, partial(_placed, context))
        if partitions is None:
            partitions = _send(context, split_points(points, weights, count))
        transfer = perf_counter() - clock
        try:
            fit = fit_distributed(
                DistributedPoints(partitions, options.distance), centers, options, on_iteration
            )
        finally:
            partitions.close()
        return fit.with_seconds(transfer=transfer)


@guarded()
def _placed(context: Any, parts: list[SharedPart]) -> "RddPartitions[SharedPart]":
    return RddPartitions(context.parallelize(parts, len(parts)))


@guarded()
def _send(context: Any, parts: list[PartitionData]) -> "BroadcastPartitions | RddPartitions[PartitionData]":
    if sum(partition.points.nbytes for partition in parts) <= _MAX_SENT_BYTES:
        return BroadcastPartitions(context, [context.broadcast(partition) for partition in parts])
    partitions: RddPartitions[PartitionData] = RddPartitions(context.parallelize(parts, len(parts)).cache())
    partitions.rdd.count()
    return partitions


class BroadcastPartitions:
    """Partitions as broadcasts: a Python process of an executor reads one when it first needs it and keeps
    it, so in time each may hold all. The partitions of an RDD, even of a cached one, are streamed to Python
    in every iteration: 20 iterations over a million rows of 10 columns took 8.5 s that way, and take 2.7 s.
    """

    def __init__(self, context: Any, partitions: list[Any]) -> None:
        self.parts = partitions
        self.numbers = context.parallelize(list(range(len(partitions))), len(partitions))

    @guarded()
    def map(self, function: Callable[[PartitionData], Result]) -> list[Result]:
        replies: list[Result] = self.numbers.map(partial(_apply_to_broadcast, function, self.parts)).collect()
        return replies

    def close(self) -> None:
        if spark_session.is_alive():
            for partition in self.parts:
                partition.destroy()


def _apply_to_broadcast(
    function: Callable[[PartitionData], Result], partitions: list[Any], number: int
) -> Result:
    return function(partitions[number].value)


class SparkWorkers:
    """Spark's executors. Partitions that do not fit into their memory go to disk."""

    def __init__(self) -> None:
        self.context = spark_session.spark_session().sparkContext

    @property
    def count(self) -> int:
        return int(self.context.defaultParallelism)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """In jobs of a few items for each core, two at a time, so that no core waits for the end of one."""
        items = iter(items)
        size = _ITEMS_A_CORE * self.count
        group = uuid.uuid4().hex
        jobs = iter(lambda: list(itertools.islice(items, size)), [])
        with ThreadPoolExecutor(2, thread_name_prefix="spark-job") as pool:
            replies = in_order(lambda job: pool.submit(self._run, group, function, job), jobs, 1)
            try:
                for several in replies:
                    yield from several
            except BaseException:
                if spark_session.is_alive():
                    self.context.cancelJobGroup(group)
                raise
            finally:
                replies.close()

    @guarded()
    def describe(self) -> str:
        page = self.context.uiWebUrl
        others = self.context._jsc.sc().getExecutorMemoryStatus().size() - 1  # the driver is among them
        executors = f"{count_text(others, 'executor')}, " if others else ""
        memory = spark_settings.spark_memory()
        return (
            f"Spark at {self.context.master}: {executors}{count_text(self.count, 'core')}, {memory} of "
            f"memory for Java{' each' if others else ''}{f', {page}' if page else ''}"
        )

    @guarded()
    def _run(self, group: str, function: Callable[[Item], Result], items: list[Item]) -> list[Result]:
        self.context.setJobGroup(group, "K-means Studio")
        replies: list[Result] = self.context.parallelize(items, len(items)).map(function).collect()
        return replies

    @guarded()
    def load_partitions(
        self, function: Callable[[Item], PartitionData], items: Sequence[Item]
    ) -> "RddPartitions[PartitionData]":
        from pyspark import StorageLevel

        rdd = self.context.parallelize(items, len(items)).map(function)
        partitions: RddPartitions[PartitionData] = RddPartitions(rdd.persist(StorageLevel.MEMORY_AND_DISK))
        partitions.rdd.count()
        return partitions


class RddPartitions(Generic[Item]):
    """Partitions in an RDD, made on the executors, or what stands for them."""

    def __init__(self, rdd: Any) -> None:
        self.rdd = rdd

    @guarded()
    def map(self, function: Callable[[Item], Result]) -> list[Result]:
        replies: list[Result] = self.rdd.mapPartitions(partial(_map, function)).collect()
        return replies

    def close(self) -> None:
        if spark_session.is_alive():
            self.rdd.unpersist()


def _map(function: Callable[[Item], Result], partitions: Iterable[Item]) -> Iterator[Result]:
    return map(function, partitions)
