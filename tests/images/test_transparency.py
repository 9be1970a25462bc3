"""Pixels that are hidden, and pixels of which little shows."""

import io
import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from kmeans_core import ColorHistogram, quantize
from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import encode
from tests.images.made_pictures import picture_of


def glow():
    """Four solid colors in a halo of hundreds that can hardly be seen."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (48, 48, 3))
    alpha = rng.integers(1, 12, (48, 48)).astype(np.uint8)
    solid = np.array([[40, 90, 200], [250, 180, 20], [20, 20, 20], [240, 240, 235]])
    pixels[20:28, 20:28] = solid.repeat(2, axis=0)
    alpha[20:28, 20:28] = 255
    return picture_of(pixels, alpha)


def composed(rgba, background):
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * alpha + background * (1 - alpha)


@pytest.mark.parametrize("options", [{}, {"space": "oklab"}, {"dither": "bayer"}, {"effort": "best"}])
def test_what_hardly_shows_takes_no_color_from_what_does(options):
    picture = glow()
    result = quantize(picture, 8, **options)
    solid = picture.alpha == 255
    shown = result.palette.colors[result.indices].astype(int)
    # Beside the halo, which weighs a little, the pixel of a color is one level off at most.
    assert np.abs(shown - picture.pixels)[solid].max() <= 1


@pytest.mark.parametrize("background", [0, 128, 255])
@pytest.mark.parametrize("dither", ["none", "bayer"])
def test_the_error_is_the_one_that_shows_on_any_background(background, dither):
    picture = glow()
    result = quantize(picture, 5, dither=dither)
    shown = result.palette.colors[result.indices]
    before, after = (
        composed(np.dstack([pixels, picture.alpha]), background) for pixels in (picture.pixels, shown)
    )
    assert result.quality.mse == pytest.approx(((before - after) ** 2).sum(axis=2).mean())


def test_every_backend_weighs_alike():
    picture = glow()
    palettes = [quantize(picture, 6, backend=name).palette.colors for name in ("numpy", "numba", "sklearn")]
    assert_array_equal(palettes[0], palettes[1])
    assert_array_equal(palettes[0], palettes[2])


def test_inertia_is_that_of_what_shows():
    seen = []
    result = quantize(glow(), 6, on_iteration=seen.append)
    assert result.quality.mse == pytest.approx(result.fit.inertia / result.n_pixels, rel=0.02)
    assert [step.inertia for step in seen if step.index] == [step.inertia for step in result.fit.history]
    assert result.fit.history[-1].inertia == pytest.approx(result.fit.inertia)


def test_a_degree_for_all_pixels_changes_no_palette():
    pixels = np.random.default_rng(0).integers(0, 256, (30, 30, 3))
    plain = quantize(picture_of(pixels), 6)
    faint = quantize(picture_of(pixels, np.full((30, 30), 51, np.uint8)), 6)
    assert_array_equal(plain.palette.colors, faint.palette.colors)
    assert faint.quality.mse == pytest.approx(plain.quality.mse / 25)
    assert ColorHistogram.of(picture_of(pixels)).alpha_squares is None


def test_transparency_survives():
    alpha = np.full((10, 10), 255, dtype=np.uint8)
    alpha[:3] = 0
    pixels = np.random.default_rng(0).integers(0, 256, (10, 10, 3))
    result = quantize(picture_of(pixels, alpha), 4)
    with Image.open(io.BytesIO(result.png_bytes())) as image:
        decoded = np.asarray(image.convert("RGBA"))
    assert_array_equal(decoded[..., 3], alpha)
    assert len(result.palette) == 4
    assert result.transparent == 4
    assert result.n_pixels == 70


def test_transparency_takes_one_of_256():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3))
    alpha = np.full((40, 40), 255, dtype=np.uint8)
    alpha[0, 0] = 0
    result = quantize(picture_of(pixels, alpha), 256, max_iter=2)
    assert len(result.palette) == 255
    assert result.notes[-1] == "One of the 256 palette entries is for hidden pixels."
    with Image.open(io.BytesIO(result.png_bytes())) as image:
        assert np.asarray(image.convert("RGBA"))[0, 0, 3] == 0


def test_all_transparent_picture():
    result = quantize(picture_of(np.full((2, 3, 3), 9), np.zeros((2, 3), dtype=np.uint8)), 5)
    assert len(result.palette) == 0
    assert result.fit is None
    assert result.notes == ("Every pixel is transparent: there are no colors to reduce.",)
    encoded = encode(picture_of(np.full((2, 3, 3), 9), np.zeros((2, 3), dtype=np.uint8)), result)
    json.dumps(encoded.report.to_json())
    with Image.open(io.BytesIO(encoded.png)) as image:
        assert image.size == (3, 2)
        assert not np.asarray(image.convert("RGBA"))[..., 3].any()


def test_256_locked_colors_leave_no_room_for_what_is_hidden():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3))
    alpha = np.full((40, 40), 255, dtype=np.uint8)
    alpha[0, 0] = 0
    locked = [[level, level, level] for level in range(256)]
    assert len(quantize(picture_of(pixels), 256, locked=locked).palette) == 256
    with pytest.raises(OptionError, match="256 locked colors leave no palette entry for hidden pixels; lock"):
        quantize(picture_of(pixels, alpha), 256, locked=locked)
