"""Thumbnails to choose a picture from."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.components.shared.front_end import component, media_url

_gallery = component(__file__)


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
        {"key": item.key, "title": item.title, "url": media_url(item.image, f"{key}.{item.key}")}
        for item in items
    ]
    _gallery(key=key, data={"items": data, "chosen": chosen, "label": label}, on_pick_change=picked)
