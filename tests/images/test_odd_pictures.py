"""Pictures of kinds that go wrong easily, against decoders that share no code with ours: libvips and "
"OpenCV."""

import io

import cv2
import numpy as np
import pytest
import pyvips
from numpy.testing import assert_array_equal
from PIL import Image

from kmeans_core import load_picture, quantize
from tests.conftest import ASSETS

CAT = (ASSETS / "samples" / "cat.png").read_bytes()


def cat(width=64):
    """A small photograph."""
    with Image.open(io.BytesIO(CAT)) as image:
        return image.convert("RGB").resize((width, 48))


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def vips_of(image):
    return pyvips.Image.new_from_array(np.asarray(image), interpretation="srgb")


def soft():
    """The photograph with an alpha that rises from left to right."""
    image = cat()
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    image.putalpha(Image.fromarray(ramp))
    return image


def frames(kind, **options):
    others = [Image.new("RGB", (64, 48), color) for color in ("red", "blue")]
    return saved(cat(), kind, save_all=True, append_images=others, duration=80, **options)


def exif(orientation):
    image = cat()
    data = Image.Exif()
    data[0x0112] = orientation
    return saved(image, "JPEG", exif=data, quality=92)


def deep_gray():
    ramp = np.linspace(0, 65535, 64 * 48).astype(np.uint16).reshape(48, 64)
    return pyvips.Image.new_from_array(ramp, interpretation="grey16")


def by_vips(data):
    """8-bit sRGB with alpha, upright, the first frame."""
    image = pyvips.Image.new_from_buffer(data, "").autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", intent="perceptual")
    image = image.colourspace("srgb")
    if image.format != "uchar":
        image = image.cast("uchar")
    return (image if image.hasalpha() else image.addalpha()).numpy()


def by_opencv(data):
    """8-bit sRGB with alpha."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.dstack([found, np.full(found.shape[:2], 255, np.uint8)])


# name → file, who decodes it independently, and by how many levels decoders may differ: they round the
# inverse transforms of lossy formats and of color profiles each in its own way.
ODD = {
    "gray": (lambda: saved(cat().convert("L"), "PNG"), by_vips, 0),
    "gray with alpha": (lambda: saved(soft().convert("LA"), "PNG"), by_vips, 0),
    "color with alpha": (lambda: saved(soft(), "PNG"), by_vips, 0),
    "one bit": (lambda: saved(cat().convert("1"), "PNG"), by_vips, 0),
    "sixteen bits of gray": (lambda: deep_gray().pngsave_buffer(), by_vips, 1),
    "sixteen bits of color": (
        lambda: (
            (vips_of(cat()).cast("ushort") * 257).copy(interpretation="rgb16").cast("ushort").pngsave_buffer()
        ),
        by_vips,
        0,
    ),
    "palette": (lambda: saved(cat().quantize(40), "PNG"), by_vips, 0),
    "palette of two bits": (lambda: saved(cat().quantize(4), "PNG", bits=2), by_vips, 0),
    "palette with transparency": (
        lambda: saved(cat().quantize(40), "PNG", transparency=bytes(range(0, 240, 6))),
        by_vips,
        0,
    ),
    "interlaced": (lambda: vips_of(cat()).pngsave_buffer(interlace=True), by_vips, 0),
    "one pixel": (lambda: saved(cat().crop((9, 9, 10, 10)), "PNG"), by_vips, 0),
    "one line": (lambda: saved(cat().resize((10_000, 1)), "PNG"), by_vips, 0),
    "one column": (lambda: saved(cat().resize((1, 10_000)), "PNG"), by_vips, 0),
    "one color": (lambda: saved(Image.new("RGB", (30, 20), (12, 200, 7)), "PNG"), by_vips, 0),
    "nothing to see": (lambda: saved(Image.new("RGBA", (30, 20), (12, 200, 7, 0)), "PNG"), by_vips, 0),
    "wide gamut": (
        lambda: vips_of(cat()).icc_transform("p3", input_profile="srgb").pngsave_buffer(),
        by_vips,
        2,
    ),
    "turned": (lambda: exif(6), by_vips, 2),
    "turned and mirrored": (lambda: exif(7), by_vips, 2),
    "progressive JPEG": (lambda: saved(cat(), "JPEG", progressive=True, quality=92), by_vips, 2),
    "gray JPEG": (lambda: saved(cat().convert("L"), "JPEG", quality=92), by_vips, 2),
    "CMYK JPEG": (lambda: saved(cat().convert("CMYK"), "JPEG", quality=95), by_opencv, 3),
    "animated GIF": (lambda: frames("GIF"), by_vips, 0),
    "animated WebP": (lambda: frames("WEBP", lossless=True), by_vips, 0),
    "WebP with alpha": (lambda: saved(soft(), "WEBP", lossless=True, exact=True), by_vips, 0),
    "lossy WebP": (lambda: saved(cat(), "WEBP", quality=80), by_vips, 2),
    "TIFF": (lambda: saved(cat(), "TIFF", compression="tiff_lzw"), by_vips, 0),
    "TIFF of pages": (lambda: frames("TIFF"), by_vips, 0),
    "TIFF in tiles": (lambda: vips_of(cat()).tiffsave_buffer(tile=True, compression="deflate"), by_vips, 0),
    "BMP": (lambda: saved(cat(), "BMP"), by_opencv, 0),
    "PPM": (lambda: saved(cat(), "PPM"), by_opencv, 0),
    "JPEG 2000": (lambda: saved(cat(), "JPEG2000"), by_opencv, 0),
}


@pytest.mark.parametrize("name", ODD)
def test_the_right_pixels_and_the_same_to_every_reader_afterwards(name):
    make, decode, tolerance = ODD[name]
    data = make()
    expected = decode(data)
    picture = load_picture(data)
    alpha = np.full(picture.pixels.shape[:2], 255, np.uint8) if picture.alpha is None else picture.alpha
    assert_array_equal(alpha, expected[..., 3])
    visible = alpha > 0
    apart = np.abs(picture.pixels[visible].astype(int) - expected[visible][:, :3])
    assert apart.max(initial=0) <= tolerance

    # What comes out shows the same in Pillow and in libvips, and as many colors as there are come out as they
    # were.
    png = quantize(picture, 8, max_iter=5).png_bytes()
    ours, theirs = load_picture(png), by_vips(png)
    found = np.full(visible.shape, 255, np.uint8) if ours.alpha is None else ours.alpha
    assert_array_equal(found, theirs[..., 3])
    assert_array_equal(found > 0, visible)
    assert_array_equal(ours.pixels[visible], theirs[visible][:, :3])
    if len(np.unique(picture.pixels[visible], axis=0)) <= 8:
        assert_array_equal(ours.pixels[visible], picture.pixels[visible])


def test_there_are_enough_kinds():
    assert len(ODD) >= 20
