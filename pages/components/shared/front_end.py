"""Parts that run in the browser: Streamlit components, each made of the three files beside its module."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime import get_instance


def component(module: str, *, styles: Iterable[str] = (), scripts: Iterable[str] = ()) -> Callable[..., Any]:
    """The component of a module: the files of its name that end in .html, .css and .js.

    Its JavaScript gets `data` as the only item of a list: in a dictionary, Streamlit looks for data frames,
    and loads pandas and pyarrow for that, 75 MB of memory.

    Parameters
    ----------
    module : str
        Its `__file__`.
    styles, scripts : iterable of str
        Names of more files, without ".css" and ".js", beside the module or in this folder. They come before
        its own, and are one style sheet and one script with them.

    Returns
    -------
    callable
        `(*, data, key, **options)`, the options being those of Streamlit's.
    """
    path = Path(module)

    def texts(suffix: str, names: Iterable[str] = ()) -> str:
        found = (_beside(path, f"{name}{suffix}") for name in (*names, path.stem))
        return "".join(file.read_text("utf-8") for file in found)

    html, css, js = texts(".html"), texts(".css", styles), texts(".js", scripts)
    render = st.components.v2.component(f"kmeans_studio.{path.stem}", html=html, css=css, js=js)

    def with_data(*, data: Mapping[str, Any], **options: Any) -> Any:
        return render(data=[dict(data)], **options)

    return with_data


def _beside(module: Path, name: str) -> Path:
    own = module.with_name(name)
    return own if own.exists() else Path(__file__).with_name(name)


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
