"""Counts of colors: exact under every way of adding, splitting, keeping and taking out."""

import io
import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kmeans_core.collections.counts import PICTURE_WEIGHT, ColorCounts, about_counts
from kmeans_core.errors import InputError
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.picture import Picture

CODES = st.sampled_from([0, 1, 255, 256, 65_535, 65_536, 1 << 23, (1 << 24) - 1]) | st.integers(0, 300)
PIXELS = st.lists(st.tuples(CODES, st.integers(1, 255)), max_size=60)


def counts_of(pixels):
    """An oracle: one pixel after the other."""
    counts, squares = Counter(), Counter()
    for code, alpha in pixels:
        counts[code] += 1
        squares[code] += alpha**2
    known = sorted(counts)
    return ColorCounts(
        np.array(known, np.uint32),
        np.array([counts[code] for code in known], np.int64),
        np.array([squares[code] for code in known], np.int64),
    )


def assert_same(one, other):
    for name in ("codes", "counts", "squares"):
        assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


@given(st.lists(PIXELS, max_size=5))
def test_added_up_as_if_counted_at_once(pictures):
    together = counts_of([pixel for pixels in pictures for pixel in pixels])
    several = [counts_of(pixels) for pixels in pictures]
    assert_same(ColorCounts.merged(several), together)
    assert_same(ColorCounts.merged(several[::-1]), together)
    in_steps = ColorCounts.empty()
    for one in several:
        in_steps = ColorCounts.merged([in_steps, one])
    assert_same(in_steps, together)


@given(PIXELS, PIXELS)
def test_taken_out_as_if_never_there(first, second):
    one, other = counts_of(first), counts_of(second)
    assert_same(ColorCounts.merged([one, other]).without(other), one)
    if second:
        with pytest.raises(InputError, match="not part of the others"):
            one.without(ColorCounts.merged([one, other]))


@given(PIXELS, st.lists(CODES, max_size=3))
def test_a_file_has_all_of_it_and_each_range_its_part(pixels, bounds):
    counts = counts_of(pixels)
    data = counts.to_parquet(b"by a test")
    assert_same(ColorCounts.from_parquet(io.BytesIO(data)), counts)
    assert about_counts(io.BytesIO(data)) == b"by a test"
    bounds = [0, *sorted(bounds), 1 << 24]
    parts = [ColorCounts.from_parquet(io.BytesIO(data), part) for part in itertools.pairwise(bounds)]
    assert_same(ColorCounts.merged(parts), counts)


def test_many_row_groups():
    codes = np.arange(0, 1 << 24, 50, dtype=np.uint32)
    counts = ColorCounts(codes, codes.astype(np.int64) + 1, codes.astype(np.int64) + 2)
    data = counts.to_parquet()
    for part in ((0, 1 << 24), (3, 4), (1 << 20, 1 << 21), ((1 << 24) - 60, 1 << 24)):
        found = ColorCounts.from_parquet(io.BytesIO(data), part)
        assert_array_equal(found.codes, codes[(codes >= part[0]) & (codes < part[1])])
    assert len(data) < 6 * len(codes)


def test_a_file_of_another_kind_is_an_error():
    import pyarrow as pa
    import pyarrow.parquet

    file = io.BytesIO()
    pa.parquet.write_table(pa.table({"code": [1]}), file)
    with pytest.raises(InputError, match="no file with counts of colors"):
        about_counts(file)


def test_there_and_back_as_a_histogram_of_one_picture():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 9, (40, 50, 3), dtype=np.uint8)
    for alpha in (None, rng.integers(0, 256, (40, 50), dtype=np.uint8)):
        histogram = ColorHistogram.of(Picture(pixels, alpha, "x", "PNG", 1, (), 0.0))
        back = ColorCounts.of(histogram).histogram()
        assert_array_equal(back.colors, histogram.colors)
        assert_array_equal(back.counts, histogram.counts)
        assert_array_equal(back.weights, histogram.weights)
        alike = ColorCounts.of(histogram, "pictures")
        assert alike.counts.sum() == pytest.approx(PICTURE_WEIGHT, rel=1e-3)
        assert_array_equal(alike.histogram().colors, histogram.colors)
