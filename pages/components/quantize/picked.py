"""One color of the palette that a visitor works with, and the colors exchanged by hand."""

import hashlib
from dataclasses import replace

import numpy as np
import streamlit as st

from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.palette import as_colors
from kmeans_core.images.recoloring import recolored
from pages.components.quantize.runs import Result, loaded, shown
from pages.components.quantize.source import Source

_PICKED, _EDITS = "picked_color", "exchanged_colors"


def name_of(encoded: EncodedPicture) -> str:
    """What tells a result from all others."""
    return hashlib.sha256(encoded.png).hexdigest()


def pick(result: Result, index: int | None) -> None:
    """Picks a color of a result by its index; the same once more picks none."""
    chosen = None if index is None or index == picked(result) else result.encoded.palette.entries[index]
    st.session_state[_PICKED] = chosen and chosen.hex


def picked(result: Result) -> int | None:
    """The index of the color that is picked, as long as the palette has it."""
    found = st.session_state.get(_PICKED)
    hexes = [color.hex for color in result.encoded.palette.entries]
    return hexes.index(found) if found in hexes else None


def exchange(base: Result, index: int, color: str) -> None:
    """Puts another color, "#8a7f6e", in the place of one; the one it was found with undoes that.

    A palette has each color once, so one that it has already is refused.
    """
    edits = dict(_edits(base))
    others = {i: color.hex for i, color in enumerate(base.encoded.palette.entries)} | edits
    if color in (others[i] for i in others if i != index):
        st.toast(f"{color} is in the palette already.", icon=":material/block:")
        return
    if color == base.encoded.palette.entries[index].hex:
        edits.pop(index, None)
    else:
        edits[index] = color
    st.session_state[_EDITS] = (name_of(base.encoded), edits)


def undo_all(base: Result) -> None:
    st.session_state[_EDITS] = (name_of(base.encoded), {})


def exchanged(source: Source, base: Result) -> Result:
    """A result with the colors that were exchanged by hand, if any were."""
    edits = _edits(base)
    if not edits:
        return base
    # The same picture made at another time comes with other timings.
    made = f"{name_of(base.encoded)} {base.encoded.report.seconds}"
    return _exchanged(source.sha, made, tuple(sorted(edits.items())), source, base)


def _edits(base: Result) -> dict[int, str]:
    found = st.session_state.get(_EDITS)
    return found[1] if found and found[0] == name_of(base.encoded) else {}


@st.cache_data(max_entries=30, max_size="60 MB", show_spinner=False)
def _exchanged(
    sha: str, result: str, edits: tuple[tuple[int, str], ...], _source: Source, _base: Result
) -> Result:
    colors = np.array(_base.encoded.palette.colors)
    for index, color in edits:
        colors[index] = as_colors([color], "the color")[0]
    made = recolored(loaded(_source)[0], _base.encoded, colors)
    report = replace(made.report, notes=(*made.report.notes, f"Colors exchanged by hand: {len(edits)}."))
    return shown(replace(made, report=report))
