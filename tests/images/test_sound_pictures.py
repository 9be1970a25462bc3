"""Pictures that are sound, and that decoders stumble over: every value by its specification."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from kmeans_core import load_picture
from kmeans_core.errors import PictureError
from kmeans_core.images.png_chunks import without_needless_chunks
from tests.images.made_pictures import chunk, display_p3_named_srgb, packed_png, saved, srgb_profile, tiff


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_transparent_gray_of_few_bits(bits):
    levels = 1 << bits
    per_byte = 8 // bits
    values = [*range(levels)] * max(1, per_byte // levels)
    packed = bytes(
        sum(value << (8 - bits * (place + 1)) for place, value in enumerate(values[at : at + per_byte]))
        for at in range(0, len(values), per_byte)
    )
    data = packed_png([packed], bits, 0, chunk(b"tRNS", struct.pack(">H", 1)), width=len(values))
    picture = load_picture(data)
    assert picture.pixels[0, :, 0].tolist() == [value * 255 // (levels - 1) for value in values]
    assert picture.alpha[0].tolist() == [0 if value == 1 else 255 for value in values]


def a_picture(*extra):
    return packed_png([bytes([0, 100, 200, 255])], 8, 0, *extra, width=4)


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


@given(st.binary(max_size=60), st.lists(st.tuples(st.sampled_from([b"tEXt", b"zTXt", b"iTXt"]), st.binary())))
def test_all_but_texts_stays_as_it_is(noise, texts):
    assert without_needless_chunks(noise) == (noise, 0)
    kept = [chunk(b"tIME", bytes(7)), chunk(b"pHYs", bytes(9))]
    with_texts = a_picture(kept[0], *(chunk(*text) for text in texts), kept[1])
    assert without_needless_chunks(with_texts + noise) == (a_picture(*kept) + noise, 0)


def test_a_profile_is_what_it_has_and_not_what_it_is_called():
    image = Image.new("RGB", (1, 1), (60, 120, 200))
    data = display_p3_named_srgb()
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(data)))
    converted = load_picture(saved(image, "PNG", icc_profile=data))
    assert np.abs(converted.pixels[0, 0].astype(int) - [60, 120, 200]).max() > 5
    assert converted.notes[0].startswith("Converted from the color profile sRGB")
    assert load_picture(saved(image, "PNG", icc_profile=srgb_profile())).notes == ()


def test_a_large_profile():
    image = Image.new("RGB", (1, 1), (60, 120, 200))
    large = bytearray(srgb_profile() + bytes(3_000_000))
    struct.pack_into(">I", large, 0, len(large))
    assert load_picture(saved(image, "PNG", icc_profile=bytes(large))).pixels.tolist() == [[[60, 120, 200]]]


def test_xmp_turns_nothing():
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    image = Image.new("RGB", (32, 16))
    assert load_picture(saved(image, "JPEG", xmp=xmp)).pixels.shape == (16, 32, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert load_picture(saved(image, "JPEG", xmp=xmp, exif=exif)).pixels.shape == (32, 16, 3)


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
