"""Exchanging colors of a quantized picture: the indices stay, the palette changes."""

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from kmeans_core.errors import OptionError
from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.encoding import EncodedPicture, indices_of
from kmeans_core.images.indexed_png import indexed_png
from kmeans_core.images.palette import Palette, hex_of, parse_colors
from kmeans_core.images.picture import Picture
from kmeans_core.images.quality import measure_pixel_quality
from kmeans_core.types import ByteArray, FloatArray

# An exchange of a color is also meant for one that differs from it by so much, CIEDE2000, in another palette.
MAX_DIFFERENCE = 10.0


@dataclass(frozen=True)
class Exchange:
    """One color for another, both as in "#8a7f6e"."""

    old: str
    new: str


@dataclass(frozen=True)
class PlacedExchanges:
    """What exchanges do to a palette.

    Attributes
    ----------
    colors : ndarray of uint8, shape (k, 3)
        The palette's, with those that were exchanged.
    by_index : mapping of int to Exchange
    waiting : tuple of Exchange
        Those that do nothing here: no color is like the old one, or the new one is in the palette already.
    """

    colors: ByteArray
    by_index: dict[int, Exchange]
    waiting: tuple[Exchange, ...]


def place_exchanges(
    palette: Palette, exchanges: Sequence[Exchange], locked: Collection[str] = ()
) -> PlacedExchanges:
    """Finds the colors of a palette that exchanges are for, which may have been made in another one.

    Parameters
    ----------
    palette : Palette
    exchanges : sequence of Exchange
        In the order in which they were made.
    locked : collection of str, default ()
        Colors that are exchanged only for what was asked of exactly them.

    Returns
    -------
    PlacedExchanges
        Each color is exchanged once at most: for the exchange of exactly this color if there is one, else the
        first whose old color it is nearest to, within `MAX_DIFFERENCE`.
    """
    colors = np.array(palette.colors)
    by_index: dict[int, Exchange] = {}
    if not exchanges or not len(palette):
        return PlacedExchanges(colors, by_index, tuple(exchanges))
    old = parse_colors([one.old for one in exchanges], "exchanges", distinct=False)
    new = parse_colors([one.new for one in exchanges], "exchanges", distinct=False)
    differences = _differences(old, palette.colors)
    is_locked = np.array([color.hex in locked for color in palette.entries])
    differences[:, is_locked] = np.where(differences[:, is_locked] > 0, np.inf, 0.0)
    # Those of colors that are here take precedence, whatever was exchanged before.
    for row in np.argsort(differences.min(axis=1) > 0, kind="stable"):
        free = [index for index in np.argsort(differences[row], kind="stable") if index not in by_index]
        if not free or differences[row, free[0]] > MAX_DIFFERENCE:
            continue
        index = int(free[0])
        others = np.delete(colors, index, axis=0)
        if not (others == new[row]).all(axis=1).any():
            colors[index] = new[row]
            by_index[index] = exchanges[row]
    used = set(by_index.values())
    return PlacedExchanges(colors, by_index, tuple(one for one in exchanges if one not in used))


def _differences(first: ByteArray, second: ByteArray) -> FloatArray:
    """CIEDE2000 of each color, (m, 3), from each other, (n, 3)."""
    pairs = (
        np.repeat(from_srgb(first, "lab"), len(second), axis=0),
        np.tile(from_srgb(second, "lab"), (len(first), 1)),
    )
    return ciede2000(*pairs).reshape(len(first), len(second))


def parse_exchanges(text: str) -> tuple[Exchange, ...]:
    """Exchanges as in "8a7f6e-ff0000,102030-405060".

    Raises OptionError for anything else. The last of several of one color counts.
    """
    found: dict[str, Exchange] = {}
    for part in filter(None, text.split(",")):
        ends = part.split("-")
        if len(ends) != 2:
            raise OptionError(f"exchange has {part[:40]!r}; give pairs of colors, such as 8a7f6e-ff0000.")
        old, new = (hex_of(color) for color in parse_colors(ends, "exchange", distinct=False))
        found.pop(old, None)
        found[old] = Exchange(old, new)
    return tuple(found.values())


def exchanges_text(exchanges: Sequence[Exchange]) -> str:
    """What `parse_exchanges()` reads."""
    return ",".join(f"{one.old[1:]}-{one.new[1:]}" for one in exchanges)


def exchange_colors(picture: Picture, encoded: EncodedPicture, colors: ByteArray) -> EncodedPicture:
    """The same picture with other colors, (k, 3), in the order of its palette.

    picture: the original, to compute the error again. Raises OptionError for another number of colors.
    """
    before = encoded.palette
    if colors.shape != before.colors.shape:
        raise OptionError(
            f"{len(colors)} colors are given for a palette of {len(before)}; give {len(before)}."
        )
    indices = encoded.indices()
    quality = measure_pixel_quality(picture, colors, indices)
    png = exchange_png_colors(encoded.png, before, colors)
    report = replace(
        encoded.report,
        palette=Palette(colors, before.counts),
        mse=quality.mse,
        psnr=quality.psnr,
        output_bytes=len(png),
    )
    return replace(encoded, png=png, report=report)


def exchange_png_colors(png: bytes, palette: Palette, colors: ByteArray, only: int | None = None) -> bytes:
    """The PNG of a quantized picture with other colors, (k, 3). only: the index of the one color to show."""
    indices = indices_of(png, palette)
    with Image.open(io.BytesIO(png)) as image:
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    if only is not None:
        alpha = np.where(indices == only, alpha, np.uint8(0))
    return indexed_png(colors, indices, None if alpha.min() == 255 else alpha)
