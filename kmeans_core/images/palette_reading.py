"""Reading palettes from files of other programs."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kmeans_core.errors import OptionError
from kmeans_core.images.palette_swatches import (
    aco_swatches,
    act_swatches,
    ase_swatches,
    png_swatches,
    riff_swatches,
)
from kmeans_core.images.palette_texts import (
    css_swatches,
    gimp_swatches,
    jasc_swatches,
    json_swatches,
    list_swatches,
    text_of,
)
from kmeans_core.images.swatches import Swatches
from kmeans_core.types import ByteArray
from kmeans_core.wording import bytes_text

MAX_COLORS = 256
_MAX_BYTES = 5_000_000
# What the formats begin with, whatever the file is called.
_SIGNATURES: tuple[tuple[bytes, Callable[[bytes], Swatches]], ...] = (
    (b"ASEF", ase_swatches),
    (b"RIFF", riff_swatches),
    (b"\x89PNG\r\n\x1a\n", png_swatches),
)
_BINARY = {"ase": ase_swatches, "aco": aco_swatches, "act": act_swatches, "png": png_swatches}
_TEXTS = {"css": css_swatches, "scss": css_swatches, "less": css_swatches, "json": json_swatches}
PALETTE_SUFFIXES = (*_BINARY, *_TEXTS, "gpl", "hex", "pal", "py", "txt")
PALETTE_KINDS = "GPL, ASE, ACO, ACT, PAL, JSON, CSS, a list of colors, or a small PNG"


class PaletteFile(NamedTuple):
    """What a palette file holds.

    Attributes
    ----------
    colors : ndarray of uint8, shape (m, 3)
        In their order; 1 to 256. One that the file has twice is here twice.
    notes : tuple of str
        What was converted, guessed or left out, as sentences.
    """

    colors: ByteArray
    notes: tuple[str, ...]


def read_palette(data: bytes, name: str) -> PaletteFile:
    """The colors of a palette file.

    Parameters
    ----------
    data : bytes
        The file, at most 5 MB.
    name : str
        Its name. A file is recognized by how it begins, otherwise by the ending of its name; anything else is
        searched for colors as text.

    Returns
    -------
    PaletteFile

    Raises
    ------
    OptionError
        If it is damaged, too large, has no color that can be read, or more than 256.
    """
    if len(data) > _MAX_BYTES:
        raise OptionError(
            f"{name} has {bytes_text(len(data))}; a palette file has at most {bytes_text(_MAX_BYTES)}."
        )
    suffix = name.lower().rpartition(".")[2]
    try:
        found = _reader(data, suffix)(data)
    except (OptionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - damaged files surface as almost any exception
        raise OptionError(f"{name} is damaged, or not a palette in the .{suffix} format.") from None
    if not len(found):
        left_out = f" ({found.left_out_text()})" if found.left_out else ""
        raise OptionError(
            f"{name} has no colors that can be read{left_out}; choose a palette as {PALETTE_KINDS}."
        )
    if len(found) > MAX_COLORS:
        raise OptionError(f"{name} has {len(found):,} colors; a palette has at most {MAX_COLORS}.")
    colors = found.as_bytes()
    return PaletteFile(colors, (*found.notes(), *_repeated_note(colors)))


def _reader(data: bytes, suffix: str) -> Callable[[bytes], Swatches]:
    for signature, reader in _SIGNATURES:
        if data.startswith(signature):
            return reader
    if suffix in _BINARY:
        return _BINARY[suffix]
    text = text_of(data)
    first = text.lstrip().partition("\n")[0].strip()
    if first == "GIMP Palette":
        return lambda _: gimp_swatches(text)
    if first == "JASC-PAL":
        return lambda _: jasc_swatches(text)
    if suffix == "gpl":
        raise ValueError("no GIMP palette")
    if suffix == "pal" and len(data) in (768, 772):
        return act_swatches
    return lambda _: _TEXTS.get(suffix, list_swatches)(text)


def _repeated_note(colors: ByteArray) -> tuple[str, ...]:
    repeated = len(colors) - len(np.unique(colors, axis=0))
    if not repeated:
        return ()
    entries, have = ("entry", "has") if repeated == 1 else ("entries", "have")
    return (f"{repeated:,} {entries} of the palette {have} the color of an earlier one; no pixel uses them.",)
