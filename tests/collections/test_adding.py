from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core.collections import adding
from kmeans_core.collections.adding import PictureAdder
from kmeans_core.collections.counts import ColorCounts
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.picture import Picture


def pictures():
    """Opaque, with hidden pixels, partly transparent, hidden altogether, and one more of each."""
    rng = np.random.default_rng(0)
    for _ in range(2):
        for alphas in ((255,), (0, 255), (0, 100, 255), (0,)):
            pixels = rng.integers(0, 24, (30, 40, 3), dtype=np.uint8)
            alpha = rng.choice(np.array(alphas, np.uint8), (30, 40)) if alphas != (255,) else None
            yield Picture(pixels, alpha, "", "", 0, (), 0.0)


@pytest.mark.parametrize("weigh", ["pixels", "pictures"])
@pytest.mark.parametrize(("n_bytes", "most_in_table"), [(1, 10**9), (10**9, 10**9), (10**9, 3000)])
def test_as_histograms_added_up(monkeypatch, weigh, n_bytes, most_in_table):
    monkeypatch.setattr(adding, "_MAX_IN_TABLE", most_in_table)
    adder, histograms = PictureAdder(weigh, n_bytes), []
    for picture in pictures():
        adder.add(picture)
        histograms.append(ColorHistogram.of(picture))
    expected = ColorCounts.merged([ColorCounts.of(one, weigh) for one in histograms])
    for _ in range(2):
        counts = adder.counts()
        assert_array_equal(counts.codes, expected.codes)
        assert_array_equal(counts.counts, expected.counts)
        assert_array_equal(counts.squares, expected.squares)
    assert adder.n_pixels == sum(one.n_pixels for one in histograms)
    assert adder.hidden


def test_nothing_hidden():
    adder = PictureAdder("pixels", 1)
    adder.add(replace(next(pictures()), alpha=None))
    assert not adder.hidden
