"""Palette files: read back by readers that are not ours, or byte by byte as specified."""

import io
import json
import re
import struct

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import GimpPaletteFile, Image

from kmeans_core.errors import OptionError
from kmeans_core.images.palette import Palette
from kmeans_core.images.palette_files import PALETTE_FORMATS, palette_bytes, palette_format_of

COLORS = np.array([[255, 0, 0], [0, 0, 16], [1, 128, 254]], dtype=np.uint8)
PALETTE = Palette(COLORS, np.array([6, 1, 1]))
NAME = "a*/.png\n"


def written(kind, palette=PALETTE):
    return palette_bytes(palette, kind, NAME)


def hexes(text):
    return re.findall(r"#[0-9a-f]{6}", text)


def test_json():
    assert json.loads(written("json")) == {
        "source": NAME,
        "colors": [
            {"hex": "#ff0000", "rgb": [255, 0, 0], "count": 6, "share": 0.75},
            {"hex": "#000010", "rgb": [0, 0, 16], "count": 1, "share": 0.125},
            {"hex": "#0180fe", "rgb": [1, 128, 254], "count": 1, "share": 0.125},
        ],
    }


def test_css():
    assert written("css").decode() == (
        "/* Palette of a* /.png  */\n:root {\n"
        "  --color-1: #ff0000; /* 75.00 % */\n"
        "  --color-2: #000010; /* 12.50 % */\n"
        "  --color-3: #0180fe; /* 12.50 % */\n}\n"
    )


@pytest.mark.parametrize("kind", ["scss", "tailwind", "hex", "matplotlib", "plotly"])
def test_texts_hold_the_colors_in_order(kind):
    assert hexes(written(kind).decode()) == ["#ff0000", "#000010", "#0180fe"]


def test_scss_and_tailwind_by_hand():
    assert "$color-2: #000010;\n" in written("scss").decode()
    assert "$palette: (\n  1: $color-1,\n" in written("scss").decode()
    assert "@theme {\n  --color-picture-1: #ff0000;\n" in written("tailwind").decode()


@pytest.mark.parametrize("kind", PALETTE_FORMATS)
def test_names_that_are_no_text(kind):
    assert palette_bytes(PALETTE, kind, "\udcff.png")


@pytest.mark.parametrize("kind", ["matplotlib", "plotly"])
def test_code_is_python(kind):
    compile(written(kind), kind, "exec")


def test_plotly_code_runs():
    names = {}
    exec(written("plotly"), names)
    try:
        assert list(names["pio"].templates["picture"].layout.colorway) == names["colors"]
    finally:
        names["pio"].templates.default = "plotly"


def test_gpl_as_pillow_reads_it():
    data, mode = GimpPaletteFile.GimpPaletteFile(io.BytesIO(written("gpl"))).getpalette()
    assert mode == "RGB"
    assert_array_equal(np.frombuffer(data, np.uint8)[:9].reshape(3, 3), COLORS)


def test_ase_by_specification():
    data = written("ase")
    assert data[:12] == b"ASEF" + bytes([0, 1, 0, 0]) + bytes([0, 0, 0, 3])
    at, found = 12, []
    while at < len(data):
        kind, length = struct.unpack_from(">HI", data, at)
        assert kind == 1
        characters = struct.unpack_from(">H", data, at + 6)[0]
        name = data[at + 8 : at + 8 + 2 * characters].decode("utf-16-be")
        body = at + 8 + 2 * characters
        model, red, green, blue, use = struct.unpack_from(">4s3fH", data, body)
        assert (model, use) == (b"RGB ", 2)
        assert length == 2 + 2 * characters + 4 + 12 + 2
        found.append((name, [round(255 * channel) for channel in (red, green, blue)]))
        at += 6 + length
    assert at == len(data)
    assert found == [("#ff0000\0", [255, 0, 0]), ("#000010\0", [0, 0, 16]), ("#0180fe\0", [1, 128, 254])]


def test_aco_by_specification():
    data = written("aco")
    assert struct.unpack_from(">2H", data) == (1, 3)
    first = [struct.unpack_from(">5H", data, 4 + 10 * number) for number in range(3)]
    assert first[2] == (0, 257, 128 * 257, 254 * 257, 0)
    at = 34
    assert struct.unpack_from(">2H", data, at) == (2, 3)
    at += 4
    for number in range(3):
        assert struct.unpack_from(">5H", data, at) == first[number]
        length = struct.unpack_from(">I", data, at + 10)[0]
        name = data[at + 14 : at + 14 + 2 * length].decode("utf-16-be")
        assert name == f"{PALETTE.entries[number].hex}\0"
        at += 14 + 2 * length
    assert at == len(data)


def test_act_by_specification():
    data = written("act")
    assert len(data) == 772
    table = np.frombuffer(data[:768], np.uint8).reshape(256, 3)
    assert_array_equal(table[:3], COLORS)
    assert not table[3:].any()
    assert struct.unpack(">HH", data[768:]) == (3, 0xFFFF)


def test_swatch_is_a_picture_of_squares():
    with Image.open(io.BytesIO(written("png"))) as image:
        assert image.size == (192, 64)
        assert [image.getpixel((64 * number + 32, 32)) for number in range(3)] == [
            tuple(color) for color in COLORS.tolist()
        ]


@pytest.mark.parametrize("kind", PALETTE_FORMATS)
@pytest.mark.parametrize("count", [0, 1, 256])
def test_any_number_of_colors(kind, count):
    colors = np.stack([np.arange(count)] * 3, axis=1).astype(np.uint8)
    data = written(kind, Palette(colors, np.ones(count, np.int64)))
    assert bool(data) or (kind, count) == ("hex", 0)


def test_the_ending_says_which():
    assert palette_format_of("a/b.GPL") == "gpl"
    assert palette_format_of("a.css") == "css"
    assert palette_format_of("a.tailwind.css") == "tailwind"
    with pytest.raises(OptionError, match=r"'a.pal' does not end like a palette format; use one of: \.json"):
        palette_format_of("a.pal")


def test_an_unknown_format_is_said():
    with pytest.raises(OptionError, match="The palette format 'pal' is unknown; use one of: json, css"):
        written("pal")
