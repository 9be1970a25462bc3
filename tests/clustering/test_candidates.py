"""k-means||: the same candidates in any partitions, with the weight of what they stand for."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_blobs

from kmeans_core import cluster
from kmeans_core.clustering.candidates import draw_candidates, uniform_at
from kmeans_core.clustering.kernels import Partition
from kmeans_core.clustering.seeding import kmeans_parallel


class Split:
    """Points in partitions that forget what was noted on them, as a cluster's processes may."""

    def __init__(self, points, weights, bounds, *, forgetful=False):
        self.shares = [
            (points[a:b], weights[a:b], a) for a, b in zip([0, *bounds], [*bounds, len(points)], strict=True)
        ]
        self.partitions = [Partition(*share) for share in self.shares]
        self.forgetful = forgetful
        self.asked = 0

    def each(self, ask):
        self.asked += 1
        if self.forgetful:
            self.partitions = [Partition(*share) for share in self.shares]
        return [ask(partition) for partition in self.partitions]


def test_random_numbers_belong_to_places():
    whole = uniform_at(3, 1, 0, 1000)
    parts = [uniform_at(3, 1, a, b - a) for a, b in ((0, 1), (1, 6), (6, 501), (501, 1000))]
    assert_array_equal(np.concatenate(parts), whole)
    assert 0 <= whole.min() < whole.max() < 1
    assert abs(whole.mean() - 0.5) < 0.05
    assert not np.isin(uniform_at(3, 2, 0, 1000), whole).any()
    assert not np.isin(uniform_at(4, 1, 0, 1000), whole).any()


@pytest.mark.parametrize("bounds", [[1], [700], [100, 101, 600], list(range(50, 1000, 50))])
@pytest.mark.parametrize("forgetful", [False, True])
def test_the_same_candidates_however_the_points_are_split(bounds, forgetful):
    rng = np.random.default_rng(0)
    points, weights = rng.integers(0, 256, (1000, 3)), rng.integers(0, 5, 1000)
    expected = draw_candidates(Split(points, weights, []), 8, 11)
    found = draw_candidates(Split(points, weights, bounds, forgetful=forgetful), 8, 11)
    assert_array_equal(found[0], expected[0])
    assert_array_equal(found[1], expected[1])


def test_candidates_weigh_what_lies_nearest_to_them():
    rng = np.random.default_rng(1)
    points, weights = rng.normal(size=(400, 2)), rng.integers(0, 4, 400).astype(float)
    candidates, masses = draw_candidates(Split(points, weights, [150]), 5, 2)
    assert masses.sum() == weights.sum()
    nearest = ((points[:, None] - candidates) ** 2).sum(axis=2).argmin(axis=1)
    assert_array_equal(masses, np.bincount(nearest, weights, len(candidates)))
    heavy = {tuple(point) for point in points[weights > 0].tolist()}
    assert {tuple(point) for point in candidates.tolist()} <= heavy


def test_a_pass_draws_twice_k_points_on_average():
    points, _ = make_blobs(5000, 4, centers=50, random_state=1)
    counts = [len(draw_candidates(Split(points, np.ones(5000), []), 10, seed)[0]) for seed in range(40)]
    # Five passes of 20, and the first point; a pass that drew all it could would be fewer.
    assert 90 < np.mean(counts) < 105


def test_few_passes_over_the_points():
    points, _ = make_blobs(3000, 4, centers=20, random_state=1)
    split = Split(points, np.ones(3000), [1000, 2000])
    kmeans_parallel(split, 20, 0)
    # To count, to pick the first, to measure it, five times to draw and to measure, and to weigh.
    assert split.asked == 3 + 5 * 2 + 1


def test_weights_count_like_repeated_points():
    """A heavy group far away is found; the same group without weight is never drawn."""
    points = np.vstack([np.random.default_rng(0).normal(size=(500, 2)), [[100.0, 100.0]]])
    heavy, none = np.ones(501), np.ones(501)
    heavy[-1], none[-1] = 300, 0
    assert [100.0, 100.0] in kmeans_parallel(Split(points, heavy, [200]), 2, 1).tolist()
    assert all(
        [100.0, 100.0] not in kmeans_parallel(Split(points, none, [200]), 5, seed).tolist()
        for seed in range(20)
    )


@pytest.mark.parametrize("k", [1, 3, 6])
def test_few_distinct_points_among_many_copies(k):
    points = np.repeat(np.arange(6.0)[:, None], 100, axis=0)
    centers = kmeans_parallel(Split(points, np.ones(600), [250]), k, 4)
    assert len(np.unique(centers)) == k


def test_as_good_as_k_means_plus_plus_on_blobs():
    points, _ = make_blobs(4000, 3, centers=25, cluster_std=0.3, random_state=2)

    def mean_inertia(init):
        return np.mean([cluster(points, 25, init=init, seed=seed).inertia for seed in range(30)])

    best = mean_inertia("k-means++")
    assert mean_inertia("k-means||") <= 1.03 * best
    assert mean_inertia("random") > 1.2 * best  # a start that is worse would show
