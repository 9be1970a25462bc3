"""Measures by their definitions, on pictures small enough to walk through."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from kmeans_core import load_picture, quantize
from kmeans_core.images import perceptual_quality
from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.perceptual_quality import MAX_DRAWN, error_map, measure_perceptual_quality
from tests.conftest import ASSETS
from tests.images.made_pictures import picture_of


def plain_ssim(first, second):
    """As Wang et al. write it, pixel by pixel with its window, edges mirrored."""
    luma = np.array([0.299, 0.587, 0.114])
    x, y = first @ luma, second @ luma
    reach = 5
    offsets = np.arange(-reach, reach + 1)
    window = np.exp(-(offsets**2) / (2 * 1.5**2))
    window = np.outer(window, window) / np.outer(window, window).sum()
    x, y = np.pad(x, reach, mode="symmetric"), np.pad(y, reach, mode="symmetric")
    found = []
    for row in range(first.shape[0]):
        for column in range(first.shape[1]):
            a = x[row : row + 11, column : column + 11]
            b = y[row : row + 11, column : column + 11]
            mean_a, mean_b = (window * a).sum(), (window * b).sum()
            var_a, var_b = (window * (a - mean_a) ** 2).sum(), (window * (b - mean_b) ** 2).sum()
            common = (window * (a - mean_a) * (b - mean_b)).sum()
            found.append(
                (2 * mean_a * mean_b + 6.5025)
                * (2 * common + 58.5225)
                / ((mean_a**2 + mean_b**2 + 6.5025) * (var_a + var_b + 58.5225))
            )
    return np.mean(found)


def test_by_definition():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    palette = rng.integers(0, 256, (7, 3)).astype(np.uint8)
    indices = rng.integers(0, 7, (20, 30)).astype(np.uint8)
    found = measure_perceptual_quality(picture_of(pixels), palette, indices)
    made = palette[indices]
    apart = ciede2000(from_srgb(pixels.reshape(-1, 3), "lab"), from_srgb(made.reshape(-1, 3), "lab"))
    assert found.mean == pytest.approx(apart.mean(), rel=1e-6)
    assert found.p95 == pytest.approx(np.quantile(apart, 0.95, method="inverted_cdf"), rel=1e-6)
    assert_allclose(found.differences.reshape(-1), apart, rtol=1e-6)
    assert found.ssim == pytest.approx(plain_ssim(pixels, made), abs=1e-9)
    assert_allclose(error_map(found), np.minimum(found.differences / MAX_DRAWN, 1) * 255, atol=0.51)


def test_bands_of_rows_make_no_difference(monkeypatch):
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (40, 30, 3)).astype(np.uint8)
    alpha = np.where(rng.random((40, 30)) < 0.7, 255, 0).astype(np.uint8)
    palette = rng.integers(0, 256, (7, 3)).astype(np.uint8)
    indices = rng.integers(0, 7, (40, 30)).astype(np.uint8)
    for picture in (picture_of(pixels), picture_of(pixels, alpha)):
        whole = measure_perceptual_quality(picture, palette, indices)
        with monkeypatch.context() as context:
            context.setattr(perceptual_quality, "_BAND", 30 * 3)
            banded = measure_perceptual_quality(picture, palette, indices)
        assert (banded.mean, banded.p95) == (whole.mean, whole.p95)
        assert banded.ssim == pytest.approx(whole.ssim, abs=1e-12)


def test_an_exact_copy():
    pixels = np.array([[[0, 0, 0], [9, 9, 9]]], dtype=np.uint8)
    found = measure_perceptual_quality(picture_of(pixels), pixels[0], np.array([[0, 1]], dtype=np.uint8))
    assert (found.mean, found.p95, found.ssim) == (0, 0, pytest.approx(1))
    assert not error_map(found).any()


def test_what_is_not_shown_counts_for_nothing():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    alpha = np.where(rng.random((20, 30)) < 0.6, 255, 0).astype(np.uint8)
    picture = picture_of(pixels, alpha)
    made = quantize(picture, 4)
    found = measure_perceptual_quality(picture, made.palette.colors, made.indices)
    shown = made.palette.colors[made.indices[picture.visible]]
    apart = ciede2000(from_srgb(pixels[picture.visible], "lab"), from_srgb(shown, "lab"))
    assert found.mean == pytest.approx(apart.mean(), rel=1e-6)
    assert not found.differences[~picture.visible].any()
    hidden = picture_of(pixels, np.zeros((20, 30), np.uint8))
    nothing = quantize(hidden, 4)
    found = measure_perceptual_quality(hidden, nothing.palette.colors, nothing.indices)
    assert (found.mean, found.p95, found.ssim) == (0, 0, 1)


def test_more_colors_are_nearer():
    picture = load_picture(ASSETS / "samples" / "cat.png")
    made = [quantize(picture, count) for count in (4, 32, 256)]
    found = [measure_perceptual_quality(picture, one.palette.colors, one.indices) for one in made]
    assert found[0].mean > found[1].mean > found[2].mean > 0
    assert found[0].p95 > found[1].p95 > found[2].p95 > found[2].mean
    assert found[0].ssim < found[1].ssim < found[2].ssim < 1
