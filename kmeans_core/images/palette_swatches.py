"""Palettes in binary formats.

Sources: Adobe, *Photoshop file formats specification*, for color swatches (ACO) and color tables (ACT); for
ASE, which Adobe has not published, the description by Carlos Cabo, *ASE file format*; Microsoft and IBM,
*Multimedia Programming Interface and Data Specifications 1.0*, for RIFF palettes.
"""

import colorsys
import io
import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image

from kmeans_core.images.swatches import Swatches

_MAX_PIXELS = 4_000_000
_MAX_ACT_COLORS = 256
_CMYK = "CMYK, without its color profile"
_ACO_WORD = 65535


def ase_swatches(data: bytes) -> Swatches:
    """Adobe Swatch Exchange: blocks, of which those of kind 1 are colors."""
    if data[:4] != b"ASEF":
        raise ValueError("no swatch exchange file")
    found = Swatches()
    count, at = struct.unpack_from(">I", data, 8)[0], 12
    for _ in range(count):
        kind, size = struct.unpack_from(">HI", data, at)
        body = data[at + 6 : at + 6 + size]
        at += 6 + size
        if kind != 1:
            continue
        after = 2 + 2 * struct.unpack_from(">H", body)[0]
        model, values = body[after : after + 4], after + 4
        if model == b"RGB ":
            found.add(struct.unpack_from(">3f", body, values))
        elif model.lower() == b"gray":
            found.add(struct.unpack_from(">f", body, values) * 3)
        elif model == b"CMYK":
            found.add(_from_cmyk(struct.unpack_from(">4f", body, values)), model=_CMYK)
        elif model == b"LAB ":
            lightness, a, b = struct.unpack_from(">3f", body, values)
            found.add_lab(100 * lightness, a, b)
        else:
            found.leave_out("color of another model")
    found.settle_white()
    return found


def aco_swatches(data: bytes) -> Swatches:
    """Photoshop swatches: a list without names (version 1), one with names (version 2), or both."""
    version, count = struct.unpack_from(">2H", data)
    if version not in (1, 2):
        raise ValueError("no color swatches")
    found, at = Swatches(), 4
    for _ in range(count):
        space, *channels = struct.unpack_from(">5H", data, at)
        at += 10
        if version == 2:
            at += 4 + 2 * struct.unpack_from(">I", data, at)[0]
        _add_aco(found, space, channels)
    found.settle_white()
    return found


def _add_aco(found: Swatches, space: int, channels: Sequence[int]) -> None:
    shares = [channel / _ACO_WORD for channel in channels]
    if space == 0:
        found.add(shares[:3])
    elif space == 1:
        found.add(colorsys.hsv_to_rgb(*shares[:3]), model="HSB")
    elif space == 2:  # 0 is all of an ink
        found.add(_from_cmyk([1 - share for share in shares]), model=_CMYK)
    elif space == 7:
        lightness, a, b = struct.unpack(">3h", struct.pack(">3H", *channels[:3]))
        found.add_lab(lightness / 100, a / 100, b / 100)
    elif space == 8:  # 0 (black) to 10,000
        found.add([channels[0] / 10_000] * 3)
    elif space == 9:  # the same in hundredths of a percent
        found.add(_from_cmyk([channel / 10_000 for channel in channels]), model=_CMYK)
    else:
        found.leave_out("color of a color book")


def act_swatches(data: bytes) -> Swatches:
    """A color table: 256 colors; where 4 bytes follow, they begin with how many count."""
    if len(data) not in (768, 772):
        raise ValueError("no color table")
    count = int(struct.unpack_from(">H", data, 768)[0]) if len(data) == 772 else _MAX_ACT_COLORS
    table = np.frombuffer(data[:768], np.uint8).reshape(-1, 3)
    return _of_bytes(table[: count or _MAX_ACT_COLORS])


def riff_swatches(data: bytes) -> Swatches:
    """A Windows palette: the number of colors, then red, green, blue and a flag of each."""
    if data[8:16] != b"PAL data":
        raise ValueError("no palette")
    (count,) = struct.unpack_from("<H", data, 22)
    table = np.frombuffer(data, np.uint8, 4 * count, 24)
    return _of_bytes(table.reshape(-1, 4)[:, :3])


def png_swatches(data: bytes) -> Swatches:
    """The distinct colors of a small picture, row by row; those of hidden pixels do not count."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        if image.width * image.height > _MAX_PIXELS:
            raise ValueError("no swatches")
        pixels = np.asarray(image.convert("RGBA")).reshape(-1, 4)
    shown = pixels[pixels[:, 3] > 0][:, :3]
    _, first = np.unique(shown, axis=0, return_index=True)
    return _of_bytes(shown[np.sort(first)])


def _of_bytes(table: np.ndarray) -> Swatches:
    return Swatches([(red / 255, green / 255, blue / 255) for red, green, blue in table.tolist()])


def _from_cmyk(inks: Sequence[float]) -> list[float]:
    """Each ink takes away its share of the light, and so does black: what is done without a color profile."""
    *colored, black = inks
    return [(1 - ink) * (1 - black) for ink in colored]
