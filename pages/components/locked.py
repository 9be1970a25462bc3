"""Colors that the palette is to have: typed in, locked by a click, or read from a palette file."""

import streamlit as st

from kmeans_core.errors import OptionError
from kmeans_core.images.palette import as_colors, hex_of
from kmeans_core.images.palette_reading import SUFFIXES, read_palette

_FIELD, _UPLOAD, _PROBLEM = "locked", "palette_upload", "palette_upload_problem"


def choose_locked(*, possible: bool) -> tuple[str, ...]:
    """The colors as texts such as "#8a7f6e". possible: whether the backend can keep any."""
    text = st.text_input(
        "Locked colors",
        key=_FIELD,
        bind="query-params",
        persist_state="session",
        placeholder="#ff0000, #ffffff",
        disabled=not possible,
        help="Colors to keep exactly, such as those of a brand; they count as part of the number of colors, "
        "and the others arrange themselves around them. With as many as there are colors, the picture is "
        "painted with them alone. Click a color under the picture to lock it.",
    )
    st.file_uploader(
        "Use a palette",
        type=list(SUFFIXES),
        key=_UPLOAD,
        max_upload_size=5,
        on_change=_take_palette,
        disabled=not possible,
        help="A palette as GPL, ASE, ACO, ACT, JSON, CSS, a list of hex colors or a small PNG: the picture "
        "is painted with its colors.",
    )
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(problem, icon=":material/error:")
    if not possible:
        return ()
    try:
        return tuple(hex_of(color) for color in as_colors(_parts(text), "Locked colors"))
    except OptionError as error:
        st.error(str(error), icon=":material/error:")
        return ()


def is_locked(color: str) -> bool:
    return color in _parts(st.session_state.get(_FIELD, ""))


def lock(color: str) -> None:
    """Adds a color to those that are locked, or takes it out; before any widget of this run is there."""
    parts = _parts(st.session_state.get(_FIELD, ""))
    parts = [part for part in parts if part != color] if color in parts else [*parts, color]
    st.session_state[_FIELD] = ", ".join(parts)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


def _take_palette() -> None:
    file = st.session_state[_UPLOAD]
    if file is None:
        return
    try:
        colors = read_palette(file.getvalue(), file.name)
    except OptionError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state[_FIELD] = ", ".join(hex_of(color) for color in colors)
    st.session_state.colors = max(len(colors), 2)
