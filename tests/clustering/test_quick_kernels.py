"""The compiled way gives the labels and sums of the plain one, where it need not be compiled first."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from kmeans_core.clustering import jit, kernels, quick_kernels
from tests.clustering.made_tables import made


@pytest.fixture(params=["compiled", "not compiled"])
def state(request, monkeypatch):
    monkeypatch.setattr(quick_kernels, "_MIN_WORK", 0)
    monkeypatch.setattr(jit, "is_compiled", lambda *_: request.param == "compiled")
    return request.param


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("kind", ["ties", "normal", "far away"])
def test_as_the_plain_kernels(state, dtype, kind):
    points = made(kind, 500, 5, 0, "64 bits").astype(dtype)
    weights, centers = np.random.default_rng(0).integers(0, 3, 500).astype(float), points[:7].astype(float)
    assert_array_equal(quick_kernels.nearest_labels(points, centers), kernels.nearest_labels(points, centers))
    partition = quick_kernels.new_partition(points, weights, len(centers))
    assert isinstance(partition, kernels.Partition) == (state == "not compiled")
    found = partition.assign_and_sum(centers)
    expected = kernels.Partition(points, weights).assign_and_sum(centers)
    assert_array_equal(found.weights, expected.weights)
    assert_allclose(found.sums, expected.sums, rtol=1e-12, atol=1e-9)
