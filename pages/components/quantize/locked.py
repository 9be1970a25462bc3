"""Colors that the palette must have: typed in, locked by a click, or read from a palette file."""

from collections.abc import Collection

import streamlit as st

from kmeans_core.errors import OptionError
from kmeans_core.images.palette import hex_of, parse_colors
from kmeans_core.images.palette_reading import MAX_COLORS, PALETTE_KINDS, PALETTE_SUFFIXES
from kmeans_core.images.reading_apart import read_palette_apart
from pages.components.shared.backends import able
from pages.components.shared.texts import say_notes
from pages.components.shared.uploaded import file_of

_FIELD, _UPLOAD = "locked", "palette_upload"
_LAST, _TAKEN, _PROBLEMS = "locked_last", "locked_taken", "locked_problems"
_NOTES = "locked_notes"


def choose_locked(*, possible: bool) -> tuple[str, ...]:
    """The colors as texts such as "#8a7f6e". possible: whether the backend supports them.

    Problems are in `locked_problems()`; until they are solved, the last valid colors are used.
    """
    text = st.text_input(
        "Locked colors",
        key=_FIELD,
        bind="query-params",
        persist_state="session",
        placeholder="#ff0000, #ffffff",
        disabled=not possible,
        help="Colors to keep exactly, such as those of a brand. They count in the number of colors, and the "
        "others adapt to them. If all colors are locked, the picture has only these. Click a color under the "
        f"picture to lock it. Works with {able('fixed_centers')}.",
    )
    st.file_uploader(
        "Use a palette",
        type=list(PALETTE_SUFFIXES),
        key=_UPLOAD,
        max_upload_size=5,
        on_change=_take_palette,
        disabled=not possible,
        help=f"A palette as {PALETTE_KINDS}: its colors are locked, in their order, and the picture has only "
        "these.",
    )
    if text and text == st.session_state.get(_TAKEN):
        say_notes(st.session_state.get(_NOTES, ()))
    if not possible:
        if text:
            _add_problem(f"This backend does not support locked colors; choose {able('fixed_centers')}.")
        return ()
    try:
        st.session_state[_LAST] = _colors(text)
    except OptionError as error:
        _add_problem(f"{error} Until then, the last valid colors are used.")
    return locked_now()


def locked_problems() -> list[str]:
    """What could not be used since the last call."""
    problems: list[str] = st.session_state.pop(_PROBLEMS, [])
    return problems


def locked_now() -> tuple[str, ...]:
    """The colors that are locked."""
    locked: tuple[str, ...] = st.session_state.get(_LAST, ())
    return locked


def lock_only(colors: Collection[str]) -> None:
    """Locks these colors, as "#8a7f6e", and no others; must run before any widget."""
    st.session_state[_FIELD] = ", ".join(colors)


def _add_problem(problem: str) -> None:
    st.session_state[_PROBLEMS] = [*st.session_state.get(_PROBLEMS, []), problem]


def _colors(text: str) -> tuple[str, ...]:
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    colors = tuple(hex_of(color) for color in parse_colors(parts, "Locked colors", distinct=False))
    if len(colors) > MAX_COLORS:
        raise OptionError(f"{len(colors)} colors are locked, and a palette has at most {MAX_COLORS}.")
    return colors


def _take_palette() -> None:
    """Locks the colors of an uploaded palette; removing the file unlocks them."""
    file = file_of(_UPLOAD)
    if file is None:
        if st.session_state.get(_TAKEN) == st.session_state.get(_FIELD):
            st.session_state[_FIELD] = ""
        return
    try:
        colors, notes = read_palette_apart(file.getvalue(), file.name)
    except OptionError as error:
        _add_problem(str(error))
        return
    st.session_state[_FIELD] = st.session_state[_TAKEN] = ", ".join(hex_of(color) for color in colors)
    st.session_state[_NOTES] = notes
    st.session_state.colors = max(len(colors), 2)
