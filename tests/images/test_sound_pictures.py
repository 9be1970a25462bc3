"""Pictures that are sound, and that decoders stumble over: every value by its specification."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, TiffImagePlugin

from kmeans_core import load_picture
from kmeans_core.errors import PictureError
from kmeans_core.images.png_chunks import PNG_SIGNATURE, without_needless_chunks


def chunk(kind, body, *, is_sound=True):
    checksum = zlib.crc32(kind + body) ^ (not is_sound)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png(rows, bits, color_type, *extra, width):
    """A PNG of packed rows, without filters."""
    header = struct.pack(">2I5B", width, len(rows), bits, color_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"".join(
        [PNG_SIGNATURE, chunk(b"IHDR", header), *extra, chunk(b"IDAT", body), chunk(b"IEND", b"")]
    )


def saved(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_transparent_gray_of_few_bits(bits):
    levels = 1 << bits
    per_byte = 8 // bits
    values = [*range(levels)] * max(1, per_byte // levels)
    packed = bytes(
        sum(value << (8 - bits * (place + 1)) for place, value in enumerate(values[at : at + per_byte]))
        for at in range(0, len(values), per_byte)
    )
    data = png([packed], bits, 0, chunk(b"tRNS", struct.pack(">H", 1)), width=len(values))
    picture = load_picture(data)
    assert picture.pixels[0, :, 0].tolist() == [value * 255 // (levels - 1) for value in values]
    assert picture.alpha[0].tolist() == [0 if value == 1 else 255 for value in values]


def a_picture(*extra):
    return png([bytes([0, 100, 200, 255])], 8, 0, *extra, width=4)


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"tEXt", b"Comment\0" + b"x" * 2_000_000),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 20_000_000)),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b'<x tiff:Orientation="6"/>'),
    ],
)
def test_texts_do_no_harm(extra):
    picture = load_picture(a_picture(extra))
    assert picture.pixels[0, :, 0].tolist() == [0, 100, 200, 255]
    assert not any("damaged" in note for note in picture.notes)


def test_a_damaged_chunk_that_is_not_needed():
    data = a_picture(chunk(b"tIME", b"1234567", is_sound=False), chunk(b"eXIf", b"MM", is_sound=False))
    picture = load_picture(data)
    assert picture.pixels[0, :, 0].tolist() == [0, 100, 200, 255]
    assert picture.notes[-1] == "2 damaged chunks that the picture can do without left out."
    broken = data.replace(b"IDAT", b"IDAt")
    with pytest.raises(PictureError):
        load_picture(broken)


@given(st.binary(max_size=60), st.integers(0, 200))
def test_other_bytes_stay_as_they_are(noise, at):
    assert without_needless_chunks(noise) == (noise, 0)
    plain = a_picture()
    assert without_needless_chunks(plain) == (plain, 0)
    cut = plain[: min(at, len(plain))] + noise
    kept, _ = without_needless_chunks(cut)
    assert len(kept) <= len(cut)


def profile(name):
    """Display P3 that calls itself something else."""
    from PIL.ImageCms import ImageCmsProfile, createProfile

    data = bytearray(ImageCmsProfile(createProfile("sRGB")).tobytes())
    # Red and green colorants of Display P3, as fixed-point numbers of the ICC.
    for kind, values in ((b"rXYZ", (0.51512, 0.2412, -0.00105)), (b"gXYZ", (0.29198, 0.69225, 0.04189))):
        entry = data.index(kind, 128)
        (offset,) = struct.unpack_from(">I", data, entry + 4)
        struct.pack_into(">3i", data, offset + 8, *(round(value * 65536) for value in values))
    return bytes(data)


def test_a_profile_is_what_it_has_and_not_what_it_is_called():
    image = Image.new("RGB", (1, 1), (60, 120, 200))
    data = profile("sRGB")
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(data)))
    converted = load_picture(saved(image, "PNG", icc_profile=data))
    assert np.abs(converted.pixels[0, 0].astype(int) - [60, 120, 200]).max() > 5
    assert converted.notes[0].startswith("Converted from the color profile sRGB")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert load_picture(saved(image, "PNG", icc_profile=srgb)).notes == ()


def test_a_large_profile():
    image = Image.new("RGB", (1, 1), (60, 120, 200))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    large = bytearray(srgb + bytes(3_000_000))
    struct.pack_into(">I", large, 0, len(large))
    assert load_picture(saved(image, "PNG", icc_profile=bytes(large))).pixels.tolist() == [[[60, 120, 200]]]


def test_xmp_turns_nothing():
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    image = Image.new("RGB", (32, 16))
    assert load_picture(saved(image, "JPEG", xmp=xmp)).pixels.shape == (16, 32, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert load_picture(saved(image, "JPEG", xmp=xmp, exif=exif)).pixels.shape == (32, 16, 3)


def tiff(values, **tags):
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[int(tag.removeprefix("t"))] = value
    return saved(Image.fromarray(values), "TIFF", tiffinfo=info)


def grays(data):
    picture = load_picture(data)
    return picture.pixels[0, :, 0].tolist(), None if picture.alpha is None else picture.alpha[0].tolist()


def test_deep_gray():
    dark = b"P5 4 1 65535\n" + struct.pack(">4H", 0, 100, 195, 255)
    assert grays(dark) == ([0, 0, 1, 1], None)
    sixteen = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    assert grays(tiff(sixteen)) == ([0, 1, 128, 255], None)
    assert grays(tiff(sixteen, t262=0)) == ([255, 254, 127, 0], None)
    floats = np.array([[-9999, 1, 2, 3]], dtype=np.float32)
    assert grays(tiff(floats, t42113="-9999")) == ([0, 0, 128, 255], [0, 255, 255, 255])
    for nothing in (np.nan, np.inf, np.finfo(np.float32).min):
        floats[0, 0] = nothing
        assert grays(tiff(floats))[1] == [0, 255, 255, 255]
        assert grays(tiff(floats))[0][1:] == [0, 128, 255]
