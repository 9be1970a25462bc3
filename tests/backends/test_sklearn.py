"""scikit-learn behind our call: the same start, the same end, and its stop rule in our unit."""

import numpy as np
import pytest

from kmeans_core import cluster
from kmeans_core.errors import UnsupportedOptionError


def test_from_the_same_start_it_ends_where_numpy_ends(raccoon):
    arguments = {"weights": raccoon.counts, "init": "random", "seed": 1, "max_iter": 300}
    expected = cluster(raccoon.colors, 6, backend="numpy", **arguments)
    result = cluster(raccoon.colors, 6, backend="sklearn", **arguments)
    assert result.converged
    assert result.centers == pytest.approx(expected.centers, abs=1e-6)
    assert result.inertia == pytest.approx(expected.inertia, rel=1e-9)
    assert result.history == ()


def test_weights_count(blobs):
    weights = np.arange(1, 61)
    weighted = cluster(blobs, 3, weights=weights, backend="sklearn", seed=2)
    expected = cluster(blobs, 3, weights=weights, backend="numpy", seed=2)
    assert weighted.inertia == pytest.approx(expected.inertia)
    assert weighted.centers == pytest.approx(expected.centers)


def test_the_callers_points_are_left_as_they_are(blobs):
    before = blobs.copy()
    cluster(blobs, 3, backend="sklearn")
    assert np.array_equal(blobs, before)


def test_tol_is_a_shift_as_everywhere(raccoon):
    """Stopped by `tol`, no center moves farther in the next iteration."""
    arguments = {"weights": raccoon.counts, "init": "random", "backend": "sklearn"}
    stopped = cluster(raccoon.colors, 8, tol=1.0, max_iter=300, **arguments)
    assert stopped.converged
    next_round = cluster(
        raccoon.colors, 8, weights=raccoon.counts, init=stopped.centers, backend="numpy", max_iter=1
    )
    assert next_round.history[0].center_shift <= 1.0
    to_the_end = cluster(raccoon.colors, 8, tol=0.0, max_iter=300, **arguments)
    assert stopped.n_iter < to_the_end.n_iter


def test_all_points_equal():
    result = cluster([[3.0, 3.0]] * 4, 2, backend="sklearn", tol=0.5)
    assert result.centers.tolist() == [[3.0, 3.0]]


def test_it_cannot_run_an_exact_number_of_iterations(blobs):
    with pytest.raises(
        UnsupportedOptionError, match="sklearn cannot run a fixed number of iterations; use numpy"
    ):
        cluster(blobs, 3, backend="sklearn", early_stop=False)
