"""Reading palettes from files of other programs; the formats are those of `palette_files.py`."""

import io
import re
import struct

import numpy as np
from PIL import Image

from kmeans_core.errors import OptionError
from kmeans_core.images.palette import parse_colors
from kmeans_core.images.picture import ByteArray
from kmeans_core.types import RealArray

MAX_COLORS = 256
_MAX_PIXELS = 4_000_000
PALETTE_SUFFIXES = ("json", "css", "scss", "txt", "hex", "gpl", "ase", "aco", "act", "png", "py")
# None of these looks beyond the end of a line, so each takes time in proportion to the text. One that lets
# `\s` run over line ends takes it with the square of the blank lines, and holds up every thread meanwhile.
_HEX = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_BARE_HEX = re.compile(r"^[^\S\n]*([0-9a-fA-F]{6})[^\S\n]*$", re.MULTILINE)
_GIMP_ROW = re.compile(r"^[^\S\n]*([0-9]+)[^\S\n]+([0-9]+)[^\S\n]+([0-9]+)\b", re.MULTILINE)


def read_palette(data: bytes, name: str) -> ByteArray:
    """The colors of a palette file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name; the ending selects a format: .ase, .aco, .act, .png or .gpl. Anything else is searched for
        hex colors as text.

    Returns
    -------
    ndarray of uint8, shape (m, 3)
        Each once, in their order; 1 to 256.

    Raises
    ------
    OptionError
        If it is damaged, if there is no color in it, or more than 256.
    """
    suffix = name.lower().rpartition(".")[2]
    try:
        colors = _READERS.get(suffix, _from_text)(data)
    except (ValueError, OverflowError, struct.error, IndexError, OSError, Image.DecompressionBombError):
        raise OptionError(f"{name} is damaged, or not a palette in the .{suffix} format.") from None
    if not len(colors):
        raise OptionError(
            f"{name} has no colors that can be read; choose a palette as GPL, ASE, ACO, ACT, JSON, CSS, "
            "a list of hex colors, or a small PNG."
        )
    distinct = parse_colors(np.clip(colors, 0, 255), name)
    if len(distinct) > MAX_COLORS:
        raise OptionError(f"{name} has {len(distinct):,} colors; a palette has at most {MAX_COLORS}.")
    return distinct


def _from_text(data: bytes) -> RealArray:
    text = _text_of(data)
    words = _HEX.findall(text) or _BARE_HEX.findall(text)
    digits = "".join(word if len(word) == 6 else "".join(2 * digit for digit in word) for word in words)
    return np.frombuffer(bytes.fromhex(digits), np.uint8).reshape(-1, 3)


def _from_gpl(data: bytes) -> RealArray:
    text = _text_of(data)
    if text.partition("\n")[0].strip() != "GIMP Palette":
        raise ValueError("no GIMP palette")
    return np.array(_GIMP_ROW.findall(text), dtype=np.int64).reshape(-1, 3)


def _text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _from_ase(data: bytes) -> RealArray:
    if data[:4] != b"ASEF":
        raise ValueError("no swatch exchange file")
    count, at, colors = struct.unpack_from(">I", data, 8)[0], 12, []
    for _ in range(count):
        kind, size = struct.unpack_from(">HI", data, at)
        body = data[at + 6 : at + 6 + size]
        at += 6 + size
        if kind != 1:
            continue
        after = 2 + 2 * struct.unpack_from(">H", body)[0]
        model = body[after : after + 4]
        if model == b"RGB ":
            colors.append(struct.unpack_from(">3f", body, after + 4))
        elif model == b"Gray":
            colors.append(struct.unpack_from(">f", body, after + 4) * 3)
        elif model == b"CMYK":
            *inks, black = struct.unpack_from(">4f", body, after + 4)
            colors.append(tuple((1 - ink) * (1 - black) for ink in inks))
    levels: RealArray = np.rint(255 * np.array(colors).reshape(-1, 3)).astype(np.int64)
    return levels


def _from_aco(data: bytes) -> RealArray:
    """The first of its two lists, which has no names."""
    version, count = struct.unpack_from(">2H", data)
    if version != 1:
        raise ValueError("no color swatches")
    colors = []
    for number in range(count):
        space, *channels = struct.unpack_from(">5H", data, 4 + 10 * number)
        if space == 0:  # RGB
            colors.append([channel / 257 for channel in channels[:3]])
        elif space == 8:  # gray, 0 (black) to 10,000
            colors.append([channels[0] / 10_000 * 255] * 3)
    levels: RealArray = np.rint(np.array(colors).reshape(-1, 3)).astype(np.int64)
    return levels


def _from_act(data: bytes) -> RealArray:
    if len(data) not in (768, 772):
        raise ValueError("no color table")
    count = int(struct.unpack_from(">H", data, 768)[0]) if len(data) == 772 else MAX_COLORS
    table = np.frombuffer(data[:768], np.uint8)
    colors: RealArray = table.reshape(-1, 3)[: count or MAX_COLORS]
    return colors


def _from_png(data: bytes) -> RealArray:
    """The colors of a small picture, row by row."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        if image.width * image.height > _MAX_PIXELS:
            raise ValueError("no swatches")
        colors: RealArray = np.asarray(image.convert("RGB")).reshape(-1, 3)
    return colors


_READERS = {"gpl": _from_gpl, "ase": _from_ase, "aco": _from_aco, "act": _from_act, "png": _from_png}
