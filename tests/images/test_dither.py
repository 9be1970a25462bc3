"""Dithering against a plain walk over the pixels, and what it is for: areas of the right mean color."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core import load_picture, quantize
from kmeans_core.images.blue_noise import blue_noise
from kmeans_core.images.color_spaces import SPACES, from_srgb
from kmeans_core.images.dither import DITHERS, _bayer, dither
from tests.conftest import ASSETS
from tests.images.made_pictures import picture_of

METHODS = DITHERS[1:]


def nearest(points, colors):
    return ((points[..., None, :] - colors) ** 2).sum(axis=-1).argmin(axis=-1)


def plain_diffusion(pixels, palette, taps, strength, visible=None):
    """Error diffusion as the textbook has it, in sRGB."""
    height, width, _ = pixels.shape
    wanted, out = pixels.astype(float), np.zeros((height, width), dtype=int)
    for y in range(height):
        backwards = y % 2 == 1
        for x in range(width - 1, -1, -1) if backwards else range(width):
            if visible is not None and not visible[y, x]:
                continue
            value = np.clip(wanted[y, x], 0, 255)
            out[y, x] = nearest(value, palette.astype(float))
            for down, ahead, share in taps:
                to_y, to_x = y + down, x + (-ahead if backwards else ahead)
                if to_y < height and 0 <= to_x < width:
                    wanted[to_y, to_x] += strength * share * (value - palette[out[y, x]])
    return out


FLOYD_STEINBERG = [(0, 1, 7 / 16), (1, -1, 3 / 16), (1, 0, 5 / 16), (1, 1, 1 / 16)]
ATKINSON = [(0, 1, 1 / 8), (0, 2, 1 / 8), (1, -1, 1 / 8), (1, 0, 1 / 8), (1, 1, 1 / 8), (2, 0, 1 / 8)]


@pytest.mark.parametrize("strength", [0.4, 1.0])
@pytest.mark.parametrize(("method", "taps"), [("floyd-steinberg", FLOYD_STEINBERG), ("atkinson", ATKINSON)])
def test_diffusion_as_in_the_textbook(method, taps, strength):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (150, 37, 3)).astype(np.uint8)  # several runs of rows
    palette = rng.integers(0, 256, (9, 3)).astype(np.uint8)
    visible = rng.random((150, 37)) < 0.8
    found = dither(picture_of(pixels), palette, method, strength=strength)
    assert (
        found != plain_diffusion(pixels, palette, taps, strength)
    ).mean() < 0.002  # sums round differently
    alpha = np.where(visible, 255, 0).astype(np.uint8)
    found = dither(picture_of(pixels, alpha), palette, method, strength=strength)
    expected = plain_diffusion(pixels, palette, taps, strength, visible)
    assert (found != expected)[visible].mean() < 0.002
    assert_array_equal(found[~visible], 0)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [1, 2, 256])
def test_without_strength_each_pixel_gets_its_nearest_color(method, space, count):
    rng = np.random.default_rng(count)
    pixels = rng.integers(0, 256, (70, 31, 3)).astype(np.uint8)
    palette = rng.integers(0, 256, (count, 3)).astype(np.uint8)
    palette[count // 2] = palette[0]  # of two equal ones the first
    found = dither(picture_of(pixels), palette, method, strength=0.0, space=space)
    points = from_srgb(pixels.reshape(-1, 3), space)
    colors = from_srgb(palette, space)
    assert_array_equal(found.reshape(-1), nearest(points, colors))


@pytest.mark.parametrize("method", METHODS)
def test_areas_keep_their_mean_color(method):
    """A ramp of grays in black and white, by squares of 16."""
    ramp = np.repeat(np.tile(np.arange(256, dtype=np.uint8), (64, 1))[..., None], 3, axis=2)
    palette = np.array([[0, 0, 0], [255, 255, 255]], dtype=np.uint8)

    def error(found):
        shown = palette[found].astype(float)
        squares = (shown - ramp).reshape(4, 16, 16, 16, 3).mean(axis=(1, 3))
        return np.abs(squares[:, 3:13]).mean()  # where Atkinson's lost quarter does not show yet

    flat = error(dither(picture_of(ramp), palette, method, strength=0.0))
    assert flat > 60
    assert error(dither(picture_of(ramp), palette, method)) < (30 if method == "atkinson" else 6)


def test_bayer_by_hand():
    ranks = (_bayer() * 64 - 0.5).round().astype(int)
    assert_array_equal(ranks[:2, :4], [[0, 32, 8, 40], [48, 16, 56, 24]])
    assert sorted(ranks.ravel()) == list(range(64))


def test_blue_noise_has_no_coarse_pattern():
    mask = blue_noise(32)
    assert sorted((mask.ravel() * 1024 - 0.5).round().astype(int)) == list(range(1024))
    assert_array_equal(blue_noise(32), mask)

    def coarse(values):
        power = np.abs(np.fft.fft2(values - values.mean())) ** 2
        frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(32), np.fft.fftfreq(32)))
        return power[(frequency > 0) & (frequency < 0.15)].mean() / power[frequency > 0].mean()

    white = np.random.default_rng(0).permutation(mask.ravel()).reshape(32, 32)
    assert coarse(mask) < 0.1 < 0.5 < coarse(white)


@pytest.mark.parametrize("method", METHODS)
def test_a_dithered_picture(method):
    picture = load_picture(ASSETS / "samples" / "cat.png")
    plain, made = quantize(picture, 8), quantize(picture, 8, dither=method)
    assert made.indices.max() < len(made.palette)
    counts = np.bincount(made.indices.ravel(), minlength=len(made.palette))
    assert_array_equal(made.palette.counts, counts)
    assert (np.diff(counts) <= 0).all()
    shown = made.palette.colors[made.indices].astype(float)
    assert made.quality.mse == pytest.approx(((shown - picture.pixels) ** 2).sum(axis=2).mean())
    assert made.quality.mse > plain.quality.mse

    def blurred(colors):
        return (
            colors[: 8 * (len(colors) // 8), : 8 * (colors.shape[1] // 8)]
            .reshape(len(colors) // 8, 8, colors.shape[1] // 8, 8, 3)
            .mean(axis=(1, 3))
        )

    original = blurred(picture.pixels.astype(float))
    flat = np.abs(blurred(plain.palette.colors[plain.indices].astype(float)) - original).mean()
    # Atkinson's passes on three quarters of an error, for crispness.
    assert np.abs(blurred(shown) - original).mean() < (1.1 if method == "atkinson" else 0.8) * flat
    assert made.png_bytes() == quantize(picture, 8, dither=method).png_bytes()


def test_transparent_pixels_stay_out_of_it():
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    alpha = np.where(rng.random((40, 50)) < 0.5, 255, 0).astype(np.uint8)
    made = quantize(picture_of(pixels, alpha), 5, dither="floyd-steinberg")
    assert made.transparent == len(made.palette)
    assert_array_equal(made.indices == made.transparent, alpha == 0)
    other = np.where(
        alpha[..., None] == 0, 77, pixels
    )  # what lies under the transparent ones counts for nothing
    assert made.png_bytes() == quantize(picture_of(other, alpha), 5, dither="floyd-steinberg").png_bytes()
