"""Spark's own k-means, `pyspark.ml.clustering.KMeans`, on weighted points.

It seeds by itself, with k-means|| (Bahmani et al., *Scalable K-Means++*, VLDB 2012) or at random, both
blind to the weights, and reports neither iterations while it runs nor the cost of the centers it returns
(its `trainingCost` is one update behind). Labels and inertia are therefore computed by our kernel from its
centers.
"""

from time import perf_counter

import numpy as np

from kmeans_core.backends import spark_session
from kmeans_core.backends.base import Fit, Traits
from kmeans_core.backends.spark_session import OnSpark
from kmeans_core.errors import UnsupportedOptionError
from kmeans_core.types import FitOptions, FloatArray, OnIteration, RealArray

_INIT_MODES = {"k-means++": "k-means||", "random": "random"}


class SparkMlBackend(OnSpark):
    name = "spark-ml"
    title = "Spark ML"
    summary = "Spark's own KMeans with a weight column; seeds by itself."
    traits = Traits(
        own=False,
        initial_centers=False,
        history=False,
        fixed_iterations=False,
        distributed=True,
        inits=tuple(_INIT_MODES),
    )

    def seed_centers(self, points: RealArray, weights: RealArray, options: FitOptions) -> FloatArray:
        raise UnsupportedOptionError("The backend spark-ml seeds by itself.")

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        import pandas as pd
        from pyspark.ml.clustering import KMeans
        from pyspark.ml.feature import VectorAssembler

        if options.n_clusters == 1:
            return _single_center(points, weights)
        session = spark_session.spark_session()
        names = [f"x{dim}" for dim in range(points.shape[1])]
        with spark_session.guarded():
            clock = perf_counter()
            frame = pd.DataFrame(points.astype(np.float64), columns=names).assign(weight=weights)
            table = session.createDataFrame(frame)
            table = VectorAssembler(inputCols=names, outputCol="features").transform(table)
            table = table.select("features", "weight").cache()
            table.count()
            transfer = perf_counter() - clock
            try:
                model = KMeans(
                    k=options.n_clusters,
                    initMode=_INIT_MODES[options.init],
                    maxIter=options.max_iter,
                    tol=options.tol,
                    seed=options.seed,
                    weightCol="weight",
                ).fit(table)
                found = np.array(model.clusterCenters(), dtype=np.float64)
                n_iter = int(model.summary.numIter)
            finally:
                if spark_session.is_alive():
                    table.unpersist()
        notes = (
            ("Spark ML seeds with k-means||, its parallel form of k-means++.",)
            if options.init == "k-means++"
            else ()
        )
        return Fit(
            found, None, n_iter, n_iter < options.max_iter, seconds={"transfer": transfer}, notes=notes
        )


def _single_center(points: RealArray, weights: RealArray) -> Fit:
    """Spark refuses k=1, where the answer is the weighted mean."""
    mean = weights @ points.astype(np.float64) / weights.sum()
    return Fit(
        mean[None, :], None, 0, True, notes=("One cluster: the mean, without Spark, which needs two.",)
    )
