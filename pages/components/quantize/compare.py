"""Before and after, with a divider between them, and the number of colors under them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from kmeans_core.images.palette import Palette
from kmeans_core.images.preview import MAX_PIXELS_WIDE
from pages.components.shared.front_end import component, media_url

_compare = component(
    __file__, styles=("color_menu",), scripts=("color_menu", "compare_view", "compare_recolor")
)


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

    def data(self) -> dict[str, Any]:
        stops = sorted({*self.stops, self.wanted, self.shown})
        return {
            "wanted": self.wanted,
            "shown": self.shown,
            "error": self.error,
            "stops": stops,
            "help": self.help,
        }


@dataclass(frozen=True)
class Stage:
    """What is compared. picture: the key of its palettes, "" if none fit what is shown. original: its
    image file. width, height: for the shape of the stage. is_whole: whether the sides have all of its pixels.
    dimmed: whether the result is out of date."""

    picture: str
    original: bytes
    width: int
    height: int
    is_whole: bool
    dimmed: bool

    @property
    def finest(self) -> int:
        """How many pixels wide the sides are."""
        larger = max(self.width, self.height)
        return self.width if self.is_whole else round(self.width * min(1.0, MAX_PIXELS_WIDE / larger))


@dataclass(frozen=True)
class Colors:
    """Of the right side, to be worked on. palette: of the file. seen: the same as drawn. locked: as texts.
    alone: the index of the one that is shown alone."""

    palette: Palette
    seen: Palette
    locked: Collection[str]
    can_lock: bool
    alone: int | None
    can_undo: bool
    can_redo: bool

    def data(self) -> dict[str, Any]:
        pairs = zip(self.palette.entries, self.seen.entries, strict=True)
        palette = [
            {
                "index": index,
                "hex": color.hex,
                "fill": seen.hex,
                "share": f"{100 * color.share:.1f} %",
                "locked": color.hex in self.locked,
            }
            for index, (color, seen) in enumerate(pairs)
        ]
        return {
            "palette": palette,
            "locked": list(self.locked),
            "canLock": self.can_lock,
            "alone": self.alone,
            "undo": self.can_undo,
            "redo": self.can_redo,
        }


@dataclass(frozen=True)
class Actions:
    """What to call for what visitors do. colors: the number where the slider was left. lock: the color to
    lock or unlock, "#8a7f6e". exchange: the index of a color, it and the new one. alone: the index of the
    color to show alone. detail: more pixels are wanted than were sent."""

    colors: Callable[[int], None]
    lock: Callable[[str], None]
    exchange: Callable[[int, str, str], None]
    alone: Callable[[int], None]
    detail: Callable[[], None]
    undo: Callable[[], None]
    redo: Callable[[], None]


def compare(
    stage: Stage, before: Side, after: Side, numbers: Numbers, colors: Colors, actions: Actions, *, key: str
) -> None:
    """Two pictures of the same size with a divider to drag, or to move with the arrow keys, to zoom into, and
    with a menu for the color of each pixel; and a slider that recolors the picture while it moves."""
    sides = {
        name: {"url": media_url(side.image, f"{key}.{name}"), "label": side.label, "alt": side.alt}
        for name, side in (("before", before), ("after", after))
    }
    data = {
        **sides,
        **colors.data(),
        "colors": numbers.data(),
        "picture": stage.picture,
        "original": media_url(stage.original, f"{key}.original"),
        "width": stage.width,
        "height": stage.height,
        "finest": stage.finest,
        "dimmed": stage.dimmed,
    }

    def call(name: str, act: Callable[[Any], None]) -> dict[str, Callable[[], None]]:
        def was_triggered() -> None:
            value = getattr(st.session_state[key], name)
            if value is not None:
                act(value)

        return {f"on_{name}_change": was_triggered}

    _compare(
        key=key,
        data=data,
        **call("colors", lambda count: actions.colors(int(count))),
        **call("lock", lambda color: actions.lock(str(color))),
        **call("exchange", lambda pair: actions.exchange(int(pair[0]), str(pair[1]), str(pair[2]))),
        **call("alone", lambda index: actions.alone(int(index))),
        **call("detail", lambda _: actions.detail()),
        **call("undo", lambda _: actions.undo()),
        **call("redo", lambda _: actions.redo()),
    )
