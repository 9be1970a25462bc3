"""Colors by what their file says of them, at all bits it has. libvips, which reads 16 bits, shares no code
with ours; what PNG's own chunks mean is compared with Chromium in `tests/browser`."""

import numpy as np
import pytest
import pyvips
from PIL import Image

from kmeans_core import load_picture
from tests.images.made_pictures import (
    DISPLAY_P3,
    GRAY,
    GRAY_ALPHA,
    RGB,
    RGB_ALPHA,
    SRGB,
    avif,
    chromaticities,
    chunk,
    code_points,
    curve_of_power,
    curve_of_table,
    display_p3_named_srgb,
    embedded,
    gamma,
    parametric_curve,
    png,
    profile,
    saved,
    srgb_profile,
)

COLORS = np.array([[[200, 120, 60], [60, 120, 200], [10, 20, 30], [128, 128, 128]]], dtype=np.uint8)
LINEAR = gamma(100_000)
# What a file has, and what ICC.1:2022 says it means (10.6 and 10.18).
CURVES = {
    "a power": (curve_of_power(1.5), lambda x: x**1.5),
    "nothing": (b"curv" + bytes(8), lambda x: x),
    "a table": (curve_of_table(np.linspace(0, 1, 900)), lambda x: x),
    "parameters 0": (parametric_curve(0, 2.0), lambda x: x**2),
    "parameters 1": (
        parametric_curve(1, 2.0, 1.5, -0.5),
        lambda x: np.where(x < 1 / 3, 0, 1.5 * x - 0.5) ** 2,
    ),
    "parameters 2": (
        parametric_curve(2, 2.0, 1.25, -0.25, 0.0625),
        lambda x: np.minimum(np.where(x < 0.2, 0, 1.25 * x - 0.25) ** 2 + 0.0625, 1),
    ),
    "parameters 3": (
        parametric_curve(3, 2.0, 0.5, 0.5, 0.25, 0.5),
        lambda x: np.where(x < 0.5, x / 4, (x / 2 + 0.5) ** 2),
    ),
    "parameters 4": (
        parametric_curve(4, 2.0, 0.5, 0.25, 0.25, 0.5, 0.125, 0.0625),
        lambda x: np.where(x < 0.5, x / 4 + 0.0625, (x / 2 + 0.25) ** 2 + 0.125),
    ),
}


@pytest.mark.parametrize(("curve", "light"), CURVES.values(), ids=CURVES)
@pytest.mark.parametrize("is_gray", [False, True], ids=["color", "gray"])
def test_curves_at_16_bits(curve, light, is_gray):
    samples = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    if not is_gray:
        samples = np.dstack([samples, samples.T, samples[::-1]])
    picture = load_picture(png(samples, GRAY if is_gray else RGB, embedded(profile(curve, is_gray=is_gray))))
    assert "Converted from the color profile Made to sRGB." in picture.notes
    y = light(samples / 65535)
    exact = 255 * np.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055)
    # Half a level is rounding. Primaries of a profile have few digits, which saturated colors show.
    limit = 0.52 if is_gray else 1.01
    assert np.abs(picture.pixels - (exact[..., None] if is_gray else exact)).max() < limit


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate"])
def test_primaries_at_16_bits(compression):
    samples = np.random.default_rng(1).integers(0, 65536, (40, 50, 3), dtype=np.uint16)
    data = png(samples, RGB, embedded(display_p3_named_srgb()))
    image = pyvips.Image.new_from_buffer(data, "")
    shown = image.icc_import(embedded=True, intent="relative", pcs="xyz")
    exact = shown.icc_export(output_profile="srgb", depth=16, intent="relative").numpy() / 257
    as_tiff = image.tiffsave_buffer(compression=compression, predictor="horizontal")
    for file in (data, as_tiff):
        difference = np.abs(load_picture(file).pixels - exact)
        assert difference.mean() < 0.27  # a quarter is what rounding does
        assert difference.max() < 1.4  # near black, where 16 bits of XYZ have steps of half a level


@pytest.mark.parametrize("color_type", [GRAY_ALPHA, RGB_ALPHA])
def test_profiles_at_16_bits_with_alpha(color_type):
    channels = {GRAY_ALPHA: 2, RGB_ALPHA: 4}[color_type]
    samples = np.full((1, 2, channels), 0x0100, dtype=np.uint16)
    samples[0, :, -1] = [0x00FF, 0x8000]
    made = profile(curve_of_power(1.0), is_gray=color_type == GRAY_ALPHA)
    picture = load_picture(png(samples, color_type, embedded(made)))
    # 256 of 65,535 parts of the light are 12.7 levels of sRGB.
    expected = 255 * (1.055 * (256 / 65535) ** (1 / 2.4) - 0.055)
    assert picture.pixels[0, 0].tolist() == [round(expected)] * 3
    assert picture.alpha.tolist() == [[1, 128]]


def test_profiles_that_fit_no_picture_of_16_bits():
    samples = np.full((1, 2), 0x8000, dtype=np.uint16)
    for made in (profile(curve_of_power(1.0)), b"nothing", profile(curve_of_power(1.0), is_gray=True)[:200]):
        picture = load_picture(png(samples, GRAY, embedded(made)))
        assert picture.pixels[0, 0].tolist() == [128] * 3
        assert "Its color profile is damaged or does not fit, so it was ignored." in picture.notes


@pytest.mark.parametrize("hidden", [(0x1234, 0x5678, 0x9ABC), (0, 0, 0)])
def test_a_transparent_color_of_16_bits(hidden):
    near = [value ^ 1 for value in hidden]
    samples = np.array([[hidden, near, (0xFFFF, 0, 0)]], dtype=np.uint16)
    picture = load_picture(png(samples, RGB, chunk(b"tRNS", np.array(hidden, ">u2").tobytes())))
    assert picture.alpha.tolist() == [[0, 255, 255]]


@pytest.mark.parametrize(
    ("chunks", "is_converted"),
    [
        ([code_points(12, 13), embedded(srgb_profile())], True),
        ([code_points(1, 13), embedded(display_p3_named_srgb())], False),
        ([embedded(srgb_profile()), LINEAR], False),
        ([embedded(display_p3_named_srgb()), chunk(b"sRGB", b"\0")], True),
        ([chunk(b"sRGB", b"\0"), LINEAR, chromaticities(DISPLAY_P3)], False),
        ([LINEAR], True),
        ([gamma(45455)], False),
        ([gamma(45455), chromaticities(DISPLAY_P3)], True),
        ([chromaticities(DISPLAY_P3)], False),
        ([code_points(9, 16), embedded(display_p3_named_srgb())], True),
    ],
)
def test_what_goes_before_what(chunks, is_converted):
    picture = load_picture(png(COLORS, RGB, *chunks))
    assert (picture.pixels.tolist() != COLORS.tolist()) == is_converted
    assert any(note.startswith("Converted from") for note in picture.notes) == is_converted


@pytest.mark.parametrize(
    ("chunks", "note"),
    [
        ([gamma(0)], "What its gAMA chunk says is not possible, so it was ignored."),
        (
            [LINEAR, chromaticities([0] * 8)],
            "What its gAMA and cHRM chunks say is not possible, so it was ignored.",
        ),
        (
            [code_points(9, 16)],
            "What its cICP chunk says, high dynamic range (PQ), is not known here, so it was ignored.",
        ),
        (
            [code_points(1, 99)],
            "What its cICP chunk says, primaries 1 and curve 99 of H.273, is not known here, "
            "so it was ignored.",
        ),
        (
            [code_points(12, 13, 0, 0)],
            "Its cICP chunk has a narrow range or a matrix, as video has, so it was ignored.",
        ),
    ],
)
def test_what_is_ignored_is_said(chunks, note):
    picture = load_picture(png(COLORS, RGB, *chunks))
    assert picture.notes == (note,)
    assert picture.pixels.tolist() == COLORS.tolist()


def test_the_same_meaning_in_every_kind_of_png():
    """Linear light in gray, with alpha, in a palette and at 16 bits."""
    level, shown = 128, 188
    for samples, color_type in [
        (np.full((1, 1), level, np.uint8), GRAY),
        (np.full((1, 1, 2), level, np.uint8), GRAY_ALPHA),
        (np.full((1, 1, 4), level, np.uint8), RGB_ALPHA),
        (np.full((1, 1), 257 * level, np.uint16), GRAY),
        (np.full((1, 1, 3), 257 * level, np.uint16), RGB),
    ]:
        assert load_picture(png(samples, color_type, LINEAR)).pixels.tolist() == [[[shown] * 3]]
    indexed = saved(Image.new("P", (1, 1), 0), "PNG")
    indexed = indexed.replace(indexed[33:], LINEAR + indexed[33:])
    colors = load_picture(indexed).pixels.tolist()
    assert colors == [[[0, 0, 0]]]


def test_primaries_of_avif():
    image = Image.new("RGB", (16, 16), (60, 120, 200))
    plain = load_picture(avif(image, 1, 13))
    assert plain.notes == load_picture(avif(image, 1, 1)).notes == load_picture(avif(image, 2, 2)).notes == ()
    wide = load_picture(avif(image, 12, 13))
    assert wide.notes == ("Converted from its nclx box (Display P3, curve of sRGB) to sRGB.",)
    by_chunk = load_picture(png(plain.pixels, RGB, code_points(12, 13)))
    assert wide.pixels.tolist() == by_chunk.pixels.tolist()


def test_primaries_of_srgb_change_only_the_curve():
    picture = load_picture(png(COLORS, RGB, LINEAR, chromaticities(SRGB)))
    assert picture.pixels.tolist() == load_picture(png(COLORS, RGB, LINEAR)).pixels.tolist()
