"""Palette files of the kinds that readers get wrong: one maker for each kind, and which colors they have.

A maker yields file names, contents, colors in their order, and what a note has to say, or "".
"""

import json
import struct

from tests.images.made_palettes import aco, ase

RED, GREEN, BLUE = "ff0000", "008000", "0000ff"
_ALL = 65535


def gimp_palettes():
    text = "GIMP Palette\nName: x\nColumns: 2\n# a comment\n255   0   0\tred\n  0 128   0\n"
    yield "plain.gpl", text.encode(), [RED, GREEN], ""
    yield "bom.gpl", text.encode("utf-8-sig"), [RED, GREEN], ""
    yield "crlf.gpl", text.replace("\n", "\r\n").encode(), [RED, GREEN], ""


def pal_files():
    yield "jasc.pal", b"JASC-PAL\r\n0100\r\n2\r\n255 0 0\r\n0 128 0\r\n", [RED, GREEN], ""
    table = struct.pack("<4sI4s4sIHH", b"RIFF", 24, b"PAL ", b"data", 12, 0x0300, 2)
    yield "riff.pal", table + bytes([255, 0, 0, 0, 0, 128, 0, 0]), [RED, GREEN], ""
    yield "gimp.pal", b"GIMP Palette\n255 0 0\n0 128 0\n", [RED, GREEN], ""


def hex_lists():
    yield "plain.hex", b"ff0000\n008000\n", [RED, GREEN], ""
    yield "bom.hex", b"\xef\xbb\xbfff0000\n008000\n", [RED, GREEN], ""
    yield "wide.txt", "ff0000\n008000\n".encode("utf-16"), [RED, GREEN], ""
    yield "short.txt", b"#f00\n#080\n", [RED, "008800"], ""
    yield (
        "alpha.txt",
        b"#ff0000ff\n#008000ff\n#0000ff80\n",
        [RED, GREEN, BLUE],
        "Transparency ignored: 1 color",
    )
    yield "commas.txt", b"ff0000, 008000, 0000ff", [RED, GREEN, BLUE], ""
    yield "paint.txt", b";paint.net Palette File\n;2 colors\nFFff0000\nFF008000\n", [RED, GREEN], ""
    yield "noise.txt", b"ff0000\nnothing here\n008000\n", [RED, GREEN], "Left out of the palette: 1 line"


def style_sheets():
    yield "hex.css", b"a { color: #f00; background: #008000 }", [RED, GREEN], ""
    yield "functions.css", b"a { color: rgb(255 0 0); border-color: hsl(120 100% 25.1%) }", [RED, GREEN], ""
    yield "oklch.css", b"a { color: oklch(62.796% 0.25768 29.234) }", [RED], "Converted from oklch"
    yield "no_colors.css", b"/* issue #123 */ #add { color: #f00; mask: url(#abc) }", [RED], ""
    yield "names.css", b".red { color: green }", [GREEN], ""


def design_tokens():
    tokens = {"color": {"$type": "color", "red": {"$value": "#ff0000"}, "green": {"$value": "#008000"}}}
    yield "tokens.json", json.dumps(tokens).encode(), [RED, GREEN], ""
    yield "lists.json", b"[[255, 0, 0], [0, 128, 0]]", [RED, GREEN], ""
    yield "strings.json", b'["#ff0000", "#008000"]', [RED, GREEN], ""


def exchanged_swatches():
    yield "rgb.ase", ase((b"RGB ", 1, 0, 0)), [RED], ""
    yield "gray.ase", ase((b"Gray", 0.5)), ["808080"], ""
    yield "cmyk.ase", ase((b"CMYK", 0, 1, 1, 0)), [RED], "Converted from CMYK"
    # rebeccapurple in CSS's own words, with the white D50; and sRGB's red with the white D65.
    yield "lab.ase", ase((b"LAB ", 0.32393, 38.429, -47.691)), ["663399"], "Converted from Lab (D50)"
    yield "screen_lab.ase", ase((b"LAB ", 0.5324, 80.09, 67.2)), [RED], "the white D65"
    yield "spot.ase", ase((b"RGB ", 1, 0, 0), (b"SPOT", 1.0)), [RED], "Left out of the palette: 1 color"


def photoshop_swatches():
    yield "rgb.aco", aco((0, _ALL, 0, 0)), [RED], ""
    yield "named.aco", aco((0, _ALL, 0, 0), version=2), [RED], ""
    yield "both.aco", aco((0, _ALL, 0, 0)) + aco((0, _ALL, 0, 0), version=2), [RED], ""
    yield "hsb.aco", aco((1, 0, _ALL, _ALL)), [RED], "Converted from HSB"
    yield "cmyk.aco", aco((2, _ALL, 0, 0, _ALL)), [RED], "Converted from CMYK"
    yield "gray.aco", aco((8, 5000)), ["808080"], ""
    yield "book.aco", aco((0, _ALL, 0, 0), (3, 1)), [RED], "Left out of the palette: 1 color of a color book"


KINDS = [
    gimp_palettes,
    pal_files,
    hex_lists,
    style_sheets,
    design_tokens,
    exchanged_swatches,
    photoshop_swatches,
]
