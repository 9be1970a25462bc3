"""Color spaces against published values, there and back; CIEDE2000 against its authors' test data."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from kmeans_core.errors import OptionError
from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import SPACES, decode, encode, from_srgb, to_srgb

CORNERS = np.array(
    [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]], dtype=np.uint8
)

# Sharma, Wu and Dalal (2005), table 1: L*, a*, b* of both colors, and their difference.
PUBLISHED = np.fromstring(
    """
    50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
    50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
    50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
    50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
    50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
    50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
    50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
    50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
    50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
    50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
    50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
    50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
    50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
    50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
    50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
    50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
    50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
    50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
    50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
    50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
    50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
    60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
    63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
    61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
    35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
    22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
    36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
    90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
    90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
    6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
    2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
    """,
    sep=" ",
).reshape(-1, 7)


def test_ciede2000_as_published():
    assert PUBLISHED.shape == (34, 7)
    first, second, expected = PUBLISHED[:, :3], PUBLISHED[:, 3:6], PUBLISHED[:, 6]
    assert_allclose(ciede2000(first, second), expected, atol=5e-5)
    assert_allclose(ciede2000(second, first), expected, atol=5e-5)
    assert_array_equal(ciede2000(first, first), 0)


def test_lab_of_the_corners():
    """Lindbloom's calculator, sRGB and D65, to its digits."""
    expected = [
        [0, 0, 0],
        [100, 0, 0],
        [53.24, 80.09, 67.20],
        [87.73, -86.18, 83.18],
        [32.30, 79.19, -107.86],
        [97.14, -21.55, 94.48],
    ]
    assert_allclose(from_srgb(CORNERS, "lab"), expected, atol=0.02)


def test_oklab_of_the_corners():
    """Ottosson's values of the primaries."""
    expected = [
        [0, 0, 0],
        [1, 0, 0],
        [0.62796, 0.22486, 0.12585],
        [0.86644, -0.23389, 0.17950],
        [0.45201, -0.03246, -0.31153],
        [0.96798, -0.07137, 0.19857],
    ]
    assert_allclose(from_srgb(CORNERS, "oklab"), expected, atol=2e-5)


def test_light_of_srgb_values():
    assert_allclose(decode(np.array([0.0, 0.04045, 0.5, 1.0])), [0, 0.0031308, 0.21404, 1], atol=1e-5)
    values = np.linspace(0, 1, 999)
    assert_allclose(encode(decode(values)), values, atol=1e-7)


@pytest.mark.parametrize("space", SPACES)
def test_there_and_back(space):
    rng = np.random.default_rng(0)
    colors = np.vstack([CORNERS, rng.integers(0, 256, (100_000, 3))]).astype(np.uint8)
    points = from_srgb(colors, space)
    assert (points.dtype, points.shape) == (np.float64, colors.shape)
    assert_array_equal(to_srgb(points, space), colors)


@pytest.mark.slow
@pytest.mark.parametrize("space", SPACES)
def test_there_and_back_for_all_colors(space):
    blue, green = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    for red in range(256):
        colors = np.stack([np.full(65536, red, np.uint8), green.ravel(), blue.ravel()], axis=1)
        assert_array_equal(to_srgb(from_srgb(colors, space), space), colors)


@pytest.mark.parametrize("space", SPACES)
def test_what_is_beyond_the_gamut_is_cut_off(space):
    too_light = {"srgb": [999, 999, 999], "linear": [9, 9, 9], "lab": [180, 0, 0], "oklab": [2, 0, 0]}[space]
    too_dark = {"srgb": [-9, -9, -9], "linear": [-1, -1, -1], "lab": [-50, 0, 0], "oklab": [-1, 0, 0]}[space]
    too_red = {"srgb": [300, -5, -5], "linear": [3, -1, -1], "lab": [53, 200, 170], "oklab": [0.63, 0.9, 0.4]}
    far = np.array([too_light, too_dark, too_red[space]], dtype=float)
    assert_array_equal(to_srgb(far, space), [[255, 255, 255], [0, 0, 0], [255, 0, 0]])


@pytest.mark.parametrize("space", SPACES)
def test_a_color_does_not_depend_on_the_others(space):
    colors = np.random.default_rng(1).integers(0, 256, (500, 3)).astype(np.uint8)
    assert_array_equal(
        from_srgb(colors, space), np.vstack([from_srgb(colors[i : i + 1], space) for i in range(500)])
    )


def test_an_unknown_space_is_said():
    with pytest.raises(OptionError, match="space='hsv' is unknown; use one of: srgb, linear, lab, oklab"):
        from_srgb(CORNERS, "hsv")
