"""What this machine could do at most, to compare times with.

An iteration of k-means reads points and computes distances, so its time cannot fall below the bytes divided
by the memory bandwidth, nor, if every distance is computed, below the distances over the rate of the vector
units; the roofline of Williams, Waterman and Patterson (*Roofline: an insightful visual performance model for
multicore architectures*, CACM 52, 2009). An iteration on Spark or Dask cannot be faster than an empty job.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import monotonic, perf_counter
from typing import Any

import numpy as np

from kmeans_core.backends import dask_session, spark_session
from kmeans_core.clustering import threads
from kmeans_core.clustering.jit_kernels import assign
from kmeans_core.types import FloatArray

_COPIED_BYTES = 128 * 2**20
_POINTS, _CENTERS = 8192, 256
_REPETITIONS = 7
# Java compiles hot code while it runs.
_WARM_SECONDS = 6.0
_JOBS = 40


@dataclass(frozen=True)
class Ceiling:
    """bytes_a_second: read plus written, copying large arrays. distances_a_second: of colors to centers, from
    caches. Both on all cores. spark_job, dask_job: seconds of a job that does nothing, with a task for each
    core; None where the engine cannot run.
    """

    bytes_a_second: float
    distances_a_second: float
    spark_job: float | None
    dask_job: float | None


def measure_ceiling(on_progress: Callable[[Any], None]) -> Ceiling:
    """Best of several for the machine, medians for Spark and Dask, which are left running."""
    on_progress("copying")
    copied = 2 * _COPIED_BYTES * threads.usable_cores() / _best(_copy, _arrays())
    on_progress("computing distances")
    computed = _POINTS * _CENTERS * threads.usable_cores() / _best(_compute, _points())
    on_progress("empty Spark jobs")
    spark = None if spark_session.why_spark_is_missing() else _job_seconds(_empty_spark_job())
    on_progress("empty Dask jobs")
    dask = None if dask_session.why_dask_is_missing() else _job_seconds(_empty_dask_job())
    return Ceiling(copied, computed, spark, dask)


def _best(work: Callable[[Any], None], arrays: list[Any]) -> float:
    """Seconds of the fastest of several runs, one part a core."""
    seconds = []
    for _ in range(_REPETITIONS):
        clock = perf_counter()
        threads.map_threaded(work, arrays)
        seconds.append(perf_counter() - clock)
    return min(seconds)


def _arrays() -> list[Any]:
    return [np.ones((2, _COPIED_BYTES // 8)) for _ in range(threads.usable_cores())]


def _copy(arrays: FloatArray) -> None:
    np.copyto(arrays[0], arrays[1])


def _points() -> list[Any]:
    numbers = np.random.default_rng(0)
    return [
        (numbers.random((3, _POINTS)), numbers.random((_CENTERS, 3)), np.zeros(_POINTS, dtype=np.intp))
        for _ in range(threads.usable_cores())
    ]


def _compute(part: tuple[FloatArray, FloatArray, Any]) -> None:
    columns, centers, labels = part
    assign(columns, centers, labels, np.empty(columns.shape[1]))


def _job_seconds(job: Callable[[], object]) -> float:
    began = monotonic()
    while monotonic() - began < _WARM_SECONDS:
        job()
    seconds = []
    for _ in range(_JOBS):
        clock = perf_counter()
        job()
        seconds.append(perf_counter() - clock)
    return median(seconds)


def _empty_spark_job() -> Callable[[], object]:
    context = spark_session.spark_session().sparkContext
    numbers = context.parallelize(range(context.defaultParallelism), context.defaultParallelism)
    return lambda: numbers.map(_nothing).collect()


def _empty_dask_job() -> Callable[[], object]:
    client = dask_session.dask_client()
    count = dask_session.worker_threads(client)
    return lambda: client.gather(client.map(_nothing, range(count), pure=False))


def _nothing(number: int) -> int:
    return number
