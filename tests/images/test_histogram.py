"""Distinct colors and their pixels, against NumPy's `unique`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from kmeans_core import ColorHistogram
from kmeans_core.images import cube_tables
from kmeans_core.images import histogram as histogram_module
from kmeans_core.images.histogram import CountTable
from tests.images.made_pictures import picture_of

small_pictures = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))
soft_pictures = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda size: st.tuples(arrays(np.uint8, (*size, 3), elements=st.integers(0, 2)), arrays(np.uint8, size))
)


@given(small_pictures)
def test_histogram_counts_every_color(pixels):
    histogram = ColorHistogram.of(picture_of(pixels))
    colors, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    assert_array_equal(histogram.colors, colors)
    assert_array_equal(histogram.counts, counts)
    assert histogram.n_pixels == pixels.shape[0] * pixels.shape[1]


@given(small_pictures)
def test_paint_undoes_the_histogram(pixels):
    picture = picture_of(pixels)
    histogram = ColorHistogram.of(picture)
    numbers = np.arange(len(histogram.colors), dtype=np.uint8)
    assert_array_equal(histogram.colors[histogram.paint(picture, numbers)], pixels)


@pytest.mark.parametrize("most_sorted", [0, 10**9])
@pytest.mark.parametrize("cores", [1, 3])
@pytest.mark.parametrize("levels", [2, 8, 256])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_counted_as_numpy_does(monkeypatch, most_sorted, cores, levels, with_alpha):
    """By sorting as by tables, on any number of threads."""
    monkeypatch.setattr(cube_tables, "_PIXELS_PER_TABLE", 500)
    rng = np.random.default_rng(levels)
    pixels = rng.integers(0, levels, (50, 40, 3)) * (255 // (levels - 1))
    alpha = rng.choice([0, 255], (50, 40)).astype(np.uint8) if with_alpha else None
    picture = picture_of(pixels, alpha)
    shown = pixels.reshape(-1, 3) if alpha is None else pixels[alpha > 0]
    colors, counts = np.unique(shown, axis=0, return_counts=True)
    monkeypatch.setattr(histogram_module, "_MAX_SORTED", most_sorted)
    monkeypatch.setattr(histogram_module.threads, "usable_cores", lambda: cores)
    found = ColorHistogram.of(picture)
    assert_array_equal(found.colors, colors)
    assert_array_equal(found.counts, counts)
    assert (found.colors.dtype, found.counts.dtype) == (np.uint8, np.int64)


@pytest.mark.parametrize("size", [254, 255, 256, 257, 510, 511, 65_536])
@pytest.mark.parametrize("cores", [1, 2])
def test_counts_in_tables_carry(monkeypatch, cores, size):
    monkeypatch.setattr(cube_tables, "_PIXELS_PER_TABLE", 1)
    monkeypatch.setattr(cube_tables.threads, "usable_cores", lambda: cores)
    colors = np.array([[0, 0, 0], [0, 0, 1], [7, 255, 3], [255, 255, 255]], np.uint8)
    pixels = np.tile(colors, (size, 1))[: 4 * size - 1]
    pixels.flags.writeable = False
    visible = np.zeros(0, bool)
    visible.flags.writeable = False
    found, counts = cube_tables.count_colors(pixels, visible)
    assert_array_equal(found, colors)
    assert_array_equal(counts, [size, size, size, size - 1])


def test_hidden_pixels_do_not_count():
    picture = picture_of([[[1, 1, 1], [2, 2, 2], [1, 1, 1]]], np.array([[255, 0, 200]], dtype=np.uint8))
    histogram = ColorHistogram.of(picture)
    assert_array_equal(histogram.colors, [[1, 1, 1]])
    assert_array_equal(histogram.counts, [2])
    assert_array_equal(histogram.paint(picture, np.zeros(1, np.uint8), hidden=7), [[0, 7, 0]])


@given(soft_pictures)
def test_squared_alphas_of_each_color(drawn):
    pixels, alpha = drawn
    histogram = ColorHistogram.of(picture_of(pixels, alpha))
    if ((alpha == 0) | (alpha == 255)).all():
        assert histogram.alpha_squares is None
        assert_array_equal(histogram.weights, histogram.counts)
        return
    for color, squares, weight in zip(
        histogram.colors, histogram.alpha_squares, histogram.weights, strict=True
    ):
        of_color = alpha[(pixels == color).all(axis=2)].astype(float)
        assert squares == (of_color**2).sum()
        exact = ((of_color / 255) ** 2).sum()
        assert weight == max(1, round(histogram.opaque_weight * exact))


@given(soft_pictures, soft_pictures)
def test_two_pictures_merged_are_one_picture(one, other):
    rows = [[part.reshape(-1, *part.shape[2:])[None] for part in drawn] for drawn in (one, other)]
    whole = picture_of(*(np.concatenate(parts, axis=1) for parts in zip(*rows, strict=True)))
    merged = ColorHistogram.of(picture_of(*one)).merged_with(ColorHistogram.of(picture_of(*other)))
    expected = ColorHistogram.of(whole)
    assert_array_equal(merged.colors, expected.colors)
    assert_array_equal(merged.counts, expected.counts)
    assert_array_equal(merged.weights, expected.weights)


def test_tables_carry():
    """Counts around what the last byte holds, added at once and in parts."""
    sizes = [1, 255, 256, 257, 65_535, 65_536, 65_792]
    pixels = np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes)[:, None].repeat(3, axis=1)
    pixels.flags.writeable = False
    visible = np.zeros(0, bool)
    visible.flags.writeable = False
    table = CountTable()
    for part in (pixels[:300], pixels[300:]):
        table.add(part, visible)
    codes, counts = table.counted()
    assert codes.tolist() == [value * 0x010101 for value in range(len(sizes))]
    assert counts.tolist() == sizes
