"""Palettes as other programs write them: every entry is read, or counted in a note."""

import json
import struct
from contextlib import suppress

import pytest
import swatch
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal

from kmeans_core.errors import OptionError
from kmeans_core.images.palette import hex_of
from kmeans_core.images.palette_files import PALETTE_FORMATS, palette_bytes
from kmeans_core.images.palette_reading import read_palette
from tests.images.made_palettes import aco, ase
from tests.images.test_palette_tools import palette_of, palettes
from tests.images.test_picture import bomb

RED, GREEN, BLUE, CYAN, GRAY = "ff0000", "008000", "0000ff", "00ffff", "808080"


def colors_in(data, name):
    if isinstance(data, str):
        data = data.encode()
    return [hex_of(color).removeprefix("#") for color in read_palette(data, name).colors]


def notes_of(data, name):
    return read_palette(data.encode() if isinstance(data, str) else data, name).notes


READ_BACK = [kind for kind in PALETTE_FORMATS if kind != "png"]


@pytest.mark.parametrize("kind", READ_BACK)
@given(palette=palettes())
def test_every_kind_of_file_is_read_back(kind, palette):
    data = palette_bytes(palette, kind, "a #123456 picture.png" if kind in ("ase", "aco", "act") else "a.png")
    assert_array_equal(read_palette(data, f"palette{PALETTE_FORMATS[kind].suffix}").colors, palette.colors)


def test_a_swatch_picture_is_read_back():
    palette = palette_of([1, 2, 3], [200, 100, 50], [0, 255, 0])
    assert_array_equal(read_palette(palette_bytes(palette, "png", "a"), "s.png").colors, palette.colors)


@given(palettes())
def test_ase_as_another_program_reads_it(tmp_path_factory, palette):
    file = tmp_path_factory.mktemp("ase") / "palette.ase"
    file.write_bytes(palette_bytes(palette, "ase", "picture.png"))
    found = swatch.parse(str(file))
    assert [entry["data"]["mode"] for entry in found] == ["RGB"] * len(palette)
    assert_allclose([entry["data"]["values"] for entry in found], palette.colors / 255, atol=1e-7)
    assert [entry["name"] for entry in found] == [color.hex for color in palette.entries]


def test_ase_from_another_program(tmp_path):
    colors = [
        {"name": "a", "type": "Global", "data": {"mode": "RGB", "values": [1.0, 0.5, 0.0]}},
        {"name": "b", "type": "Spot", "data": {"mode": "Gray", "values": [0.2]}},
        {"name": "c", "type": "Process", "data": {"mode": "CMYK", "values": [1.0, 0.0, 0.0, 0.5]}},
    ]
    group = [{"name": "group", "type": "Color Group", "swatches": colors}]
    swatch.write(group, str(tmp_path / "palette.ase"))
    found = read_palette((tmp_path / "palette.ase").read_bytes(), "palette.ase").colors
    assert found.tolist() == [[255, 128, 0], [51, 51, 51], [0, 128, 128]]


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (b"", "a.gpl", "a.gpl is damaged, or not a palette in the .gpl format"),
        (b"ASEF\0\1\0\0\0\0\0\5", "a.ase", "a.ase is damaged"),
        (b"\0\1\0\7", "a.aco", "a.aco is damaged"),
        (b"123", "a.act", "a.act is damaged"),
        (b"no picture", "a.png", "a.png is damaged"),
        (bomb(20_000, 20_000), "a.png", "a.png is damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a.png", "a.png is damaged"),
        (
            b"GIMP Palette\n" + b"9" * 30 + b" 0 0 x\n",
            "a.gpl",
            r"a.gpl has no colors that can be read \(1 line",
        ),
        (b"no colors here", "a.css", "a.css has no colors that can be read; choose a palette as GPL"),
        (
            "\n".join(f"#{n:06x}" for n in range(257)).encode(),
            "a.txt",
            "a.txt has 257 colors; a palette has",
        ),
    ],
)
def test_files_that_are_no_palettes(data, name, match):
    with pytest.raises(OptionError, match=match):
        read_palette(data, name)


@pytest.mark.timeout(20)  # hours, if the time grew with the square of the size
@pytest.mark.parametrize("name", ["worst.txt", "worst.gpl", "worst.css", "worst.json"])
@pytest.mark.parametrize(
    "line", [b"\n", b" \r\n", b"\t", b"#", b"#abcde", b"abcdef", b"12 ", b"12 34\n", b"9"]
)
def test_five_megabytes_of_the_worst_text(name, line):
    data = b"GIMP Palette\n" + line * (5_000_000 // len(line))
    with suppress(OptionError):
        assert len(read_palette(data, name).colors) <= 2


FULL = 65535
HSB = [(1, 0, FULL, FULL), (1, FULL // 3, FULL, 0x8080)]
CMYK = [(2, 0, FULL, FULL, FULL), (2, FULL, 0, 0, FULL)]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("entries", "expected", "said"),
    [
        ([(0, FULL), (0, 0, 0x8080)], [RED, GREEN], []),
        (HSB, [RED, GREEN], ["Converted from HSB: 2 colors of the palette."]),
        (CMYK, [CYAN, RED], ["Converted from CMYK, without its color profile: 2 colors of the palette."]),
        (
            [(8, 5000), (9, 0, 10_000, 10_000, 0)],
            [GRAY, RED],
            ["Converted from CMYK, without its color profile: 1 color of the palette."],
        ),
        ([(7, 10_000), (0, FULL)], ["ffffff", RED], ["Converted from Lab (D50): 1 color of the palette."]),
        ([(3, 1), (0, FULL), (3, 2)], [RED], ["Left out of the palette: 2 colors of a color book."]),
    ],
    ids=["rgb", "hsb", "cmyk", "gray and wide cmyk", "lab", "spot"],
)
def test_photoshop_swatches(version, entries, expected, said):
    data = aco(*entries, version=version)
    assert colors_in(data, "a.ACO") == expected
    assert list(notes_of(data, "a.aco")) == said


def test_lab_with_the_other_white():
    """Red, yellow and blue of sRGB have these in CIELAB with the white D65 (CIE 15)."""
    d65 = [(0.5324, 80.09, 67.20), (0.9714, -21.55, 94.48), (0.3230, 79.19, -107.86)]
    data = ase(*((b"LAB ", *values) for values in d65), (b"RGB ", 0, 0, 0))
    assert colors_in(data, "a.ase") == [RED, "ffff00", "0000ff", "000000"]
    assert list(notes_of(data, "a.ase")) == [
        "Lab was read with the white D65, for with D50 colors would be outside sRGB.",
        "Converted from Lab (D65): 3 colors of the palette.",
    ]
    wide = ase((b"LAB ", *d65[0]), (b"LAB ", 0.9, -120.0, 90.0))  # a green of no screen, with either white
    assert list(notes_of(wide, "a.ase")) == [
        "Converted from Lab (D50): 2 colors of the palette.",
        "Outside sRGB, so clipped: 2 colors of the palette.",
    ]


def test_lab_of_swatches_is_that_of_css():
    """rebeccapurple is lab(32.393 38.429 -47.691), with the white D50."""
    data = ase((b"LAB ", 0.32393, 38.429, -47.691), (b"RGB ", 1, 0, 0), (b"LAB ", 1.0, 0.0, 0.0))
    assert colors_in(data, "a.ase") == ["663399", RED, "ffffff"]
    negative = 0x10000 - 4769
    assert colors_in(aco((7, 3239, 3843, negative)), "a.aco") == ["663399"]


def test_swatches_of_an_unknown_model_are_counted():
    data = ase((b"HSV ", 0, 0, 0), (b"RGB ", 1, 0, 0))
    assert colors_in(data, "a.ase") == [RED]
    assert notes_of(data, "a.ase") == ("Left out of the palette: 1 color of another model.",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#ff0000\n#008000", [RED, GREEN]),
        ("ff0000\n008000\n", [RED, GREEN]),
        ("\ufeffff0000\r\n008000", [RED, GREEN]),
        ("#f00 #00f", [RED, BLUE]),
        ("#f00f\n#00ff", [RED, BLUE]),
        ("#ff0000\n#008000ff\n#00f", [RED, GREEN, BLUE]),
        ("#ff0000\n008000\n0000ff", [RED, GREEN, BLUE]),
        ("ff0000, 008000, 0000ff", [RED, GREEN, BLUE]),
        ("['#ff0000', '#008000']", [RED, GREEN]),
        ("0xff0000 0x008000", [RED, GREEN]),
        ("; Paint.NET\nFFFF0000\nFF008000", [RED, GREEN]),
        ("// mine\nRed #ff0000\nGreen: rgb(0, 128, 0)", [RED, GREEN]),
        ("255 0 0\n0 128 0", [RED, GREEN]),
        ("255,0,0\n0,128,0", [RED, GREEN]),
        ("ff0000 a decade of facade\n008000", [RED, GREEN]),
    ],
)
def test_lists(text, expected):
    assert colors_in(text, "a.txt") == expected
    assert colors_in(text.lstrip("\ufeff").encode("utf-16"), "a.hex") == expected


def test_what_a_list_has_besides_is_counted():
    assert notes_of("My colors\n#ff0000\n#12345\n# a comment\n; another", "a.txt") == (
        "Left out of the palette: 1 line without a color and 1 number that is no color.",
    )
    assert notes_of("; Paint.NET\n80FF0000", "a.txt") == (
        "Eight hex digits are read as Paint.NET has them, transparency first.",
        "Transparency ignored: 1 color of the palette.",
    )
    assert notes_of("#f00 #00f #ff0000", "a.txt") == (
        "1 entry of the palette has the color of an earlier one; no pixel uses them.",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/* see issue #123 and #456 */ a { --a: #ff0000; --b: #008000 }", [RED, GREEN]),
        ("#add { color: #ff0000 } #bad, #face:hover { fill: #008000 } a { fill: url(#abc) }", [RED, GREEN]),
        (":root { --a: rgb(255, 0, 0); --b: rgb(0 128 0); --c: #0000ff }", [RED, GREEN, BLUE]),
        ("a { color: hsl(0 100% 50%); background: hwb(240deg 0% 0%) }", [RED, BLUE]),
        ("@theme { --a: oklch(0.628 0.2577 29.23); --b: oklch(51.98% 0.1769 142.5) }", [RED, GREEN]),
        ("a { b: lab(32.393 38.429 -47.691); c: color(srgb 0 0 1) }", ["663399", BLUE]),
        ("a { b: color(srgb-linear 1 0 0); c: color(display-p3 1 1 1) }", [RED, "ffffff"]),
        ("a { b: color(rec2020 0 0 0); c: color(a98-rgb 1 1 1) }", ["000000", "ffffff"]),
        ("a { b: color(prophoto-rgb 1 1 1); c: lch(0% 0 0) }", ["ffffff", "000000"]),
        ("a { b: color(xyz-d50 0.9643 1 0.8251) }", ["ffffff"]),
        ("a { color: red; font-family: tan; --b: green; border: 1px solid blue }", [RED, GREEN, BLUE]),
        ("a { background: linear-gradient(to right, #f00, 50% #00f) }", [RED, BLUE]),
        (
            "$a: #ff0000; // the #first\n$map: (1: #008000, 2: (b: #00f));\n.x { &:hover { color: $a } }",
            [RED, GREEN, BLUE],
        ),
        ("@media (min-width: 1px) { a { b { color: #f00 } color: #00f } }", [BLUE, RED]),
        ('a::before { content: "#008000"; color: #f00 }', [RED]),
        ("#ff0000 #00f", [RED, BLUE]),
    ],
)
def test_style_sheets(text, expected):
    assert colors_in(text, "a.css") == expected


def test_what_a_style_sheet_leaves_open_is_counted():
    text = (
        "a { color: #f00; b: color-mix(in srgb, red, blue); c: rgb(var(--r) 0 0); d: #12345; e: rgb(x y z) }"
    )
    assert notes_of(text, "a.css") == (
        "Left out of the palette: 3 functions whose color depends on something else and 1 number that is no "
        "color.",
    )
    assert notes_of("a { color: oklch(0.9 0.4 150 / 50%) }", "a.css") == (
        "Converted from oklch: 1 color of the palette.",
        "Outside sRGB, so clipped: 1 color of the palette.",
        "Transparency ignored: 1 color of the palette.",
    )


TOKEN = {"$value": {"colorSpace": "oklch", "components": [0.628, 0.2577, 29.23]}, "$type": "color"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"red": {"value": "#ff0000ff", "type": "color"}, "green": {"value": "#008000"}}, [RED, GREEN]),
        ({"colors": [[255, 0, 0], [0, 128, 0]]}, [RED, GREEN]),
        ([[1.0, 0.0, 0.0], [0, 0.5, 0]], [RED, GREEN]),
        ([{"r": 255, "g": 0, "b": 0, "a": 1}, {"red": 0, "green": 128, "blue": 0}], [RED, GREEN]),
        ({"a": TOKEN, "b": {"$value": {"colorSpace": "srgb", "components": [0, 0, 1]}}}, [RED, BLUE]),
        ({"a": {"$value": "red", "name": "blue"}, "b": "rgb(0 128 0)", "size": "12px"}, [RED, GREEN]),
        (["ff0000", "#00f", "facade of"], [RED, BLUE]),
        ([{"hex": "#ff0000", "rgb": [255, 0, 0], "name": "gray"}], [RED]),
    ],
)
def test_json(content, expected):
    assert colors_in(json.dumps(content), "a.json") == expected


def test_json_notes():
    assert notes_of(json.dumps([[1.0, 0, 0]]), "a.json") == ("The levels of the palette are read as 0 to 1.",)
    cannot = {"a": {"colorSpace": "inks", "components": [1, 0, 0]}, "b": "#f00"}
    assert notes_of(json.dumps(cannot), "a.json") == ("Left out of the palette: 1 color in the space inks.",)
    with pytest.raises(OptionError, match=r"a\.json is damaged"):
        read_palette(b"[" * 100_000, "a.json")


GIMP = "GIMP Palette\nName: a\nColumns: 2\n# red\n255 0 0\tRed\n  0 128   0\n"


@pytest.mark.parametrize("name", ["a.gpl", "a.pal", "a.txt"])
@pytest.mark.parametrize("text", [GIMP, "\ufeff" + GIMP, GIMP.replace("\n", "\r\n"), GIMP.strip()])
def test_gimp_palettes(name, text):
    assert colors_in(text, name) == [RED, GREEN]
    assert notes_of(text, name) == ()


def test_other_pal_files():
    assert colors_in("JASC-PAL\r\n0100\r\n3\r\n255 0 0\r\n0 128 0 255\r\n0 0 255\r\n", "a.pal") == [
        RED,
        GREEN,
        BLUE,
    ]
    assert notes_of("JASC-PAL\n0100\n2\n255 0 0\n300 0 0\n", "a.pal") == (
        "Left out of the palette: 1 line without a color.",
    )
    entries = bytes([255, 0, 0, 0, 0, 128, 0, 0])
    riff = b"RIFF" + struct.pack("<I", 24) + b"PAL data" + struct.pack("<I2H", 12, 0x300, 2) + entries
    assert colors_in(riff, "a.pal") == [RED, GREEN]
    assert len(colors_in(bytes(range(256)) * 3, "a.pal")) == 256
