"""One color of the palette that a visitor works with, and the colors exchanged by hand."""

import hashlib
from dataclasses import replace

import numpy as np
import streamlit as st

from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.palette import as_colors
from kmeans_core.images.recoloring import recolored
from pages.components.runs import Result, loaded, shown
from pages.components.source import Source

_PICKED, _EDITS = "picked_color", "exchanged_colors"


def name_of(encoded: EncodedPicture) -> str:
    """What tells a result from all others."""
    return hashlib.sha256(encoded.png).hexdigest()


def pick(result: Result, index: int | None) -> None:
    """Picks a color of a result by its index; the same once more picks none."""
    st.session_state[_PICKED] = None if index in (None, picked(result)) else (name_of(result.encoded), index)


def picked(result: Result) -> int | None:
    """The index of the color that is picked."""
    found = st.session_state.get(_PICKED)
    if found is None or found[0] != name_of(result.encoded) or found[1] >= len(result.encoded.palette):
        return None
    return int(found[1])


def exchange(base: Result, index: int, color: str) -> None:
    """Puts another color, "#8a7f6e", in the place of one; the one it was found with undoes that."""
    edits = dict(_edits(base))
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
    return _exchanged(source.sha, name_of(base.encoded), tuple(sorted(edits.items())), source, base)


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
    report = {
        **made.report,
        "notes": [*made.report["notes"], f"{len(edits)} of its colors were exchanged by hand."],
    }
    return shown(replace(made, report=report))
