"""Colors as delivered: every counted color at the nearest, none twice, and as many as were asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_array_equal

from kmeans_core import quantize
from kmeans_core.images.color_spaces import SPACES, from_srgb
from kmeans_core.images.rounding import delivered_colors
from tests.images.test_quantize import picture_of


def distances(colors, levels, space, distance):
    """By the definition, (n, k)."""
    apart = from_srgb(colors, space)[:, None] - from_srgb(levels, space)[None]
    return np.abs(apart).sum(axis=2) if distance == "manhattan" else (apart**2).sum(axis=2)


@given(
    levels=arrays.arrays(np.uint8, st.tuples(st.integers(1, 6), st.just(3)), elements=st.integers(0, 3)),
    pixels=arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.just(3)), elements=st.integers(0, 3)),
    n_more=st.integers(0, 4),
    n_kept=st.integers(0, 2),
    measure=st.sampled_from([*((space, "euclidean") for space in SPACES), ("srgb", "manhattan")]),
)
def test_by_the_definition(levels, pixels, n_more, n_kept, measure):
    levels = np.unique(levels, axis=0) if n_kept else levels  # locked colors are distinct
    colors, counts = np.unique(pixels, axis=0, return_counts=True)
    n_kept = min(n_kept, len(levels))
    possible = len(np.unique(np.concatenate([levels[:n_kept], colors]), axis=0))
    n_wanted = min(len(levels) + n_more, possible)
    found, labels = delivered_colors(
        levels, colors, counts, n_wanted=n_wanted, n_kept=n_kept, space=measure[0], distance=measure[1]
    )
    apart = distances(colors, found, *measure)
    assert_array_equal(labels, apart.argmin(axis=1))
    assert_array_equal(found[:n_kept], levels[:n_kept])
    assert len(np.unique(found, axis=0)) == len(found)
    assert set(range(n_kept, len(found))) <= set(labels.tolist())
    # Never fewer than asked for, as long as a pixel is not exact; more only where the fit had more.
    assert len(found) >= n_wanted or not apart.min(axis=1).any()
    assert len(found) <= max(n_wanted, len(levels))


def test_centers_that_round_to_the_same_color_become_one():
    colors = np.array([[9, 0, 0], [11, 0, 0], [50, 0, 0]], dtype=np.uint8)
    levels = np.array([[10, 0, 0], [10, 0, 0], [50, 0, 0]], dtype=np.uint8)
    found, labels = delivered_colors(levels, colors, np.array([5, 4, 20]), n_wanted=2)
    assert found.tolist() == [[10, 0, 0], [50, 0, 0]]
    assert labels.tolist() == [0, 0, 1]
    # And where three are wanted, the color with the largest error is the third.
    found, labels = delivered_colors(levels, colors, np.array([5, 4, 20]), n_wanted=3)
    assert found.tolist() == [[10, 0, 0], [50, 0, 0], [9, 0, 0]]
    assert labels.tolist() == [2, 0, 1]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("n_colors", [16, 64])
def test_dark_gradients(space, n_colors):
    """Neighbors are one level apart there, so rounding moves the border between two colors most."""
    row = np.arange(64) // 3
    pixels = np.stack(np.broadcast_arrays(row[:, None], row[None, :], (row[:, None] + row) // 2), axis=2)
    picture = picture_of(pixels)
    result = quantize(picture, n_colors, space=space)
    apart = distances(pixels.reshape(-1, 3).astype(np.uint8), result.palette.colors, space, "euclidean")
    chosen = np.take_along_axis(apart, result.indices.reshape(-1, 1).astype(np.intp), axis=1)[:, 0]
    np.testing.assert_allclose(chosen, apart.min(axis=1), rtol=1e-9, atol=1e-12)
    assert len(result.palette) == n_colors


@pytest.mark.parametrize("space", SPACES)
def test_exactly_as_many_colors_as_asked_for(space):
    """343 colors close together, of which rounding makes many equal."""
    steps = np.arange(100, 107)
    pixels = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    for n_colors in (20, 100, 200):
        assert len(quantize(picture_of(pixels), n_colors, space=space).palette) == n_colors
