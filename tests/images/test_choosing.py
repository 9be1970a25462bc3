"""How many colors: the curve against single fits, and targets that hold and hold only just."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from kmeans_core import ColorHistogram, cluster, load_picture, quantize
from kmeans_core.errors import OptionError
from kmeans_core.images.choosing import CURVE, CurvePoint, elbow, error_curve, find_n_colors
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.perceptual_quality import mean_difference, measure_perceptual_quality
from tests.conftest import ASSETS
from tests.images.test_quantize import picture_of


@pytest.fixture(scope="module")
def cat():
    return load_picture(ASSETS / "samples" / "cat.png")


def test_the_curve_is_near_what_single_fits_find(cat):
    histogram = ColorHistogram.of(cat)
    reported = []
    points = error_curve(histogram, on_point=reported.append)
    assert points == reported
    assert [point.n_colors for point in points] == list(CURVE)
    errors = [point.mse for point in points]
    assert errors == sorted(errors, reverse=True)
    single = [
        cluster(histogram.colors, k, weights=histogram.counts).inertia / histogram.n_pixels
        for k in (4, 16, 64, 256)
    ]
    assert_allclose([point.mse for point in points if point.n_colors in (4, 16, 64, 256)], single, rtol=0.08)
    assert points[0].psnr == pytest.approx(10 * np.log10(3 * 255**2 / points[0].mse))


def test_the_curve_ends_at_an_exact_copy():
    points = error_curve(ColorHistogram.of(picture_of([[[0, 0, 0], [9, 9, 9], [200, 0, 0]]])))
    assert [(point.n_colors, point.mse) for point in points] == [(2, pytest.approx(40.5)), (3, 0.0)]
    nothing = picture_of(np.zeros((1, 1, 3)), np.zeros((1, 1), np.uint8))
    assert error_curve(ColorHistogram.of(nothing)) == []


def test_each_point_of_the_curve_has_its_palette(cat):
    histogram = ColorHistogram.of(cat)
    colors = histogram.colors.astype(float)
    for point in error_curve(histogram, [2, 7, 40]):
        assert point.colors.shape == (point.n_colors, 3)
        assert list(point.shares) == sorted(point.shares, reverse=True)
        labels = ((colors[:, None] - point.colors.astype(float)) ** 2).sum(axis=2).argmin(axis=1)
        shares = np.bincount(labels, histogram.counts, point.n_colors) / histogram.n_pixels
        assert_allclose(shares, point.shares, atol=0.02)
        squares = ((colors - point.colors[labels]) ** 2).sum(axis=1)
        assert squares @ histogram.counts / histogram.n_pixels == pytest.approx(point.mse, rel=0.02)


def test_the_elbow():
    def point(k, mse, psnr):
        return CurvePoint(k, mse, psnr, np.zeros((k, 3), np.uint8), np.full(k, 1 / k))

    assert elbow([point(k, 900 if k < 8 else 9, 10.0) for k in (2, 4, 8, 16, 32)]) == 8
    assert elbow([point(2, 5.0, 30.0)]) is None


@pytest.mark.parametrize(("target", "value"), [("psnr", 29.0), ("delta-e", 3.5), ("bytes", 60_000)])
def test_a_target_holds_and_holds_only_just(cat, target, value):
    tried = []
    choice = find_n_colors(cat, target, value, QuantizeOptions.of(max_iter=20), on_try=tried.append)
    next_to_it = choice.n_colors + (1 if target == "bytes" else -1)
    assert sorted(tried) == list(choice.tried)
    assert next_to_it in tried
    assert len(tried) <= 10

    def reached(n_colors):
        made = quantize(cat, n_colors, max_iter=20)
        return {
            "psnr": made.quality.psnr,
            "delta-e": mean_difference(cat, made.palette.colors, made.indices),
            "bytes": len(made.png_bytes()),
        }[target]

    def holds(found):
        return found >= value if target == "psnr" else found <= value

    assert choice.value == reached(choice.n_colors) == choice.tried[choice.n_colors]
    assert holds(choice.value)
    assert not holds(reached(next_to_it))
    assert choice.encoded.report.n_colors == choice.n_colors


def test_the_mean_difference_is_that_of_the_perceptual_quality(cat):
    made = quantize(cat, 9, max_iter=4)
    arguments = cat, made.palette.colors, made.indices
    assert mean_difference(*arguments) == pytest.approx(measure_perceptual_quality(*arguments).mean, rel=1e-6)


@pytest.mark.parametrize(
    ("target", "value", "match"),
    [
        (
            "psnr",
            99,
            r"PSNR of at least 99 dB cannot be reached: 256 colors give \d\d\.\d\d dB; ask for at most",
        ),
        (
            "bytes",
            10,
            r"File size of at most 10 bytes cannot be reached: 1 color gives \d+ bytes; ask for at least",
        ),
        ("ssim", 1, "target='ssim' is unknown; use one of: psnr, delta-e, bytes"),
        ("psnr", -1, "value=-1 is not allowed as a target; give a number of 0 or more"),
        ("psnr", float("nan"), "value=nan is not allowed"),
    ],
)
def test_targets_that_cannot_be(cat, target, value, match):
    with pytest.raises(OptionError, match=match):
        find_n_colors(cat, target, value, QuantizeOptions.of(max_iter=2))
