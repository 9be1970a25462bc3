"""Tables of real numbers in many columns: own backends agree to 1e-9 from the same start."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_blobs

from kmeans_core import cluster
from kmeans_core.backends.numpy_ import NumpyBackend
from tests.backends.test_parity import OWN_BACKENDS
from tests.conftest import require


def _table(dims):
    """Blobs whose columns have very different scales."""
    points, _ = make_blobs(1200, dims, centers=6, cluster_std=2.0, random_state=dims)
    return points * np.logspace(-2, 2, dims)


@pytest.fixture(scope="module", params=[1, 10])
def case(request):
    points = _table(request.param)
    start = points[:5]
    return points, start, cluster(points, 5, init=start, backend=NumpyBackend(), max_iter=15)


@pytest.mark.parametrize("make", OWN_BACKENDS)
def test_the_same_result_from_the_same_initial_centers(case, make):
    points, start, expected = case
    backend = make()
    require(backend.name)
    result = cluster(points, 5, init=start, backend=backend, max_iter=15)
    assert_allclose(result.centers, expected.centers, rtol=1e-9)
    assert_array_equal(result.labels, expected.labels)
    assert result.inertia == pytest.approx(expected.inertia, rel=1e-9)
    assert (result.n_iter, result.converged) == (expected.n_iter, expected.converged)


@pytest.mark.parametrize("make", OWN_BACKENDS)
def test_32_bit_columns_are_computed_in_64_bits(make):
    backend = make()
    require(backend.name)
    points = _table(4).astype(np.float32)
    expected = cluster(points.astype(np.float64), 5, init=points[:5], backend="numpy")
    result = cluster(points, 5, init=points[:5], backend=backend)
    assert_allclose(result.centers, expected.centers, rtol=1e-9)
    assert_array_equal(result.labels, expected.labels)


@pytest.mark.parametrize("dims", [1, 2, 10])
def test_scikit_learn_agrees_from_the_same_start(dims):
    points = _table(dims)
    expected = cluster(points, 5, init=points[:5], backend="numpy", max_iter=300)
    result = cluster(points, 5, init=points[:5], backend="sklearn", max_iter=300)
    assert expected.converged
    assert_allclose(result.centers, expected.centers, rtol=1e-9)
    assert_array_equal(result.labels, expected.labels)


@pytest.mark.spark
def test_spark_ml_finds_the_blobs():
    require("spark-ml")
    points, truth = make_blobs(900, 6, centers=4, cluster_std=0.5, random_state=3)
    result = cluster(points, 4, backend="spark-ml", seed=1)
    expected = cluster(points, 4, init=[points[truth == i].mean(axis=0) for i in range(4)], backend="numpy")
    assert result.inertia == pytest.approx(expected.inertia, rel=1e-9)


@pytest.mark.parametrize("make", OWN_BACKENDS)
def test_parallel_seeding_starts_alike_however_the_rows_are_split(make):
    backend = make()
    require(backend.name)
    points = _table(3)
    expected = cluster(points, 12, init="k-means||", backend="numpy", seed=5, max_iter=2)
    result = cluster(points, 12, init="k-means||", backend=backend, seed=5, max_iter=2)
    assert_allclose(result.centers, expected.centers, rtol=1e-9)
