"""Mini-batch k-means: the published update by hand, and how near it comes to Lloyd."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from kmeans_core import cluster
from kmeans_core.clustering.minibatch import BATCH_SIZE, MiniBatch, fit_minibatch
from kmeans_core.options import FitOptions


def blobs(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-40, 40, (6, 4))[rng.integers(0, 6, n)] + rng.normal(size=(n, 4))


def test_a_center_is_the_mean_of_all_it_was_given():
    model = MiniBatch(np.array([[0.0], [10.0], [99.0]]))
    assert model.partial_fit(np.array([[1.0], [9.0]])) == 1
    assert_array_equal(model.centers, [[1], [9], [99]])  # the start itself counts for nothing
    model.partial_fit(np.array([[3.0], [2.0]]), np.array([1.0, 2.0]))
    assert_allclose(model.centers, [[(1 + 3 + 2 * 2) / 4], [9], [99]])
    assert_array_equal(model.weights, [4, 1, 0])


def test_one_point_at_a_time_is_the_published_update():
    """Algorithm 1 of the paper: c ← (1 - 1/v) c + x/v with v the number of points so far."""
    points = blobs(300)
    start = points[:5].copy()
    model = MiniBatch(start)
    centers, counts = start.copy(), np.zeros(5)
    for point in points:
        model.partial_fit(point[None])
        nearest = int(((centers - point) ** 2).sum(axis=1).argmin())
        counts[nearest] += 1
        centers[nearest] += (point - centers[nearest]) / counts[nearest]
    assert_allclose(model.centers, centers, rtol=1e-12)


def test_nearly_as_good_as_lloyd_on_less_work():
    points = blobs(60_000)
    start = cluster(points, 6, backend="numpy", max_iter=1).centers
    exact = cluster(points, 6, init=start, backend="numpy")
    found = cluster(points, 6, init=start, backend="minibatch")
    assert found.converged
    assert 1 <= found.inertia / exact.inertia < 1.001
    assert found.notes == (
        f"An iteration is one batch of {BATCH_SIZE:,} points, not a pass over all of them.",
    )
    assert len(found.history) == found.n_iter
    # What it says on the way is an estimate for all points.
    assert found.history[-1].inertia == pytest.approx(exact.inertia, rel=0.05)


def test_the_same_seed_gives_the_same_centers():
    points = blobs(20_000)
    first, again, other = (cluster(points, 6, backend="minibatch", seed=seed) for seed in (1, 1, 2))
    assert_array_equal(first.centers, again.centers)
    assert not np.array_equal(first.centers, other.centers)


def test_exactly_as_many_batches_as_asked_for():
    result = cluster(blobs(9000), 6, backend="minibatch", max_iter=23, early_stop=False)
    assert result.n_iter == 23


def test_points_without_weight_teach_nothing():
    points = np.vstack([blobs(2 * BATCH_SIZE), np.full((2 * BATCH_SIZE, 4), 1000.0)])
    weights = np.repeat([1.0, 0.0], 2 * BATCH_SIZE)
    result = cluster(points, 6, weights=weights, backend="minibatch")
    assert result.centers.max() < 60


@pytest.mark.parametrize("times", [1, 1000])
def test_it_goes_on_while_there_is_something_to_learn(times):
    """However small a batch is beside the data: they last, so each may still be the one that helps."""
    rng = np.random.default_rng(1)
    centers = rng.uniform(-500, 500, (16, 2))
    start = centers + 300

    def batches():
        while True:
            yield centers[rng.integers(0, 16, BATCH_SIZE)] + rng.normal(size=(BATCH_SIZE, 2)), None

    end = fit_minibatch(batches(), start, times * 1e6, FitOptions(16, max_iter=1000))
    assert end.converged
    assert end.history[-1].inertia < 0.2 * end.history[0].inertia


def test_batches_may_run_out():
    points = blobs(1000)
    batches = ((part, None) for part in np.array_split(points, 4))
    end = fit_minibatch(batches, points[:3], 1000, FitOptions(3))
    assert len(end.history) == 4
