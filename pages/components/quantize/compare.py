"""Before and after, with a divider between them, and the number of colors under them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.components.shared.front_end import component, media_url

_compare = component(__file__)


@dataclass(frozen=True)
class Side:
    """One side of the comparison: an image file to show as it is, what to call it, and what it shows."""

    image: bytes
    label: str
    alt: str


@dataclass(frozen=True)
class Numbers:
    """Of colors. wanted: what is asked for. shown: what the picture has. error: of that, as a text. stops: of
    the slider. help: when to move it."""

    wanted: int
    shown: int
    error: str
    stops: Sequence[int]
    help: str


@dataclass(frozen=True)
class Stage:
    """What is compared. picture: the key of its palettes, "" if none fit what is shown. original: its
    image file. width, height: for the shape of the stage. dimmed: whether the result is out of date."""

    picture: str
    original: bytes
    width: int
    height: int
    dimmed: bool


def compare(
    stage: Stage, before: Side, after: Side, numbers: Numbers, *, key: str, on_colors: Callable[[int], None]
) -> None:
    """Two pictures of the same size with a divider to drag, or to move with the arrow keys; and a slider that
    recolors the picture while it moves. on_colors: called with the number of colors where it was left."""

    def was_left() -> None:
        count = st.session_state[key].colors
        if count is not None:
            on_colors(int(count))

    sides = {
        name: {"url": media_url(side.image, f"{key}.{name}"), "label": side.label, "alt": side.alt}
        for name, side in (("before", before), ("after", after))
    }
    colors = {
        "wanted": numbers.wanted,
        "shown": numbers.shown,
        "error": numbers.error,
        "stops": sorted({*numbers.stops, numbers.wanted, numbers.shown}),
        "help": numbers.help,
    }
    data = {
        **sides,
        "colors": colors,
        "picture": stage.picture,
        "original": media_url(stage.original, f"{key}.original"),
        "width": stage.width,
        "height": stage.height,
        "dimmed": stage.dimmed,
    }
    _compare(key=key, data=data, on_colors_change=was_left)
