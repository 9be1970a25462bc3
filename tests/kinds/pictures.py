"""Pictures of the kinds that readers get wrong: one maker for each kind, and what every pixel is.

A maker yields names, files and pixels: rows of (red, green, blue, alpha), by the specification of the format.
"""

import struct

import numpy as np
import pyvips
from PIL import Image

from tests.images.made_pictures import (
    DISPLAY_P3,
    GRAY,
    GRAY_ALPHA,
    RGB,
    RGB_ALPHA,
    avif,
    chromaticities,
    chunk,
    code_points,
    curve_of_power,
    display_p3_named_srgb,
    embedded,
    gamma,
    packed_png,
    png,
    profile,
    saved,
    srgb_profile,
    tiff,
)

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
HIDDEN = None  # whatever its color


def grays(*levels):
    return [[(level, level, level, 255) for level in levels]]


def colors(*values, dtype=np.uint8):
    return np.array([values], dtype=dtype)


def transparent_colors():
    """tRNS of gray and color, compared at all bits of the file."""
    for bits in (1, 2, 4):
        packed = bytes([0b00011011]) if bits == 2 else bytes([0x01]) if bits == 4 else bytes([0b01000000])
        count = 8 // bits
        most = (1 << bits) - 1
        values = [packed[0] >> (8 - bits * (place + 1)) & most for place in range(count)]
        data = packed_png([packed], bits, GRAY, chunk(b"tRNS", struct.pack(">H", 1)), width=count)
        shown = [(255 * value // most,) * 3 + (255,) if value != 1 else HIDDEN for value in values]
        yield f"gray of {bits} bits", data, [shown]
    yield (
        "gray of 16 bits",
        png(colors(0x1234, 0x1235, dtype=np.uint16), GRAY, chunk(b"tRNS", b"\x12\x34")),
        [[HIDDEN, (18, 18, 18, 255)]],
    )
    near = colors((0x1234, 0x5678, 0x9ABC), (0x1234, 0x5678, 0x9ABD), dtype=np.uint16)
    yield (
        "color of 16 bits",
        png(near, RGB, chunk(b"tRNS", near[0, 0].astype(">u2").tobytes())),
        [[HIDDEN, (18, 86, 154, 255)]],
    )
    black = colors((0, 0, 0), (0, 0, 1), dtype=np.uint16)
    yield "nearly black", png(black, RGB, chunk(b"tRNS", bytes(6))), [[HIDDEN, (0, 0, 0, 255)]]


def color_profiles():
    """Embedded profiles, at all bits and for gray."""
    linear, linear_gray = profile(curve_of_power(1.0)), profile(curve_of_power(1.0), is_gray=True)
    yield "linear", png(colors((128, 128, 128)), RGB, embedded(linear)), grays(188)
    yield "linear gray", png(colors(128), GRAY, embedded(linear_gray)), grays(188)
    dark = 0x0100
    yield "16 bits", png(colors((dark,) * 3, dtype=np.uint16), RGB, embedded(linear)), grays(13)
    yield "gray of 16 bits", png(colors(dark, dtype=np.uint16), GRAY, embedded(linear_gray)), grays(13)
    yield (
        "P3 that calls itself sRGB",
        png(colors((60, 120, 200)), RGB, embedded(display_p3_named_srgb())),
        [[(30, 122, 206, 255)]],
    )
    padded = bytearray(srgb_profile() + bytes(3_000_000))
    struct.pack_into(">I", padded, 0, len(padded))
    yield "large", png(colors((1, 2, 3)), RGB, embedded(bytes(padded))), [[(1, 2, 3, 255)]]


def chunks_for_color():
    """gAMA, cHRM, cICP and sRGB by their order of precedence, and nclx of AVIF; as Chromium shows them."""
    blue = colors((60, 120, 200))
    linear, wide = gamma(100_000), [gamma(45455), chromaticities(DISPLAY_P3)]
    as_it_is, as_p3 = [[(60, 120, 200, 255)]], [[(30, 122, 206, 255)]]
    yield "gAMA", png(blue, RGB, linear), [[(133, 183, 229, 255)]]
    yield "gAMA of gray with alpha", png(colors((128, 255)), GRAY_ALPHA, linear), grays(188)
    yield "gAMA that is nearly sRGB", png(blue, RGB, gamma(45455)), as_it_is
    yield "gAMA and cHRM", png(blue, RGB, *wide), [[(22, 123, 208, 255)]]
    yield "cHRM alone", png(blue, RGB, wide[1]), as_it_is
    yield "sRGB before these", png(blue, RGB, chunk(b"sRGB", b"\0"), linear, wide[1]), as_it_is
    yield "cICP", png(blue, RGB, code_points(12, 13)), as_p3
    yield "cICP before a profile", png(blue, RGB, code_points(12, 13), embedded(srgb_profile())), as_p3
    yield "cICP that is sRGB", png(blue, RGB, code_points(1, 13), embedded(display_p3_named_srgb())), as_it_is
    yield "nclx", avif(Image.new("RGB", (1, 1), (128, 128, 128)), 1, 8), grays(188)


def deep_gray():
    """Gray of more than 8 bits, from its real least to its real most."""
    sixteen = colors(0, 257, 32768, 65535, dtype=np.uint16)
    yield "16 bits", tiff(sixteen), grays(0, 1, 128, 255)
    yield "white is zero", tiff(sixteen, t262=0), grays(255, 254, 127, 0)
    yield "dark", b"P5 2 1 65535\n" + struct.pack(">2H", 100, 195), grays(0, 1)
    yield "ten bits", b"P5 2 1 1023\n" + struct.pack(">2H", 1023, 512), grays(255, 128)
    floats = colors(100, 150, 200, -9999, dtype=np.float32)
    yield "a value for nothing", tiff(floats, t42113="-9999"), [[*grays(0, 128, 255)[0], HIDDEN]]
    whole = colors(0, 2**30, 2**31, 2**32 - 1, dtype=np.uint32)
    yield "32 bits", pyvips.Image.new_from_array(whole).tiffsave_buffer(), grays(0, 64, 128, 255)


def turned_pictures():
    """By EXIF, and by nothing else."""
    upright = Image.new("RGB", (16, 8))
    exif = Image.Exif()
    exif[0x0112] = 6
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    turned = [[(0, 0, 0, 255)] * 8] * 16
    yield "by EXIF", saved(upright, "PNG", exif=exif), turned
    yield "not by XMP", saved(upright, "JPEG", xmp=xmp), [[(0, 0, 0, 255)] * 16] * 8


def sound_files():
    """With more in them than a picture needs, and with damage that harms nothing."""
    gray = colors(7)
    for name, extra in {
        "a long text": chunk(b"tEXt", b"Comment\0" + b"x" * 2_000_000),
        "a damaged text": chunk(b"tEXt", b"Comment\0x", is_sound=False),
        "a damaged time": chunk(b"tIME", b"1234567", is_sound=False),
    }.items():
        yield name, png(gray, GRAY, extra), grays(7)
    yield "bytes after the end", png(gray, GRAY) + b"more", grays(7)


def transparency():
    """Alpha of every depth."""
    yield "8 bits", png(colors((1, 2, 3, 128)), RGB_ALPHA), [[(1, 2, 3, 128)]]
    yield "gray", png(colors((9, 100)), GRAY_ALPHA), [[(9, 9, 9, 100)]]
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putdata([0, 1])
    yield "of entries", saved(image, "PNG", transparency=bytes([255, 0])), [[RED, HIDDEN]]


KINDS = [
    transparent_colors,
    color_profiles,
    chunks_for_color,
    deep_gray,
    turned_pictures,
    sound_files,
    transparency,
]
