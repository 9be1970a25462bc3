"""Iterations that skip most distances: the same bits as brute force, on any number of threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kmeans_core import ColorHistogram, load_picture
from kmeans_core.clustering import color_blocks
from kmeans_core.clustering.color_blocks import ColorBlocks, Layout
from kmeans_core.clustering.jit_layout import morton_order
from kmeans_core.clustering.kernels import Partition, merge
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.options import FitOptions
from tests.conftest import ASSETS


class BruteForce:
    """The NumPy kernel over all points."""

    def __init__(self, colors, weights):
        self.partition = Partition(colors, weights)

    def assign_and_sum(self, centers):
        return [self.partition.assign_and_sum(centers)]

    def farthest(self, centers, count):
        return self.partition.farthest(centers, count)


def compare(colors, weights, start, max_iter, n_threads=1, tol=0.0):
    """Runs both from the same centers and compares every iteration, the end and the labels."""
    options = FitOptions(len(start), max_iter=max_iter, tol=tol)
    brute, blocks = (
        BruteForce(colors, weights),
        ColorBlocks(Layout(colors, weights, len(start)), len(start), n_threads),
    )
    expected, found = run_lloyd(brute, start, options), run_lloyd(blocks, start, options)
    assert_array_equal(found.centers, expected.centers)
    assert len(found.history) == len(expected.history)
    for step, other in zip(found.history, expected.history, strict=True):
        assert (step.center_shift, step.reassigned) == (other.center_shift, other.reassigned)
        assert step.inertia == pytest.approx(other.inertia, rel=1e-12, abs=1e-9)
    assert_array_equal(blocks.labels_for(found.centers), _labels(brute, expected.centers))


def _labels(brute, centers):
    brute.assign_and_sum(centers)
    return brute.partition.labels


@st.composite
def clusterings(draw):
    """Colors on a coarse grid, so that ties are common, or on all levels; centers among them, between them,
    equal to each other or far away."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 3000))
    step = draw(st.sampled_from([1, 2, 16, 64]))
    colors = np.unique(rng.integers(0, 256 // step, (n, 3)) * step, axis=0).astype(np.uint8)
    weights = rng.integers(0, draw(st.sampled_from([2, 50, 10**6])), len(colors)).astype(float)
    weights[0] = 1.0
    k = draw(st.integers(1, 256))
    kind = draw(st.sampled_from(["points", "between", "equal", "outside"]))
    start = colors[rng.integers(0, len(colors), k)].astype(float)
    if kind == "between":
        start = np.round(rng.uniform(0, 255, (k, 3)) * 2) / 2
    elif kind == "equal":
        start[k // 2 :] = start[0]
    elif kind == "outside":
        start = start * 5 - 400
        start[0] = draw(st.sampled_from([1e3, 1e6, 1e12, 1e17, 1e100]))
    return colors, weights, start, draw(st.integers(1, 3))


@settings(max_examples=150, deadline=None)
@given(clusterings())
def test_bit_identical_to_brute_force(case):
    colors, weights, start, n_threads = case
    compare(colors, weights, start, 12, n_threads)


@pytest.mark.parametrize("picture", ["raccoon.png", "samples/retina.jpg", "samples/cat.png"])
@pytest.mark.parametrize("k", [2, 17, 256])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_bit_identical_on_pictures(picture, k, n_threads):
    histogram = ColorHistogram.of(load_picture(ASSETS / picture))
    start = np.random.default_rng(k).choice(histogram.colors, k, replace=False).astype(float)
    weights = histogram.counts.astype(float)
    compare(histogram.colors, weights, start, 40 if k < 256 else 12, n_threads)


def test_centers_that_jump(monkeypatch):
    """Lists that were made for other centers must not be trusted: here nothing moves smoothly."""
    rng = np.random.default_rng(4)
    colors = np.unique(rng.integers(0, 256, (6000, 3)), axis=0).astype(np.uint8)
    weights = rng.integers(1, 9, len(colors)).astype(float)
    brute, blocks = BruteForce(colors, weights), ColorBlocks(Layout(colors, weights, 30), 30)
    centers = rng.uniform(0, 255, (30, 3))
    for _ in range(60):
        match rng.integers(4):
            case 0:
                centers = centers + rng.normal(0, 0.05, centers.shape)
            case 1:
                centers = centers.copy()
                centers[rng.integers(30)] = rng.uniform(0, 255, 3)
            case 2:
                centers = centers.copy()
                centers[rng.integers(30)] += 0.3
        expected, found = merge(brute.assign_and_sum(centers)), merge(blocks.assign_and_sum(centers))
        assert_array_equal(found.sums, expected.sums)
        assert_array_equal(found.weights, expected.weights)
        assert found.reassigned == expected.reassigned
        assert found.inertia == pytest.approx(expected.inertia, rel=1e-12)


def test_neighbors_in_the_list_are_neighbors_in_color():
    colors = np.unique(np.random.default_rng(1).integers(0, 256, (5000, 3)), axis=0).astype(np.uint8)
    order = morton_order(colors)
    assert_array_equal(np.sort(order), np.arange(len(colors)))
    ordered = colors[order].astype(float)
    by_red = np.abs(np.diff(colors.astype(float), axis=0)).sum(axis=1).mean()
    assert np.abs(np.diff(ordered, axis=0)).sum(axis=1).mean() < 0.6 * by_red
    # The upper bits decide, interleaved: each half of red before the next one.
    assert (np.diff(ordered[:, 0] >= 128) >= 0).all()


@pytest.mark.parametrize(
    ("points", "weights", "k", "suits"),
    [
        (np.zeros((5000, 3), np.uint8), np.ones(5000), 10, True),
        (np.zeros((5000, 3), np.uint8), np.full(5000, 0.5), 10, False),
        (np.zeros((5000, 3), np.uint8), np.full(5000, 1e12), 10, False),
        (np.zeros((5000, 3)), np.ones(5000), 10, False),
        (np.zeros((5000, 4), np.uint8), np.ones(5000), 10, False),
        (np.zeros((50, 3), np.uint8), np.ones(50), 10, False),
        (np.zeros((50_000, 3), np.uint8), np.ones(50_000), 1 + color_blocks._MAX_LISTED // 50_000, False),
    ],
)
def test_what_it_is_made_for(points, weights, k, suits):
    assert ColorBlocks.suits(points, weights, k) is suits
