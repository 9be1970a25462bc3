"""Rows of up to three columns in blocks: the labels of brute force, and sums that depend on nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from kmeans_core import cluster
from kmeans_core.backends.numba_ import NumbaBackend, for_same_points
from kmeans_core.backends.numpy_ import NumpyBackend
from kmeans_core.clustering import lloyd, narrow_points
from kmeans_core.clustering.narrow_points import NarrowLayout, NarrowPoints
from tests.clustering.made_tables import KINDS, brute, made


def iterate(points, weights, centers, n_iter, n_threads=None):
    """Labels and sums of each iteration."""
    state = NarrowPoints(NarrowLayout(points, weights, n_threads), len(centers))
    for _ in range(n_iter):
        (total,) = state.assign_and_sum(centers)
        yield centers, state.steps.labels_of(state.layout.order), total
        centers, *_ = lloyd.update(total, state, centers)


tables = {
    "kind": st.sampled_from(KINDS),
    "n_points": st.integers(1, 3000),
    "n_dims": st.integers(1, 3),
    "n_clusters": st.sampled_from([1, 2, 4, 9, 40]),
    "layout": st.sampled_from(["64 bits", "32 bits", "columns"]),
    "weighted": st.booleans(),
    "seed": st.integers(0, 99),
}


@given(**tables)
def test_labels_and_sums_of_brute_force(kind, n_points, n_dims, n_clusters, layout, weighted, seed):
    """In every iteration, from centers that are rows, some of them twice."""
    rng = np.random.default_rng(seed)
    points = made(kind, n_points, n_dims, seed, layout)
    weights = rng.integers(0, 3, n_points).astype(float) if weighted else np.ones(n_points)
    weights[0] = 1.0
    start = points[rng.integers(0, n_points, n_clusters)].astype(np.float64)
    before = np.full(n_points, -1)
    for centers, labels, total in iterate(points, weights, start, 6):
        assert_array_equal(labels, brute(points, centers))
        assert total.reassigned == np.count_nonzero(labels != before)
        before = labels
        assert_array_equal(total.weights, np.bincount(labels, weights, n_clusters))
        for dim in range(n_dims):
            column = weights * points[:, dim].astype(float)
            sizes = np.bincount(labels, np.abs(column), n_clusters)
            expected = np.bincount(labels, column, n_clusters)
            assert (np.abs(total.sums[:, dim] - expected) <= 1e-12 * sizes).all()
        squares = ((points.astype(float) - centers[labels]) ** 2).sum(axis=1)
        assert_allclose(total.inertia, weights @ squares, rtol=1e-9, atol=1e-280)


@given(
    jumps=st.lists(st.floats(-9, 9), min_size=2, max_size=6),
    n_dims=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_centers_that_jump_by_any_factor(jumps, n_dims, seed):
    """Not as means do: what is kept from one iteration to the next must hold for any centers."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(2500, n_dims))
    state = NarrowPoints(NarrowLayout(points, np.ones(len(points))), 6)
    centers = points[:6].copy()
    for jump in jumps:
        state.assign_and_sum(centers)
        assert_array_equal(state.steps.labels_of(state.layout.order), brute(points, centers))
        centers = centers + rng.normal(size=centers.shape) * 10.0**jump * (rng.random(6) < 0.5)[:, None]


@pytest.mark.parametrize("n_dims", [1, 2, 3])
@pytest.mark.parametrize("kind", ["normal", "far away", "scales"])
def test_sums_do_not_depend_on_threads_or_on_what_was_before(kind, n_dims):
    points = made(kind, 20_000, n_dims, 1, "64 bits")
    weights = np.random.default_rng(0).random(len(points))
    runs = [list(iterate(points, weights, points[:12].copy(), 6, count)) for count in (1, 2, 5)]
    afresh = NarrowPoints(NarrowLayout(points, weights, 3), 12).assign_and_sum(runs[0][-1][0])[0]
    for run in runs:
        for (centers, labels, total), (first, first_labels, first_total) in zip(run, runs[0], strict=True):
            assert_array_equal(centers, first)
            assert_array_equal(labels, first_labels)
            assert_array_equal(total.sums, first_total.sums)
            assert total.inertia == first_total.inertia
        assert_array_equal(run[-1][2].sums, afresh.sums)


@pytest.mark.parametrize("n_dims", [1, 2, 3])
def test_a_fit_uses_them_and_ends_as_numpy(n_dims, monkeypatch):
    points = made("blobs", 6_000, n_dims, 2, "64 bits")
    start = points[::1200]
    expected = cluster(points, len(start), init=start, backend=NumpyBackend())
    used, made_anew = [], narrow_points.NarrowPoints.assign_and_sum
    monkeypatch.setattr(
        narrow_points.NarrowPoints, "assign_and_sum", lambda *a: used.append(1) or made_anew(*a)
    )
    found = cluster(points, len(start), init=start, backend=NumbaBackend())
    assert len(used) > 2
    assert_array_equal(found.labels, expected.labels)
    assert found.n_iter == expected.n_iter
    assert_allclose(found.centers, expected.centers, rtol=1e-12)
    assert_allclose(
        [step.inertia for step in found.history], [step.inertia for step in expected.history], rtol=1e-10
    )


def test_most_blocks_are_left_alone():
    """It is not only right, but saves the work."""
    points = made("normal", 50_000, 2, 3, "64 bits")
    *_, last = iterate(points, np.ones(len(points)), points[:8].copy(), 1)
    state = NarrowPoints(NarrowLayout(points, np.ones(len(points))), 8)
    state.assign_and_sum(last[0])
    assert (state.steps.blocks.label >= 0).mean() > 0.6
    assert state.steps.blocks.n_candidates.mean() < 1.5


def test_fits_of_the_same_points_share_a_layout(monkeypatch):
    """With other centers, and other numbers of them; other points and weights get a layout of their own."""
    points, made_layouts = made("blobs", 6_000, 2, 2, "64 bits"), []
    lay_out = narrow_points.NarrowLayout.__init__
    monkeypatch.setattr(
        narrow_points.NarrowLayout, "__init__", lambda *a: made_layouts.append(1) or lay_out(*a)
    )
    shared, weights = for_same_points(NumbaBackend()), np.arange(6000.0)
    for table, weighted, n_clusters, count in [
        (points, None, 5, 1),
        (points, None, 9, 1),
        (points, weights, 9, 2),
        (points, weights, 9, 3),  # cluster() has a copy of weights
        (points.copy(), None, 9, 4),
    ]:
        options = {"weights": weighted, "init": table[:n_clusters]}
        found = cluster(table, n_clusters, backend=shared, **options)
        assert len(made_layouts) == count
        made_layouts_before = len(made_layouts)
        expected = cluster(table, n_clusters, backend=NumbaBackend(), **options)
        del made_layouts[made_layouts_before:]
        assert_array_equal(found.labels, expected.labels)
        assert_array_equal(found.centers, expected.centers)
        assert [replace(step, seconds=0) for step in found.history] == [
            replace(step, seconds=0) for step in expected.history
        ]
