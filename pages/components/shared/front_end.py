"""Parts that run in the browser: Streamlit components, each made of the three files beside its module."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer
from streamlit.runtime import get_instance


def component(module: str) -> ComponentRenderer:
    """The component of a module: the files of its name that end in .html, .css and .js. module: its
    `__file__`."""
    path = Path(module)
    html, css, js = (path.with_suffix(f".{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(f"kmeans_studio.{path.stem}", html=html, css=css, js=js)


def media_url(image: bytes, coordinates: str) -> str:
    """An address the browser can load the image from, and keep, until the page shows another.

    Relative to the page, which is right below any base path a host puts the app under. `st.image` would
    do the same but resamples what is wide; sending the bytes with every rerun would send them all again.
    """
    files, key = get_instance().media_file_mgr, f"media_{coordinates}"
    last, shown = st.session_state.get(key, (image, image))
    if image is not shown:
        last = shown
    st.session_state[key] = (last, image)
    # The browser may still be fetching the one that this one replaces.
    files.add(last, "image/png", f"{coordinates}.last")
    return files.add(image, "image/png", coordinates).lstrip("/")
