"""Palettes as files that other programs read.

Sources of the binary formats: Adobe, *Photoshop file formats specification*, for color swatches (ACO) and
color tables (ACT); for ASE, which Adobe has not published, the description by Carlos Cabo, *ASE file format*.
GPL as GIMP writes it, *libgimpbase/gimppalette*.
"""

import io
import json
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from kmeans_core.errors import OptionError
from kmeans_core.images.palette import Palette

_ACT_COLORS = 256
_SWATCH_SIZE, _SWATCHES_PER_ROW = 64, 16


@dataclass(frozen=True)
class PaletteFormat:
    """A format that palettes are written in.

    Attributes
    ----------
    title, program : str
        What people call it, and what reads it.
    suffix, mime : str
        Ending of its files, with the dot; its media type.
    write : callable
        (palette, name of the picture) → the file, as bytes.
    """

    title: str
    program: str
    suffix: str
    mime: str
    write: Callable[[Palette, str], bytes]


def palette_bytes(palette: Palette, kind: str, source: str) -> bytes:
    """A palette as a file.

    Parameters
    ----------
    palette : Palette
    kind : str
        One of `PALETTE_FORMATS`.
    source : str
        Name of the picture it is from.

    Returns
    -------
    bytes

    Raises
    ------
    OptionError
        For an unknown kind.
    """
    if kind not in PALETTE_FORMATS:
        raise OptionError(
            f"The palette format {kind!r} is unknown; use one of: {', '.join(PALETTE_FORMATS)}."
        )
    return PALETTE_FORMATS[kind].write(palette, source)


def palette_format_of(file_name: str) -> str:
    """The kind of palette file that a name stands for, by its ending.

    Raises OptionError for another one.
    """
    fitting = [
        kind
        for kind, palette_format in PALETTE_FORMATS.items()
        if file_name.lower().endswith(palette_format.suffix)
    ]
    if not fitting:
        endings = ", ".join(found.suffix for found in PALETTE_FORMATS.values())
        raise OptionError(f"{file_name!r} does not end like a palette format; use one of: {endings}.")
    return max(fitting, key=lambda kind: len(PALETTE_FORMATS[kind].suffix))


def _json(palette: Palette, source: str) -> str:
    """The name of the picture and one entry a color: hex, rgb, count, share."""
    colors = [
        {"hex": color.hex, "rgb": list(color.rgb), "count": color.count, "share": round(color.share, 6)}
        for color in palette.entries
    ]
    return json.dumps({"source": source, "colors": colors}, indent=2) + "\n"


def _css(palette: Palette, source: str) -> str:
    """Custom properties `--color-1` (the most used) and on, with the share of each."""
    lines = [
        f"  --color-{number}: {color.hex}; /* {100 * color.share:.2f} % */"
        for number, color in enumerate(palette.entries, start=1)
    ]
    return "\n".join([f"/* Palette of {_in_comment(source)} */", ":root {", *lines, "}", ""])


def _scss(palette: Palette, source: str) -> str:
    """Variables, and a map of all of them."""
    colors = list(enumerate(palette.entries, start=1))
    variables = [f"$color-{number}: {color.hex};" for number, color in colors]
    entries = [f"  {number}: $color-{number}," for number, _ in colors]
    head = f"// Palette of {_in_line(source)}"
    return "\n".join([head, *variables, "", "$palette: (", *entries, ");", ""])


def _tailwind(palette: Palette, source: str) -> str:
    """A theme of Tailwind 4: classes such as `bg-picture-1`."""
    lines = [
        f"  --color-picture-{number}: {color.hex};" for number, color in enumerate(palette.entries, start=1)
    ]
    return "\n".join([f"/* Palette of {_in_comment(source)} */", "@theme {", *lines, "}", ""])


def _hex_list(palette: Palette, source: str) -> str:
    return "".join(f"{color.hex}\n" for color in palette.entries)


def _gpl(palette: Palette, source: str) -> str:
    lines = [
        f"{red:3d} {green:3d} {blue:3d}\t{color.hex} ({100 * color.share:.2f} %)"
        for color in palette.entries
        for red, green, blue in [color.rgb]
    ]
    return "\n".join(["GIMP Palette", f"Name: {_in_line(source)}", "Columns: 8", "#", *lines, ""])


def _ase(palette: Palette, source: str) -> bytes:
    """Adobe Swatch Exchange 1.0: a block a color, with its name and three floats."""
    blocks = []
    for color in palette.entries:
        name = _utf16(color.hex)
        channels = struct.pack(">4s3f", b"RGB ", *(channel / 255 for channel in color.rgb))
        body = struct.pack(">H", len(name) // 2) + name + channels + struct.pack(">H", 2)  # 2: a normal color
        blocks.append(struct.pack(">HI", 1, len(body)) + body)
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def _aco(palette: Palette, source: str) -> bytes:
    """Photoshop swatches: version 1 for old programs, then version 2 with names."""
    first, second = [], []
    for color in palette.entries:
        # Color space 0 is RGB, of 16 bits per channel, and a fourth that is 0.
        channels = struct.pack(">5H", 0, *(257 * channel for channel in color.rgb), 0)
        name = _utf16(color.hex)
        first.append(channels)
        second.append(channels + struct.pack(">I", len(name) // 2) + name)
    count = len(palette)
    return b"".join([struct.pack(">2H", 1, count), *first, struct.pack(">2H", 2, count), *second])


def _act(palette: Palette, source: str) -> bytes:
    """A color table of 256 entries, unused ones black, then the number used and the mark for no transparent
    one.
    """
    table = np.zeros((_ACT_COLORS, 3), dtype=np.uint8)
    table[: len(palette)] = palette.colors
    return table.tobytes() + struct.pack(">HH", len(palette), 0xFFFF)


def _swatch(palette: Palette, source: str) -> bytes:
    """A picture with a square a color."""
    columns = max(1, min(len(palette), _SWATCHES_PER_ROW))
    rows = max(1, -(-len(palette) // columns))
    image = Image.new("RGB", (columns * _SWATCH_SIZE, rows * _SWATCH_SIZE), "white")
    draw = ImageDraw.Draw(image)
    for number, color in enumerate(palette.entries):
        row, column = divmod(number, columns)
        left, top = column * _SWATCH_SIZE, row * _SWATCH_SIZE
        draw.rectangle((left, top, left + _SWATCH_SIZE - 1, top + _SWATCH_SIZE - 1), fill=color.rgb)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _matplotlib(palette: Palette, source: str) -> str:
    return (
        "from matplotlib.colors import ListedColormap\n\n"
        f"colors = {_python_list(palette)}\n"
        f"colormap = ListedColormap(colors, name={source!r})\n"
    )


def _plotly(palette: Palette, source: str) -> str:
    return (
        "import plotly.graph_objects as go\nimport plotly.io as pio\n\n"
        f"colors = {_python_list(palette)}\n"
        'pio.templates["picture"] = go.layout.Template(layout={"colorway": colors})\n'
        'pio.templates.default = "plotly+picture"\n'
    )


def _python_list(palette: Palette) -> str:
    return "[\n" + "".join(f'    "{color.hex}",\n' for color in palette.entries) + "]"


def _in_comment(name: str) -> str:
    return _in_line(name.replace("*/", "* /"))


def _in_line(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", name)


def _utf16(name: str) -> bytes:
    """Names in Adobe's formats: two bytes per character, a zero at the end."""
    return (name + "\0").encode("utf-16-be")


def _text(write: Callable[[Palette, str], str]) -> Callable[[Palette, str], bytes]:
    # A file name may contain bytes that are not text.
    return lambda palette, source: write(palette, source).encode("utf-8", "backslashreplace")


PALETTE_FORMATS = {
    "json": PaletteFormat("JSON", "programs", ".json", "application/json", _text(_json)),
    "css": PaletteFormat("CSS variables", "web pages", ".css", "text/css", _text(_css)),
    "scss": PaletteFormat("SCSS", "style sheets", ".scss", "text/x-scss", _text(_scss)),
    "tailwind": PaletteFormat("Tailwind theme", "Tailwind 4", ".tailwind.css", "text/css", _text(_tailwind)),
    "hex": PaletteFormat("Hex list", "anything", ".hex.txt", "text/plain", _text(_hex_list)),
    "gpl": PaletteFormat("GPL", "GIMP, Inkscape, Krita", ".gpl", "text/plain", _text(_gpl)),
    "ase": PaletteFormat("ASE", "Adobe programs, Affinity", ".ase", "application/octet-stream", _ase),
    "aco": PaletteFormat("ACO", "Photoshop swatches", ".aco", "application/octet-stream", _aco),
    "act": PaletteFormat("ACT", "Photoshop color table", ".act", "application/octet-stream", _act),
    "png": PaletteFormat("PNG swatch", "looking at it", ".png", "image/png", _swatch),
    "matplotlib": PaletteFormat(
        "matplotlib code", "matplotlib", ".mpl.py", "text/x-python", _text(_matplotlib)
    ),
    "plotly": PaletteFormat("plotly code", "plotly", ".plotly.py", "text/x-python", _text(_plotly)),
}
