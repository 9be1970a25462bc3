"""A picture painted by a lookup is what quantizing it with that palette gives, or is not painted at all."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kmeans_core.collections import run as run_module
from kmeans_core.collections.collection import quantize_collection
from kmeans_core.collections.lookup import Lookup
from kmeans_core.collections.state import OutputFolder
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.quantize import quantize, quantize_picture
from kmeans_core.images.shared_palette import assigning, find_palette, nearest_labels
from kmeans_core.options import FitOptions
from tests.collections.pictures import write_picture


def noise(seed, n_levels, alphas=(255,)):
    """Few levels make colors that are as near to one of the palette as to another."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, n_levels, (24, 31, 3), dtype=np.uint8) * (240 // n_levels)
    alpha = rng.choice(np.array(alphas, np.uint8), (24, 31)) if alphas != (255,) else None
    return Picture(pixels, alpha, "", "", 0, (), 0.0)


def lookup_and_options(pictures, options):
    histogram = ColorHistogram.of(pictures[0])
    for picture in pictures[1:]:
        histogram = histogram.merged_with(ColorHistogram.of(picture))
    palette = find_palette(histogram, options)
    assign = assigning(palette, options)
    return Lookup.from_labels(histogram.colors, nearest_labels(histogram, assign)), assign, palette.colors


@given(
    seed=st.integers(0, 1000),
    n_levels=st.sampled_from([3, 6, 40]),
    alphas=st.sampled_from([(255,), (0, 255)]),
    n_colors=st.sampled_from([1, 2, 9, 60, 255]),
    how=st.sampled_from([("srgb", "euclidean"), ("srgb", "manhattan"), ("oklab", "euclidean")]),
    locked=st.sampled_from([(), ("#010203",), ("#ffffff", "#000000", "#ffffff")]),
    merge=st.sampled_from([0.0, 8.0]),
)
def test_as_quantized(seed, n_levels, alphas, n_colors, how, locked, merge):
    pictures = [noise(seed + i, n_levels, alphas) for i in range(3)]
    n_colors = max(n_colors, len(locked))
    options = QuantizeOptions(
        n_colors=n_colors, fit=FitOptions(distance=how[1]), space=how[0], locked=locked, merge=merge
    )
    lookup, assign, colors = lookup_and_options(pictures, options)
    for picture in pictures:
        painted, expected = lookup.paint(picture, colors), quantize_picture(picture, assign)
        assert_array_equal(expected.palette.colors, colors)
        assert_array_equal(painted.indices, expected.indices)
        assert painted.quality == expected.quality
        assert painted.unique_colors == expected.unique_colors


def test_the_same_from_a_folder(tmp_path):
    lookup, _, colors = lookup_and_options([noise(0, 40)], QuantizeOptions(n_colors=256))
    folder = OutputFolder(str(tmp_path))
    folder.make()
    again = Lookup.of(folder.url, lookup.save(folder))
    assert len(colors) == 256
    for one, other in zip(again, lookup, strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize(
    "other", [noise(5, 40), noise(0, 40, (0, 99)), noise(0, 40, (0,)), noise(0, 40, (0, 255))]
)
def test_what_it_leaves_to_others(other):
    """Other colors than were counted, partly transparent ones, none, hidden ones beside 256 others."""
    lookup, _, colors = lookup_and_options([noise(0, 40)], QuantizeOptions(n_colors=256))
    assert lookup.paint(other, colors) is None


def test_a_picture_that_changed_unseen_after_it_was_counted(tmp_path, monkeypatch):
    """It has the size and time it had, and is still written in the nearest colors of the palette."""
    folder, output = tmp_path / "pictures", tmp_path / "out"
    for seed in range(3):
        write_picture(folder / f"{seed}.bmp", seed)
    changing, find_written = folder / "1.bmp", run_module.find_written

    def changed(*arguments):
        before = changing.stat()
        changing.write_bytes(bytes(255 - byte if at > 99 else byte for at, byte in enumerate(data)))
        os.utime(changing, ns=(before.st_atime_ns, before.st_mtime_ns))
        find_written(*arguments)

    data = changing.read_bytes()
    monkeypatch.setattr(run_module, "find_written", changed)
    report = quantize_collection(str(folder), str(output), QuantizeOptions(n_colors=5))
    palette = [entry.hex for entry in report.palette.entries]
    expected = quantize(load_picture(changing), 5, locked=palette, max_iter=1)
    assert (output / "1.png").read_bytes() == expected.png_bytes()
