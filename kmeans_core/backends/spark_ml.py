"""Spark's own k-means, `pyspark.ml.clustering.KMeans`, on weighted points.

It seeds by itself, with k-means|| (Bahmani et al., *Scalable K-Means++*, VLDB 2012) or at random, both
without regard to the weights, and does not report the inertia of the centers it returns (its `trainingCost`
is one update behind). Labels and inertia are therefore computed by our kernel from its centers.

It has no callback either. A second thread reads its progress from the names of the Spark jobs it starts, one
per iteration, and cancels them if the caller's callback raises.
"""

import math
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import Any

import numpy as np

from kmeans_core.backends import spark_session
from kmeans_core.backends.base import HEAD_TO_HEAD, Fit, Traits
from kmeans_core.backends.spark_session import NeedsSpark, guarded
from kmeans_core.errors import BackendFailedError, UnsupportedOptionError
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, Iteration, OnIteration, RealArray

# An iteration takes some 100 ms on a photograph.
_POLL_SECONDS = 0.1
_INIT_MODES = {"k-means++": "k-means||", "k-means||": "k-means||", "random": "random"}


class SparkMlBackend(NeedsSpark):
    name = "spark-ml"
    title = "Spark ML"
    summary = "Spark's own KMeans with a weight column; chooses its own initial centers."
    traits = Traits(
        own=False,
        initial_centers=False,
        history=False,
        fixed_iterations=False,
        distributed=True,
        full_silhouette=True,
        inits=tuple(_INIT_MODES),
    )
    order = 70
    color = "#c25f97"
    rival = "paper-rdd"
    compared_on = ("pixels", "colors", "cores", "tables", HEAD_TO_HEAD)

    def seed_centers(self, points: RealArray, weights: RealArray, options: FitOptions) -> FloatArray:
        raise UnsupportedOptionError("The backend spark-ml chooses its own initial centers.")

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        from pyspark.ml.clustering import KMeans

        if centers is not None:
            # One center for each distinct point; left to itself, Spark ML would lose some of them.
            return Fit(
                centers, None, 0, True, notes=("One cluster per distinct point: computed without Spark.",)
            )
        if options.n_clusters == 1:
            return _single_center(points, weights)
        session = spark_session.spark_session()
        clock = perf_counter()
        spark_frame = _to_data_frame(session, points, weights)
        transfer = perf_counter() - clock
        estimator = KMeans(
            k=options.n_clusters,
            initMode=_INIT_MODES[options.init],
            maxIter=options.max_iter,
            tol=options.tol,
            seed=options.seed,
            weightCol="weight",
        )
        try:
            with _report_iterations(session.sparkContext, on_iteration), guarded():
                model = estimator.fit(spark_frame)
                found = np.array(model.clusterCenters(), dtype=np.float64)
                n_iter = int(model.summary.numIter)
        finally:
            if spark_session.is_alive():
                spark_frame.unpersist()
        notes = (
            ("Spark ML chooses initial centers with k-means||, the parallel form of k-means++.",)
            if options.init == "k-means++"
            else ()
        )
        return Fit(
            found, None, n_iter, n_iter < options.max_iter, seconds={"transfer": transfer}, notes=notes
        )


@guarded()
def _to_data_frame(session: Any, points: RealArray, weights: RealArray) -> Any:
    """A cached DataFrame with a vector column `features` and a column `weight`."""
    import pandas as pd
    from pyspark.ml.feature import VectorAssembler

    names = [f"x{dim}" for dim in range(points.shape[1])]
    frame = pd.DataFrame(points.astype(np.float64), columns=names).assign(weight=weights)
    spark_frame = VectorAssembler(inputCols=names, outputCol="features").transform(
        session.createDataFrame(frame)
    )
    spark_frame = spark_frame.select("features", "weight").cache()
    spark_frame.count()
    return spark_frame


@contextmanager
def _report_iterations(context: Any, on_iteration: OnIteration | None) -> Iterator[None]:
    """Calls `on_iteration` from another thread for each iteration that Spark ML begins meanwhile.

    An exception in it cancels Spark's jobs and is raised here.
    """
    if on_iteration is None:
        yield
        return
    from pyspark import InheritableThread

    group = f"kmeans-{uuid.uuid4().hex}"
    done = threading.Event()
    errors: list[BaseException] = []

    def watch() -> None:
        try:
            with guarded():
                counter = _IterationCounter(context, group)
            clock = perf_counter()
            while not done.wait(_POLL_SECONDS):
                with guarded():
                    begun = counter.new_iterations()
                for index in begun:
                    now = perf_counter()
                    on_iteration(Iteration(index, math.nan, math.nan, 0, now - clock))
                    clock = now
        except BackendFailedError:
            return  # the thread that waits for the fit gets the same error and raises it
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for the fit
            errors.append(error)
            with suppress(BackendFailedError), guarded():
                context.cancelJobGroup(group)

    with guarded():
        context.setJobGroup(group, "K-means by Spark ML", interruptOnCancel=True)
    watcher = InheritableThread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except BackendFailedError:
        if not errors:
            raise
    finally:
        done.set()
        watcher.join()
        if spark_session.is_alive():
            context._jsc.clearJobGroup()
    if errors:
        raise errors[0]


class _IterationCounter:
    """Counts the jobs of a group that are iterations of Lloyd's algorithm, by the line of KMeans.scala that
    started them; seeding starts its jobs elsewhere.
    """

    def __init__(self, context: Any, group: str) -> None:
        self.tracker, self.store = context.statusTracker(), context._jsc.sc().statusStore()
        self.group = group
        self.seen: set[int] = set()
        self.n_iter = 0

    def new_iterations(self) -> list[int]:
        """Numbers of the iterations that began since the last call."""
        before = self.n_iter
        for job in sorted(set(self.tracker.getJobIdsForGroup(self.group)) - self.seen):
            self.seen.add(job)
            self.n_iter += str(self.store.job(job).name()).startswith("collectAsMap at KMeans.scala")
        return list(range(before + 1, self.n_iter + 1))


def _single_center(points: RealArray, weights: RealArray) -> Fit:
    """Spark refuses k=1, where the answer is the weighted mean."""
    mean = weights @ points.astype(np.float64) / weights.sum()
    return Fit(
        mean[None, :],
        None,
        0,
        True,
        notes=("One cluster: its center is the mean, computed without Spark, which needs two clusters.",),
    )
