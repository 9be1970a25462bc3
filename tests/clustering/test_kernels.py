"""The compiled iteration against the NumPy one, and both against plain arithmetic."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core.clustering import jit_kernels, kernels
from tests.oracle import nearest


@pytest.mark.parametrize("dims", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("k", [1, 2, 4, 5, 13])
@pytest.mark.parametrize("n_points", [1, 1023, 1025, 9000])
def test_compiled_iteration_equals_numpy_iteration(dims, k, n_points):
    rng = np.random.default_rng(dims * 100 + k)
    points = rng.integers(0, 256, (n_points, dims)).astype(np.uint8)
    weights = rng.integers(1, 50, n_points)
    centers = rng.random((k, dims)) * 255

    partition = kernels.Partition(points, weights)
    expected = partition.assign_and_sum(centers)

    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    labels = np.full(n_points, -1, dtype=np.intp)
    sums, totals = np.zeros((k, dims)), np.zeros(k)
    # In two ranges, as two threads would.
    half = n_points // 2
    parts = [
        jit_kernels.assign_and_sum_range(
            columns, weights.astype(float), centers, labels, *limits, sums, totals
        )
        for limits in ((0, half), (half, n_points))
    ]
    assert_array_equal(labels, partition.labels)
    assert_array_equal(sums, expected.sums)
    assert_array_equal(totals, expected.weights)
    assert sum(part[1] for part in parts) == expected.reassigned == n_points
    assert sum(part[0] for part in parts) == pytest.approx(expected.inertia, rel=1e-12)


def test_labels_are_nearest_and_ties_go_to_the_lowest_index():
    points = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0], [1.0, 5.0]])
    centers = np.array([[2.0, 0.0], [0.0, 0.0], [2.0, 0.0]])
    distances = np.empty(4)
    labels = kernels.assign(points.T.copy(), centers, distances)
    assert_array_equal(labels, [1, 0, 0, 0])
    assert_array_equal(distances, [0, 0, 1, 26])
    assert labels.tolist() == [nearest(point, centers.tolist()) for point in points.tolist()]


def test_second_iteration_counts_only_changed_labels():
    partition = kernels.Partition(np.array([[0.0], [4.0], [10.0]]), np.ones(3))
    assert partition.assign_and_sum(np.array([[0.0], [10.0]])).reassigned == 3
    assert partition.assign_and_sum(np.array([[0.0], [7.0]])).reassigned == 1


def test_farthest_skips_weightless_points_and_keeps_order_on_ties():
    partition = kernels.Partition(np.array([[9.0], [1.0], [-1.0], [2.0]]), np.array([0, 1, 1, 1]), 100)
    far = partition.farthest(np.array([[0.0]]), 2)
    assert [(point.index, point.distance) for point in far] == [(103, 4.0), (101, 1.0)]
