"""Spark's evaluator against scikit-learn on squared distances."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_score

from kmeans_core.backends.spark_silhouette import spark_silhouette
from kmeans_core.errors import OptionError, UnsupportedOptionError
from kmeans_core.tables.clustered import cluster_table
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.preparation_fit import fit_preparation
from kmeans_core.tables.samples import sample_table
from tests.conftest import require

pytestmark = pytest.mark.spark


def expected(points, labels):
    return silhouette_score(cdist(points, points, "sqeuclidean"), labels, metric="precomputed")


def test_as_scikit_learn_by_squared_distances():
    require("spark-rdd")
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(900, 3)), rng.integers(0, 3, 900).astype(np.int32)
    points[:, 0] += labels
    assert spark_silhouette(points, labels) == pytest.approx(expected(points, labels), rel=1e-9)
    assert math.isnan(spark_silhouette(points, np.zeros(900, dtype=np.int32)))


def test_of_a_table():
    require("spark-rdd")
    table = sample_table("wine")
    clustered = cluster_table(
        table,
        fit_preparation(table.frame),
        TableOptions.of(n_clusters=3, backend="spark-rdd", silhouette="all", max_iter=5),
    )
    value = expected(clustered.prepared.points, clustered.result.labels)
    report = clustered.report()
    assert report["silhouette"] == pytest.approx(value, rel=1e-9)
    assert (report["silhouette_rows"], report["silhouette_distance"]) == (178, "squared euclidean")
    assert "silhouette" in report["seconds"]


def test_what_is_refused():
    table = sample_table("iris")
    preparation = fit_preparation(table.frame)
    with pytest.raises(UnsupportedOptionError, match="not with the backend numba; use spark-rdd or spark-ml"):
        cluster_table(table, preparation, TableOptions.of(n_clusters=3, silhouette="all"))
    with pytest.raises(OptionError, match="silhouette='most' is unknown; use one of: sample, all"):
        cluster_table(table, preparation, TableOptions.of(n_clusters=3, silhouette="most"))
