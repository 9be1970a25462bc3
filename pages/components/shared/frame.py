"""The app around a page: title, icon and menu, which `streamlit_app.py` sets up."""

import runpy
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.components.shared.unforeseen import with_net

_APP = Path(__file__).parents[3] / "streamlit_app.py"
_FRAMED = "framed"


def mark_framed() -> None:
    """Says that this visit goes through the app."""
    st.session_state[_FRAMED] = True


def run_page(main: Callable[[], None]) -> None:
    """Runs a page inside the app.

    A fresh server knows of no `st.navigation` yet. If the first address it is asked for is a page's own, it
    runs that file of the `pages` folder alone, without the app; then the app is run here, which comes back.
    """
    if st.session_state.get(_FRAMED):
        with_net(main)()
    else:
        runpy.run_path(str(_APP))
