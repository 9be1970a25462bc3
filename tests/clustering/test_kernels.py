"""The iteration on NumPy, and its compiled distances, against plain arithmetic."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core.clustering import jit_kernels, kernels
from tests.oracle import nearest


@pytest.mark.parametrize("k", [1, 2, 4, 5, 13])
@pytest.mark.parametrize("n_points", [1, 1023, 1025, 9000])
def test_compiled_distances_equal_those_of_numpy(k, n_points):
    rng = np.random.default_rng(k)
    columns = rng.integers(0, 256, (3, n_points)).astype(float)
    centers = rng.random((k, 3)) * 255
    expected, distances = np.empty(n_points), np.empty(n_points)
    labels = np.empty(n_points, dtype=np.intp)
    jit_kernels.assign(columns, centers, labels, distances)
    assert_array_equal(labels, kernels.assign(columns, centers, expected))
    assert_array_equal(distances, expected)


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
