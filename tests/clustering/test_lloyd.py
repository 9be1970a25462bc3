"""The loop's rule for empty clusters, where it is hard."""

import numpy as np
from numpy.testing import assert_array_equal

from kmeans_core import cluster
from tests import oracle


def test_a_cluster_never_gives_away_its_last_point():
    # Center 0 has only the point 100, by far the farthest; center 1 has the rest.
    points = [[100.0], [0.0], [1.0], [3.0]]
    result = cluster(points, 3, init=[[200.0], [0.0], [-500.0]], max_iter=1, backend="numpy")
    assert_array_equal(result.centers, [[100.0], [0.5], [3.0]])


def test_many_empty_clusters_at_once_end_like_the_oracle():
    rng = np.random.default_rng(5)
    points = np.unique(rng.integers(0, 256, (80, 3)), axis=0)
    weights = rng.integers(1, 9, len(points))
    start = np.vstack([points[:2], np.full((10, 3), 9999)]).astype(float)
    centers, labels, _ = oracle.lloyd(points.tolist(), weights.tolist(), start.tolist(), 100)
    result = cluster(points, 12, weights=weights, init=start, backend="numpy")
    assert_array_equal(result.labels, labels)
    assert_array_equal(result.centers, centers)


def test_duplicates_do_not_fill_two_clusters():
    points = [[0.0]] * 5 + [[8.0]] * 5 + [[1.0]]
    result = cluster(points, 3, init=[[0.0], [50.0], [60.0]], max_iter=1, backend="numpy")
    # One of the eights, then the lone 1; 5 zeros and 4 eights stay with the first center.
    assert_array_equal(result.centers[:, 0], [32 / 9, 8.0, 1.0])


def test_the_start_is_left_as_it_was(blobs):
    start = blobs[:4].copy()
    cluster(blobs, 4, init=start)
    assert_array_equal(start, blobs[:4])


def test_fractional_weights_never_leave_a_center_without_points():
    """.1 + .2 - .2 - .1 is not 0: such a residue is no weight to divide by."""
    points = np.array([[101.86], [104.97], [95.81], [0.0], [0.1], [0.2]])
    start = [[50.0], [0.0], [-500.0], [-600.0], [-700.0]]
    result = cluster(points, 5, weights=[0.2, 1.1, 0.1, 1, 1, 1], init=start, max_iter=1, backend="numpy")
    assert result.centers.min() >= points.min()
    assert result.centers.max() <= points.max()


def test_an_iteration_that_refills_a_cluster_is_not_the_last():
    """On rows with duplicates, an iteration may change no label and still move a center."""
    rng = np.random.default_rng(0)
    refilled = 0
    for _ in range(400):
        values = rng.integers(0, 4, (8, 1)).astype(float)
        k = int(rng.integers(2, 1 + len(np.unique(values)))) if len(np.unique(values)) > 1 else 1
        start = rng.integers(0, 9, (k, 1)).astype(float)
        result = cluster(values, k, init=start, backend="numpy")
        refilled += any(step.reassigned == 0 and step.center_shift > 0 for step in result.history)
        assert not result.converged or result.history[-1].center_shift == 0
    assert refilled, "no example took the path this is about"
