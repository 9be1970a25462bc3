"""Reading pictures: every color mode, honest notes, and bad files turned away."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image, ImageCms

from kmeans_core import load_picture
from kmeans_core.errors import OptionError, PictureError
from tests.conftest import ASSETS
from tests.images.made_pictures import chunk


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gradient(width=16, height=8):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([x * 15, y * 30, x + y], axis=2).astype(np.uint8)


def test_the_raccoon():
    picture = load_picture(ASSETS / "raccoon.png")
    assert (picture.width, picture.height, picture.format) == (1024, 768, "PNG")
    assert picture.input_bytes == 1_187_825
    assert (picture.alpha, picture.visible, picture.notes) == (None, None, ())
    assert picture.name == "raccoon.png"
    assert not picture.pixels.flags.writeable


def test_path_bytes_and_file_are_the_same(tmp_path):
    data = encoded(Image.fromarray(gradient()))
    (tmp_path / "a.png").write_bytes(data)
    with (tmp_path / "a.png").open("rb") as file:
        pictures = [load_picture(tmp_path / "a.png"), load_picture(data), load_picture(file)]
    for picture in pictures:
        assert_array_equal(picture.pixels, gradient())
    assert [picture.name for picture in pictures] == ["a.png", "picture", "a.png"]
    assert load_picture(data, name="mine.png").name == "mine.png"


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its left side
    picture = load_picture(encoded(Image.fromarray(gradient()), exif=exif))
    assert_array_equal(picture.pixels, np.rot90(gradient(), -1))
    assert picture.notes == ("Rotated upright by its EXIF orientation.",)


def test_an_srgb_profile_changes_nothing():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = load_picture(encoded(Image.fromarray(gradient()), icc_profile=srgb))
    assert_array_equal(picture.pixels, gradient())
    assert picture.notes == ()


def adobe_rgb_to_srgb(pixels):
    """The textbook way: decode Adobe's gamma, change primaries through XYZ (D65), encode sRGB's curve."""
    adobe = np.array(
        [
            [0.5767309, 0.1855540, 0.1881852],
            [0.2973769, 0.6273491, 0.0752741],
            [0.0270343, 0.0706872, 0.9911085],
        ]
    )
    to_srgb = np.array(
        [
            [3.2404542, -1.5371385, -0.4985314],
            [-0.9692660, 1.8760108, 0.0415560],
            [0.0556434, -0.2040259, 1.0572252],
        ]
    )
    light = (pixels / 255) ** (563 / 256) @ adobe.T @ to_srgb.T
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def test_color_profile_is_converted():
    picture = load_picture(ASSETS / "samples" / "rocket.jpg")
    with Image.open(ASSETS / "samples" / "rocket.jpg") as image:
        raw = np.asarray(image).astype(float)
    assert picture.notes == ("Converted from the color profile Adobe RGB (1998) to sRGB.",)
    # Within the rounding of 8 bits, but for the darkest, where the curves are steep.
    off = np.abs(picture.pixels - adobe_rgb_to_srgb(raw))[raw.min(axis=2) > 20]
    assert np.percentile(off, 99) < 2
    assert np.abs(picture.pixels - raw).max() > 10


def test_a_broken_color_profile_is_ignored_and_said():
    picture = load_picture(encoded(Image.fromarray(gradient()), icc_profile=b"not a profile"))
    assert_array_equal(picture.pixels, gradient())
    assert picture.notes == ("Its color profile is damaged or does not fit, so it was ignored.",)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "RGB"])
def test_every_common_mode_shows_what_pillow_shows(mode):
    image = Image.fromarray(gradient()).convert(mode)
    picture = load_picture(encoded(image))
    assert_array_equal(picture.pixels, np.asarray(image.convert("RGB")))
    assert picture.alpha is None


def test_cmyk():
    image = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    picture = load_picture(encoded(image, "TIFF"))
    assert_array_equal(picture.pixels[0, 0], [255, 0, 0])
    assert picture.notes == ("Converted from CMYK to RGB.",)


def test_sixteen_bit_gray_keeps_its_range():
    values = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    picture = load_picture(encoded(Image.fromarray(values)))
    assert_array_equal(picture.pixels[0, :, 0], [0, 1, 128, 255])
    assert picture.notes == ("16-bit gray was reduced to 8 bits.",)


def test_sixteen_bit_rgb_is_said():
    """Written by hand: Pillow reads such files but does not write them."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + struct.pack(">6H", 65535, 0, 0, 0, 32768, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row))
        + chunk(b"IEND", b"")
    )
    picture = load_picture(data)
    assert_array_equal(picture.pixels, [[[255, 0, 0], [0, 128, 0]]])
    assert picture.notes == ("Reduced from 16 to 8 bits per channel.",)


def test_float_gray_is_scaled():
    picture = load_picture(encoded(Image.fromarray(np.array([[0.0, 0.5, 1.0]], dtype=np.float32)), "TIFF"))
    assert_array_equal(picture.pixels[0, :, 1], [0, 128, 255])
    assert picture.notes == ("Gray values from 0 to 1 were scaled to 8 bits.",)


def test_alpha_is_loaded_and_reported():
    pixels = np.dstack([gradient(4, 1), np.array([[0, 127, 128, 255]], dtype=np.uint8)])
    picture = load_picture(encoded(Image.fromarray(pixels)))
    assert_array_equal(picture.alpha, [[0, 127, 128, 255]])
    assert_array_equal(picture.visible, [[False, True, True, True]])
    assert picture.notes == (
        "Has transparency: 25.0 % of its pixels are hidden and not counted; 50.0 % are partly transparent.",
    )


def test_palette_with_transparent_entry():
    image = Image.fromarray(np.array([[0, 1]], dtype=np.uint8), mode="P")
    image.putpalette([255, 0, 0, 0, 0, 255])
    picture = load_picture(encoded(image, transparency=0))
    assert_array_equal(picture.visible, [[False, True]])
    assert_array_equal(picture.pixels[0, 1], [0, 0, 255])


def test_animation_uses_the_first_frame():
    frames = [Image.new("RGB", (3, 3), color) for color in ("red", "blue")]
    picture = load_picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert_array_equal(picture.pixels[0, 0], [255, 0, 0])
    assert "Has 2 frames; the first is used." in picture.notes


def bomb(width, height):
    """A tiny PNG that claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    ihdr = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + ihdr
        + struct.pack(">I", zlib.crc32(ihdr))
        + struct.pack(">I", 0)
        + b"IDAT"
        + struct.pack(">I", zlib.crc32(b"IDAT"))
    )


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", r"x\.png is empty \(0 bytes\); choose a picture file"),
        (b"only words\n" * 50, "is not a picture that can be read; choose a PNG"),
        (encoded(Image.fromarray(gradient(300, 300)))[:400], "is damaged or cut short.*choose an intact"),
        (encoded(Image.fromarray(gradient(300, 300)), "JPEG")[:900], "is damaged or cut short"),
        (bomb(50_000, 50_000), "claims more than 178 megapixels in .* bytes and was not opened"),
        (bomb(10_000, 10_000), r"has 10,000×10,000 pixels, 100\.0 megapixels; at most 50 are allowed"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture that can be read"),
    ],
    ids=["empty", "text", "short PNG", "short JPEG", "bomb", "too large", "PostScript"],
)
def test_bad_files(data, match):
    with pytest.raises(PictureError, match=match):
        load_picture(data, name="x.png")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(PictureError, match=r"none\.png does not exist; check the path"):
        load_picture(tmp_path / "none.png")
    with pytest.raises(PictureError, match="is a folder; name one picture file in it"):
        load_picture(tmp_path)


def test_the_limit_is_the_callers(tmp_path):
    data = encoded(Image.fromarray(gradient(100, 100)))
    with pytest.raises(PictureError, match=r"0\.0 megapixels; at most 0\.009"):
        load_picture(data, max_megapixels=0.009)
    assert load_picture(data, max_megapixels=0.011).width == 100
    with pytest.raises(OptionError, match="max_megapixels=0 is not allowed"):
        load_picture(data, max_megapixels=0)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_file_is_a_picture_error_or_a_picture(position, value):
    """Whatever a flipped byte does to a decoder, it comes out as the one documented error."""
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP"):
        data = bytearray(encoded(Image.fromarray(gradient(24, 24)), kind))
        data[position % len(data)] = value
        with contextlib.suppress(PictureError):
            assert load_picture(bytes(data)).pixels.ndim == 3


def test_sixteen_bit_gray_keeps_its_transparent_value():
    values = np.array([[0, 500, 65535]], dtype=np.uint16)
    picture = load_picture(encoded(Image.fromarray(values), transparency=500))
    assert_array_equal(picture.visible, [[True, False, True]])


def test_alpha_that_hides_nothing_hides_nothing():
    pixels = np.dstack([gradient(4, 1), np.full((1, 4), 200, dtype=np.uint8)])
    picture = load_picture(encoded(Image.fromarray(pixels)))
    assert picture.visible is None
    assert len(picture.notes) == 1


def test_a_damaged_exif_block_does_not_spoil_an_intact_picture():
    picture = load_picture(encoded(Image.fromarray(gradient()), exif=b"not a TIFF header"))
    assert_array_equal(picture.pixels, gradient())
    assert picture.notes == ("Its EXIF data are damaged, so they were ignored.",)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation(orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(gradient()), exif=exif)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert_array_equal(load_picture(data).pixels, expected)


def layered_photoshop_file():
    """The smallest PSD with two layers and a flattened picture: 2×1 pixels, red and blue."""
    layer = struct.pack(">iiiihhIhI", 0, 0, 1, 2, 1, 0, 3, 0, 0)[:18]
    record = layer + struct.pack(">HI", 0, 2) + b"8BIMnorm" + bytes([255, 0, 0, 0]) + struct.pack(">I", 12)
    record += struct.pack(">II", 0, 0) + b"\1L\0\0"
    info = struct.pack(">h", 2) + record * 2 + struct.pack(">H", 0) * 2
    info += b"\0" * (len(info) % 2)
    layers = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 1, 2, 8, 3)
    planes = bytes([255, 0]) + bytes([0, 0]) + bytes([0, 255])
    return (
        head
        + struct.pack(">II", 0, 0)
        + struct.pack(">I", len(layers))
        + layers
        + struct.pack(">H", 0)
        + planes
    )


def test_layered_photoshop_files_are_read_flattened():
    picture = load_picture(layered_photoshop_file())
    assert_array_equal(picture.pixels, [[[255, 0, 0], [0, 0, 255]]])
    assert picture.notes == ("Photoshop file: its layers are flattened.",)


@pytest.mark.parametrize("more", [b"", chunk(b"tEXt", b"a\0b")])
def test_an_icon_of_windows_cannot_smuggle_in_a_large_picture(more):
    inner = encoded(Image.new("RGB", (3000, 3000)))
    inner = inner[:8] + more + inner[8:]
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22)
    with pytest.raises(PictureError, match=r"has 3,000×3,000 pixels"):
        load_picture(struct.pack("<HHH", 0, 1, 1) + entry + inner, max_megapixels=5)


def test_an_icon_of_apple_cannot_smuggle_in_a_large_picture():
    inner = encoded(Image.new("RGB", (1500, 1500)), "JPEG2000")
    block = b"ic10" + struct.pack(">I", len(inner) + 8) + inner
    with pytest.raises(PictureError, match=r"has 1,500×1,500 pixels"):
        load_picture(b"icns" + struct.pack(">I", len(block) + 8) + block, max_megapixels=2)
