"""Distances of rows to their own centers: compiled, and by NumPy, in every way that it adds up."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kmeans_core.clustering import kernels, own_distances


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_points=st.integers(1, 200),
    n_dims=st.one_of(st.integers(1, 12), st.integers(200, 900)),
    exponent=st.sampled_from((-300, -8, 0, 8, 150)),
    dtype=st.sampled_from((np.float32, np.float64)),
)
def test_inertia_is_the_same_to_the_last_bit_compiled_and_by_numpy(seed, n_points, n_dims, exponent, dtype):
    rng = np.random.default_rng(seed)
    with np.errstate(over="ignore", under="ignore"):
        points = (rng.normal(size=(n_points, n_dims)) * 10.0**exponent).astype(dtype)
    points[~np.isfinite(points)] = 0
    weights, labels = rng.random(n_points), rng.integers(0, 3, n_points).astype(np.int32)
    centers = rng.normal(size=(3, n_dims)) * 10.0**exponent
    inertia = own_distances.inertia(points, weights, centers, labels)
    assert inertia == kernels.inertia(points, weights, centers, labels)


def test_farthest_points_are_the_same_however_they_are_shared_out(monkeypatch):
    rng = np.random.default_rng(0)
    points = rng.integers(0, 5, (500, 3)).astype(np.float64)  # many ties
    weights, labels, centers = rng.integers(0, 3, 500) * 1.0, np.zeros(500, np.int32), np.full((1, 3), 2.5)
    distances = ((points - centers) ** 2).sum(axis=1)
    heavy = np.flatnonzero(weights)
    expected = heavy[np.argsort(-distances[heavy], kind="stable")][:20]
    for values in (7, 100, 1_000_000):
        monkeypatch.setattr(own_distances, "_VALUES", values)
        found = own_distances.far_points(points, weights, labels, centers, 20, offset=1000)
        assert [far.index - 1000 for far in found] == expected.tolist()
        assert_array_equal([far.distance for far in found], distances[expected])
