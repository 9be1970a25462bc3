"""The backends as pages offer them."""

import streamlit as st

from kmeans_core.backends import available_backends
from kmeans_core.backends.base import BackendInfo
from kmeans_core.wording import listed
from pages.components.shared.texts import as_text


@st.cache_resource(show_spinner=False)
def backends() -> dict[str, BackendInfo]:
    """The backends and whether they can run here; looked up once, because Java takes a moment to answer."""
    return {row.name: row for row in available_backends()}


def unavailable_backends() -> None:
    """Says which ones cannot run here, and why."""
    rows = backends().values()
    for reason in dict.fromkeys(row.reason for row in rows if row.reason is not None):
        names = listed([row.title for row in rows if row.reason == reason])
        st.caption(as_text(f"{names} cannot run here. {reason}"))


def able(titles_of: str) -> str:
    """Titles of the backends that have a trait, as people list them: "NumPy, Numba or Dask"."""
    return listed([row.title for row in backends().values() if getattr(row.traits, titles_of)], "or")
