"""What can be done with a palette: order, name, contrast, merge, simulate, read, exchange colors."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from kmeans_core import Palette, load_picture, quantize
from kmeans_core.errors import OptionError
from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_names import ColorName, color_names
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.color_vision import VISIONS, simulate
from kmeans_core.images.contrast import contrast_ratios, grade, relative_luminance, text_colors
from kmeans_core.images.encoding import encode
from kmeans_core.images.palette_order import ORDERS, palette_order
from kmeans_core.images.recoloring import exchange_colors, exchange_png_colors
from kmeans_core.images.similar_colors import merge_similar
from tests.conftest import ASSETS
from tests.images.test_quantize import picture_of

NONE = np.zeros((0, 3), dtype=np.uint8)


def palette_of(*colors, counts=None):
    return Palette(
        np.array(colors, dtype=np.uint8).reshape(-1, 3),
        np.array(counts or range(len(colors), 0, -1), dtype=np.int64),
    )


@st.composite
def palettes(draw):
    colors = draw(arrays(np.uint8, st.tuples(st.integers(1, 20), st.just(3))))
    colors = np.unique(colors, axis=0)
    counts = sorted(draw(st.lists(st.integers(1, 99), min_size=len(colors), max_size=len(colors))))
    return Palette(colors, np.array(counts[::-1], dtype=np.int64))


@given(palettes(), st.sampled_from(sorted(ORDERS)))
def test_an_order_has_every_color_once(palette, order):
    assert_array_equal(np.sort(palette_order(palette, order)), np.arange(len(palette)))


def test_orders():
    palette = palette_of([250, 0, 0], [0, 0, 0], [0, 0, 250], [128, 128, 128], [0, 250, 0], [255, 255, 255])
    assert palette_order(palette, "share").tolist() == [0, 1, 2, 3, 4, 5]
    assert palette_order(palette, "lightness").tolist() == [1, 2, 3, 0, 4, 5]
    # Grays from dark to light, then red, green, blue.
    assert palette_order(palette, "hue").tolist() == [1, 3, 5, 0, 4, 2]
    with pytest.raises(OptionError, match="order='size' is unknown; use one of: share"):
        palette_order(palette, "size")


def length(palette, order):
    """Sum of the steps from color to color, in OKLab."""
    places = from_srgb(palette.colors[order], "oklab")
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())


@given(palettes())
def test_a_smooth_strip_cannot_be_made_shorter_by_turning_a_stretch_around(palette):
    order = palette_order(palette, "smooth")
    shortest = length(palette, order)
    for start, end in itertools.combinations(range(1, len(order)), 2):
        turned = np.concatenate([order[:start], order[start:end][::-1], order[end:]])
        assert length(palette, turned) >= shortest - 1e-9


def test_names():
    colors = np.array([[255, 0, 0], [254, 1, 1], [172, 194, 217]], dtype=np.uint8)
    assert color_names(colors[:1]) == [ColorName("red", 0.0)]
    near = color_names(colors[1:2])[0]
    assert near.name == "red"
    assert 0 < near.difference < 1
    assert color_names(colors[2:], "xkcd") == [ColorName("cloudy blue", 0.0)]
    with pytest.raises(OptionError, match="names='ral' is unknown; use one of: css, xkcd"):
        color_names(colors, "ral")


def test_contrast_as_wcag_has_it():
    black, white, gray = np.array([[0, 0, 0], [255, 255, 255], [118, 118, 118]], dtype=np.uint8)[:, None]
    assert contrast_ratios(black, white)[0, 0] == pytest.approx(21)
    assert contrast_ratios(white, white)[0, 0] == 1
    # #767676 is the lightest gray that is enough for text on white.
    assert contrast_ratios(gray, white)[0, 0] == pytest.approx(4.54, abs=0.005)
    assert contrast_ratios(gray + np.uint8(1), white)[0, 0] < 4.5
    assert relative_luminance(np.array([[255, 0, 0]], dtype=np.uint8))[0] == pytest.approx(0.2126)
    assert [text.hex for text in text_colors(np.vstack([black, white]))] == ["#ffffff", "#000000"]
    assert [grade(ratio) for ratio in (7, 4.5, 3, 2.9)] == [
        "AAA",
        "AA",
        "AA for large text",
        "too little for text",
    ]


@given(palettes())
def test_some_text_is_readable_on_every_color(palette):
    assert all(text.contrast >= 4.5 for text in text_colors(palette.colors))


def test_color_vision():
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    for vision in VISIONS:
        assert_allclose(simulate(grays, vision).astype(int), grays.astype(int), atol=1)
    # A red and a green that people without green cones mistake for each other, but no one else.
    pair = np.array([[163, 98, 40], [107, 119, 39]], dtype=np.uint8)

    def apart(colors):
        return float(ciede2000(*(from_srgb(color[None], "lab") for color in colors))[0])

    assert apart(simulate(pair, "deuteranopia")) < 0.3 * apart(pair)
    assert apart(simulate(pair, "tritanopia")) > 0.7 * apart(pair)
    assert (np.ptp(simulate(pair, "achromatopsia"), axis=1) == 0).all()
    # Published for pure red, severity 1: 0.152286 and 0.114503 of its light.
    assert simulate(np.array([[255, 0, 0]], dtype=np.uint8), "protanopia").tolist() == [[109, 95, 0]]
    with pytest.raises(OptionError, match="vision='x' is unknown"):
        simulate(pair, "x")


@given(palettes(), st.floats(0, 60), st.integers(0, 3))
def test_merged_colors_differ_enough(palette, limit, n_kept):
    kept = palette.colors[:n_kept]
    merged, rank = merge_similar(palette, limit, kept)
    assert merged.counts.sum() == palette.counts.sum()
    assert_array_equal(np.bincount(rank, palette.counts, len(merged)), merged.counts)
    assert_array_equal(merged.colors[: len(kept)], kept)
    assert list(merged.counts[len(kept) :]) == sorted(merged.counts[len(kept) :], reverse=True)
    stays = merged.places(kept)
    places = from_srgb(merged.colors, "lab")
    for one, other in itertools.combinations(range(len(merged)), 2):
        if not {one, other} <= set(stays):
            assert ciede2000(places[one : one + 1], places[other : other + 1])[0] >= limit


def test_merging_in_a_picture():
    picture = load_picture(ASSETS / "samples" / "cat.png")
    plain, merged = (quantize(picture, 64, merge=limit, max_iter=5) for limit in (0, 6))
    assert len(merged.palette) < len(plain.palette)
    assert merged.notes[-1].startswith(f"64 colors were merged into {len(merged.palette)};")
    assert merged.palette.counts.sum() == picture.width * picture.height
    assert_array_equal(
        np.bincount(merged.indices.reshape(-1), minlength=len(merged.palette)), merged.palette.counts
    )
    with pytest.raises(OptionError, match="merge=-1 is not allowed; give a color difference from 0 to 100"):
        quantize(picture, 4, merge=-1)


def test_colors_are_exchanged_in_place():
    picture = load_picture(ASSETS / "samples" / "cat.png")
    encoded = encode(picture, quantize(picture, 6, max_iter=3))
    colors = encoded.palette.colors.copy()
    colors[2] = [255, 0, 255]
    changed = exchange_colors(picture, encoded, colors)
    with Image.open(io.BytesIO(changed.png)) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert_array_equal(pixels, colors[encoded.indices()])
    assert_array_equal(changed.palette.counts, encoded.palette.counts)
    apart = ((pixels.astype(float) - picture.pixels) ** 2).sum(axis=2).mean()
    assert changed.report.mse == pytest.approx(apart)
    assert changed.palette.entries[2].hex == "#ff00ff"
    assert changed.report.output_bytes == len(changed.png)
    assert_array_equal(exchange_colors(picture, changed, encoded.palette.colors).png, encoded.png)
    with pytest.raises(OptionError, match="5 colors are given for a palette of 6"):
        exchange_colors(picture, encoded, colors[:5])


@pytest.mark.parametrize("n_colors", [4, 255])
def test_exchanging_keeps_transparency_and_one_color_can_be_shown_alone(n_colors):
    rng = np.random.default_rng(2)
    alpha = rng.integers(0, 256, (60, 50)).astype(np.uint8)
    picture = picture_of(rng.integers(0, 256, (60, 50, 3)), alpha)
    encoded = encode(picture, quantize(picture, n_colors, max_iter=2))
    colors = encoded.palette.colors[:, ::-1].copy()
    indices = encoded.indices()

    def pixels(png):
        with Image.open(io.BytesIO(png)) as image:
            return np.asarray(image.convert("RGBA"))

    before = pixels(encoded.png)
    after = pixels(exchange_png_colors(encoded.png, encoded.palette, colors))
    assert_array_equal(after[..., 3], before[..., 3])
    assert_array_equal(after[alpha > 0][:, :3], colors[indices[alpha > 0]])
    alone = pixels(exchange_png_colors(encoded.png, encoded.palette, encoded.palette.colors, only=1))
    assert_array_equal(alone[..., 3] > 0, (indices == 1) & (before[..., 3] > 0))
