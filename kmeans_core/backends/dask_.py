"""Our distributed Lloyd on dask.distributed: partitions in the memory of Dask's workers."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any, Generic

from kmeans_core.backends import dask_session
from kmeans_core.backends.base import HEAD_TO_HEAD, BackendBase, Fit, Traits
from kmeans_core.backends.dask_session import translate_errors
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
from kmeans_core.backends.shared_points import share_points
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, OnIteration, RealArray
from kmeans_core.wording import bytes_text, count_text

# Items that each thread of a worker has waiting, so that it need not wait for the next.
_AHEAD = 3
_NO_MORE: Any = object()


class DaskBackend(BackendBase):
    """partitions: number of partitions, by default one for each thread of each worker."""

    name = "dask"
    title = "Dask"
    summary = "Our distributed Lloyd on Dask: partitions of arrays in worker processes."
    traits = Traits(
        own=True, distributed=True, reads_files=True, seeds_in_fit=("k-means||",), distances=tuple(DISTANCES)
    )
    order = 80
    color = "#7d70d6"
    rival = "paper-rdd"
    compared_on = ("tables", HEAD_TO_HEAD)
    engine = "Dask"
    start_title = "Start Dask"
    packages = ("dask", "distributed")
    extra = "dask"

    def __init__(self, partitions: int | None = None) -> None:
        self.partitions = partitions

    def missing(self) -> str | None:
        return dask_session.why_dask_is_missing()

    def version(self) -> str:
        return dask_session.dask_version()

    def address(self) -> str:
        return dask_session.scheduler()

    def start(self) -> None:
        dask_session.dask_client()

    def workers(self) -> "DaskWorkers":
        return DaskWorkers()

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        client = dask_session.dask_client()
        clock = perf_counter()
        count = self.partitions or dask_session.worker_threads(client)
        partitions: RemotePartitions[PartitionData] | None = None
        if not dask_session.scheduler():  # the workers are on this machine
            partitions = share_points(points, weights, count, partial(DaskPartitions, client))
        if partitions is None:
            partitions = _scatter(client, split_points(points, weights, count))
        transfer = perf_counter() - clock
        try:
            fit = fit_distributed(
                DistributedPoints(partitions, options.distance), centers, options, on_iteration
            )
        finally:
            partitions.close()
        dashboard = dask_session.dashboard()
        notes = (f"Dask's dashboard is at {dashboard}, on the machine that runs this.",) if dashboard else ()
        return replace(fit.with_seconds(transfer=transfer), notes=notes)


@translate_errors()
def _scatter(client: Any, partitions: list[PartitionData]) -> "DaskPartitions[PartitionData]":
    return DaskPartitions(client, client.scatter(partitions, hash=False))


class DaskWorkers:
    """Dask's workers, here or at `KMEANS_DASK_SCHEDULER`."""

    def __init__(self) -> None:
        self.client = dask_session.dask_client()

    @property
    def count(self) -> int:
        return dask_session.worker_threads(self.client)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        results = in_order(partial(self.client.submit, function, pure=False), items, _AHEAD * self.count)
        with closing(results):
            while True:
                with translate_errors():
                    result = next(results, _NO_MORE)
                if result is _NO_MORE:
                    return
                yield result

    def describe(self) -> str:
        with translate_errors():
            workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        memory = sum(worker["memory_limit"] or 0 for worker in workers)
        where = f" at {dask_session.scheduler()}" if dask_session.scheduler() else ""
        page = f", {dask_session.dashboard()}" if dask_session.dashboard() else ""
        threads = sum(worker["nthreads"] for worker in workers)
        return (
            f"Dask{where}: {count_text(len(workers), 'worker')}, {count_text(threads, 'thread')}, "
            f"{bytes_text(memory)} of memory{page}"
        )

    @translate_errors()
    def load_partitions(
        self, function: Callable[[Item], PartitionData], items: Sequence[Item]
    ) -> "DaskPartitions[PartitionData]":
        from distributed import wait

        partitions = self.client.map(function, items, pure=False)
        wait(partitions)
        return DaskPartitions(self.client, partitions)


class DaskPartitions(Generic[Item]):
    """Partitions as futures, or what stands for them. Their memory is freed with this object."""

    def __init__(self, client: Any, partitions: list[Any]) -> None:
        self.client = client
        self.partitions = partitions

    @translate_errors()
    def map(self, function: Callable[[Item], Result]) -> list[Result]:
        # A task stores labels beside its partition, so Dask must not reuse the result of an equal one.
        futures = self.client.map(function, self.partitions, pure=False)
        results: list[Result] = self.client.gather(futures)
        return results

    def close(self) -> None:
        self.partitions = []
