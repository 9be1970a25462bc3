"""The palette color that a visitor works on, and the exchanged colors."""

import hashlib
from dataclasses import replace

import numpy as np
import streamlit as st

from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.palette import parse_colors
from kmeans_core.images.recoloring import exchange_colors
from pages.components.quantize.runs import RESULTS, PictureResult, loaded, with_preview
from pages.components.quantize.source import Source

_PICKED, _EXCHANGES_KEY = "picked_color", "exchanged_colors"


def result_key(encoded: EncodedPicture) -> str:
    """A key that identifies a result."""
    return hashlib.sha256(encoded.png).hexdigest()


def pick(result: PictureResult, index: int | None) -> None:
    """Picks a color of a result by its index; the same once more picks none."""
    chosen = None if index is None or index == picked(result) else result.encoded.palette.entries[index]
    st.session_state[_PICKED] = chosen and chosen.hex


def picked(result: PictureResult) -> int | None:
    """The index of the color that is picked, as long as the palette has it."""
    hex_color = st.session_state.get(_PICKED)
    hexes = [color.hex for color in result.encoded.palette.entries]
    return hexes.index(hex_color) if hex_color in hexes else None


def exchange(base: PictureResult, index: int, color: str) -> None:
    """Replaces a color by another, "#8a7f6e"; the original color undoes that.

    A palette has each color once, so one that it has already is refused.
    """
    exchanges = dict(_edits(base))
    others = {i: color.hex for i, color in enumerate(base.encoded.palette.entries)} | exchanges
    if color in (others[i] for i in others if i != index):
        st.toast(f"{color} is already in the palette.", icon=":material/block:")
        return
    if color == base.encoded.palette.entries[index].hex:
        exchanges.pop(index, None)
    else:
        exchanges[index] = color
    st.session_state[_EXCHANGES_KEY] = (result_key(base.encoded), exchanges)


def undo_all(base: PictureResult) -> None:
    st.session_state[_EXCHANGES_KEY] = (result_key(base.encoded), {})


def apply_exchanges(source: Source, base: PictureResult) -> PictureResult:
    """A result with the colors that were exchanged by hand, if any were."""
    exchanges = _edits(base)
    if not exchanges:
        return base
    # The same picture made at another time comes with other timings.
    key = f"{result_key(base.encoded)} {base.encoded.report.seconds}"
    changes = tuple(sorted(exchanges.items()))
    return RESULTS.get((source.sha, key, changes), lambda: _exchanged(source, base, changes))


def _edits(base: PictureResult) -> dict[int, str]:
    exchanges = st.session_state.get(_EXCHANGES_KEY)
    return exchanges[1] if exchanges and exchanges[0] == result_key(base.encoded) else {}


def _exchanged(source: Source, base: PictureResult, exchanges: tuple[tuple[int, str], ...]) -> PictureResult:
    colors = np.array(base.encoded.palette.colors)
    for index, color in exchanges:
        colors[index] = parse_colors([color], "the color")[0]
    made = exchange_colors(loaded(source)[0], base.encoded, colors)
    report = replace(made.report, notes=(*made.report.notes, f"Colors exchanged by hand: {len(exchanges)}."))
    return with_preview(replace(made, report=report))
