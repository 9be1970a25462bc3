"""The parts that run in the browser: compare slider, palette strip, gallery, copy-link button.

Each is a Streamlit component made of the three files of its name in `frontend/`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer
from streamlit.runtime import get_instance

from kmeans_core.images.palette import Palette

_FRONTEND = Path(__file__).parent / "frontend"


def component(name: str) -> ComponentRenderer:
    html, css, js = ((_FRONTEND / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(f"kmeans_studio.{name}", html=html, css=css, js=js)


_compare = component("compare")
_palette_strip = component("palette_strip")
_gallery = component("gallery")
_copy_link = component("copy_link")


@dataclass(frozen=True)
class Side:
    """One side of the comparison: an image file to show as it is, what to call it, and what it shows."""

    image: bytes
    label: str
    alt: str


def compare(before: Side, after: Side, *, width: int, height: int, dimmed: bool, key: str) -> None:
    """Two pictures of the same size with a divider to drag, or to move with the arrow keys.

    width, height: of the pictures, for the shape of the stage. dimmed: shows that it is out of date.
    """
    sides = {
        name: {"url": _media_url(side.image, f"{key}.{name}"), "label": side.label, "alt": side.alt}
        for name, side in (("before", before), ("after", after))
    }
    _compare(key=key, data={**sides, "width": width, "height": height, "dimmed": dimmed})


def palette_strip(
    palette: Palette,
    *,
    seen: Palette,
    locked: Collection[str],
    order: Sequence[int],
    chosen: int | None,
    dimmed: bool,
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """The palette as a strip, each color as wide as its share; a click copies it and picks it.

    seen: the colors as they are painted. locked: those to mark, as texts. order: of the colors, as indices.
    chosen: the index of the one that is picked. on_pick: called with an
    index.
    """

    def was_picked() -> None:
        pick = st.session_state[key].pick
        if pick is not None:
            on_pick(int(pick))

    entries, fills = palette.entries, seen.entries
    colors = [
        {
            "index": index,
            "hex": color.hex,
            "fill": fills[index].hex,
            "locked": color.hex in locked,
            "rgb": list(color.rgb),
            "share": color.share,
            "percent": f"{100 * color.share:.1f} %",
            "count": f"{color.count:,}",
        }
        for index in order
        for color in [entries[index]]
    ]
    _palette_strip(
        key=key, data={"colors": colors, "chosen": chosen, "dimmed": dimmed}, on_pick_change=was_picked
    )


@dataclass(frozen=True)
class GalleryItem:
    """One thumbnail: its key, what it is called, and its image file."""

    key: str
    title: str
    image: bytes


def gallery(
    items: list[GalleryItem], chosen: str | None, *, label: str, key: str, on_pick: Callable[[str], None]
) -> None:
    """Thumbnails to choose one from. `on_pick` is called with the key of the chosen one."""

    def picked() -> None:
        pick = st.session_state[key].pick
        if pick:
            on_pick(pick)

    data = [
        {"key": item.key, "title": item.title, "url": _media_url(item.image, f"{key}.{item.key}")}
        for item in items
    ]
    _gallery(key=key, data={"items": data, "chosen": chosen, "label": label}, on_pick_change=picked)


def copy_link(*, hint: str, key: str) -> None:
    """A button that copies the page's address."""
    _copy_link(key=key, data={"hint": hint}, width=130)


def _media_url(image: bytes, coordinates: str) -> str:
    """An address the browser can load the image from, and keep, until the page shows another.

    Relative to the page, which is right below any base path a host puts the app under. `st.image` would
    do the same but resamples what is wide; sending the bytes with every rerun would send them all again.
    """
    return get_instance().media_file_mgr.add(image, "image/png", coordinates).lstrip("/")
