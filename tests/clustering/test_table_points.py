"""Rows of tables: the labels of brute force in 64 bits, whatever the kernels leave out."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from kmeans_core import cluster
from kmeans_core.clustering import kernels, lloyd
from kmeans_core.clustering.table_points import TablePoints
from kmeans_core.options import FitOptions
from tests.clustering.made_tables import KINDS, brute, made, rows


def iterate(points, weights, centers, n_iter, n_threads=None):
    """Labels, sums and centers of each iteration."""
    state = TablePoints(points, weights, n_threads)
    for _ in range(n_iter):
        (total,) = state.assign_and_sum(centers)
        yield centers, state.rows.labels.copy(), total
        centers, *_ = lloyd.update(total, state, centers)


@given(
    kind=st.sampled_from(KINDS),
    n_points=st.integers(1, 700),
    n_dims=st.one_of(st.integers(1, 20), st.sampled_from([63, 64, 127, 128, 129, 400, 800])),
    n_clusters=st.sampled_from([1, 2, 3, 4, 5, 9, 40]),
    layout=st.sampled_from(["64 bits", "32 bits", "columns"]),
    seed=st.integers(0, 99),
)
def test_labels_of_brute_force(kind, n_points, n_dims, n_clusters, layout, seed):
    """In every iteration, from centers that are rows, some of them twice."""
    points = made(kind, n_points, n_dims, seed, layout)
    start = points[np.random.default_rng(seed).integers(0, n_points, n_clusters)].astype(np.float64)
    weights = np.ones(n_points)
    for centers, labels, total in iterate(points, weights, start, 6):
        assert_array_equal(labels, brute(points, centers))
        assert_array_equal(total.weights, np.bincount(labels, minlength=n_clusters))


@given(
    jumps=st.lists(st.sampled_from([1e-25, 1e-9, 1.0, 1e9, 1e25, 1e60]), min_size=1, max_size=5),
    spread=st.sampled_from([0.0, 1e-20, 1.0]),
    n_dims=st.sampled_from([1, 5, 130]),
    seed=st.integers(0, 99),
)
def test_centers_that_jump_by_any_factor(jumps, spread, n_dims, seed):
    rng = np.random.default_rng(seed)
    points = 1e-7 + spread * rng.normal(size=(50, n_dims))
    state = TablePoints(points, np.ones(50))
    for factor in (0.0, *jumps):
        centers = points[:6] + factor * rng.normal(size=(6, n_dims))
        state.assign_and_sum(centers)
        assert_array_equal(state.rows.labels, brute(points, centers))


@given(
    kind=st.sampled_from(["normal", "blobs", "far away", "scales"]),
    n_dims=st.sampled_from([1, 3, 10, 200]),
    n_threads=st.integers(2, 5),
    weighted=st.booleans(),
    seed=st.integers(0, 99),
)
def test_sums_do_not_depend_on_threads_or_on_what_moved_before(kind, n_dims, n_threads, weighted, seed):
    points = rows(kind, 900, n_dims, seed)
    weights = np.random.default_rng(seed).random(900) if weighted else np.ones(900)
    runs = [list(iterate(points, weights, points[:7], 8, count)) for count in (1, n_threads)]
    for (centers, labels, total), (_, other_labels, other) in zip(*runs, strict=True):
        assert_array_equal(labels, other_labels)
        assert_array_equal(total.sums, other.sums)
        assert_array_equal(total.weights, other.weights)
        (fresh,) = TablePoints(points, weights, 1).assign_and_sum(centers)
        assert_array_equal(total.sums, fresh.sums)
        expected = kernels.Partition(points, weights).assign_and_sum(centers)
        assert_allclose(total.sums, expected.sums, rtol=1e-11, atol=1e-11 * np.abs(points).sum())
        assert total.inertia == pytest.approx(expected.inertia, rel=1e-6 if kind == "far away" else 1e-9)


@pytest.mark.parametrize("size", [1e12, 1e20, 1e33])
def test_rows_that_dwarf_the_others_leave_nothing_behind(size):
    rng = np.random.default_rng(0)
    points = rng.normal(5, 1, (2000, 3))
    points[:6, 0] = size * (1 + 0.01 * rng.random(6))
    start = np.array([[0.0, 0.0, 0.0], [-1000.0, 0.0, 0.0]])
    *_, (_, labels, total) = iterate(points, np.ones(2000), start, 8)
    for cluster_number in range(2):
        members = points[labels == cluster_number]
        assert_allclose(total.sums[cluster_number], members.sum(axis=0), rtol=1e-12)


def test_inertia_of_tight_clusters_far_from_each_other():
    """The squares about the middle would leave no digit of it."""
    rng = np.random.default_rng(0)
    places = 1e6 * rng.normal(size=(4, 5))
    points = places[np.arange(400) % 4] + 1e-3 * rng.normal(size=(400, 5))
    *_, (centers, _, total) = iterate(points, np.ones(400), points[:4], 5)
    assert total.inertia == pytest.approx(
        kernels.Partition(points, np.ones(400)).assign_and_sum(centers).inertia
    )


def test_most_rows_are_left_alone_and_few_need_64_bits():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(20_000, 8)) + 4 * rng.integers(0, 6, (20_000, 1))
    state, centers, scored = TablePoints(points, np.ones(20_000)), points[:12], []
    for _ in range(12):
        (total,) = state.assign_and_sum(centers)
        scored.append(state.n_scored)
        assert state.n_decided < 100
        centers, *_ = lloyd.update(total, state, centers)
    assert scored[0] == 20_000
    assert scored[-1] < 10_000


@pytest.mark.parametrize("n_clusters", [3, 60])
def test_farthest_as_on_numpy(n_clusters):
    rng = np.random.default_rng(2)
    points = rng.integers(0, 4, (500, 3)).astype(float)
    weights = rng.integers(0, 2, 500).astype(float)
    centers = points[:n_clusters] + 0.25
    expected = kernels.Partition(points, weights, 40).farthest(centers, 70)
    found = TablePoints(points, weights, offset=40).farthest(centers, 70)
    assert [(one.distance, one.index, one.label) for one in found] == [
        (one.distance, one.index, one.label) for one in expected
    ]
    assert_array_equal([one.point for one in found], [one.point for one in expected])


def test_a_run_as_on_numpy():
    """Empty clusters are filled on the way."""
    rng = np.random.default_rng(3)
    points = np.repeat(rng.normal(size=(300, 4)), 3, axis=0)
    options = FitOptions(n_clusters=40, max_iter=30)
    ends = [
        lloyd.run_lloyd(state, points[:40], options)
        for state in (TablePoints(points, np.ones(900)), _Numpy(points))
    ]
    assert_allclose(ends[0].centers, ends[1].centers, rtol=1e-12)
    assert [step.reassigned for step in ends[0].history] == [step.reassigned for step in ends[1].history]


class _Numpy:
    def __init__(self, points):
        self.partition = kernels.Partition(points, np.ones(len(points)))

    def assign_and_sum(self, centers):
        return [self.partition.assign_and_sum(centers)]

    def farthest(self, centers, count):
        return self.partition.farthest(centers, count)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("init", ["given", "k-means++"])
def test_memory_beyond_the_table(dtype, init):
    """Below 16 bytes a row, whatever the number of columns."""
    points = np.random.default_rng(0).normal(size=(300_000, 6)).astype(dtype)
    first = points[:5].astype(float) if init == "given" else init
    cluster(points[:100], 5, init=first, max_iter=2)  # what is compiled and imported once
    tracemalloc.start()
    cluster(points, 5, init=first, max_iter=5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * len(points)
