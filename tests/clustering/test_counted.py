"""Counted colors: sums and inertia without rounding, seeds that do not depend on who draws them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kmeans_core import ColorHistogram, load_picture
from kmeans_core.clustering import seeding
from kmeans_core.clustering.counted import are_counted, cluster_sums, inertia_from_sums
from kmeans_core.clustering.jit_seeding import seed_colors
from tests.conftest import ASSETS


@pytest.mark.parametrize(
    ("points", "weights", "counted"),
    [
        (np.zeros((2, 3), np.uint8), [1.0, 7.0], True),
        (np.zeros((2, 3), np.uint8), [1.0, 0.5], False),
        (np.zeros((2, 3), np.uint8), [1.0, 2.0**40], False),
        (np.zeros((2, 3), np.int16), [1.0, 1.0], False),
        (np.zeros((2, 4), np.uint8), [1.0, 1.0], False),
    ],
)
def test_what_counted_colors_are(points, weights, counted):
    assert are_counted(points, np.array(weights)) is counted


@given(st.integers(0, 2**32), st.integers(1, 300), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_inertia_is_exact_to_the_last_digits(number, n, k):
    """Against rational numbers; also for centers that lie on the colors, where cancellation would show."""
    rng = np.random.default_rng(number)
    colors = rng.integers(0, 256, (n, 3)).astype(np.uint8)
    weights = rng.integers(0, 10**6, n).astype(float)
    labels = rng.integers(0, k, n).astype(np.int32)
    centers = rng.choice([rng.uniform(-20, 280, (k, 3)), rng.integers(0, 256, (k, 3)) + 1e-7])
    exact = sum(
        Fraction(float(weight))
        * sum((int(x) - Fraction(float(c))) ** 2 for x, c in zip(color, centers[label], strict=True))
        for color, weight, label in zip(colors, weights, labels, strict=True)
    )
    found = inertia_from_sums(cluster_sums(colors, weights, labels, k), centers)
    assert found == pytest.approx(float(exact), rel=1e-12)


@given(
    st.integers(0, 2**32), st.integers(1, 1500), st.sampled_from([1, 5, 64]), st.sampled_from([2, 50, 10**6])
)
@settings(max_examples=60, deadline=None)
def test_compiled_draws_are_those_of_numpy(number, n, step, heaviest):
    rng = np.random.default_rng(number)
    colors = np.unique(rng.integers(0, 256 // step, (n, 3)) * step, axis=0).astype(np.uint8)
    weights = rng.integers(0, heaviest, len(colors)).astype(float)
    weights[rng.integers(len(colors))] = 1.0
    k = int(rng.integers(1, min(np.count_nonzero(weights), 256) + 1))
    for method in seeding.INIT_METHODS:
        expected = seeding.seed_centers(colors, weights, k, method=method, seed=number)
        assert_array_equal(seed_colors(colors, weights, k, method=method, seed=number), expected)


@pytest.mark.parametrize("method", ["k-means++", "greedy"])
def test_compiled_draws_of_a_picture(method):
    histogram = ColorHistogram.of(load_picture(ASSETS / "raccoon.png"))
    expected = seeding.seed_centers(histogram.colors, histogram.counts, 60, method=method, seed=7)
    assert_array_equal(seed_colors(histogram.colors, histogram.counts, 60, method=method, seed=7), expected)
