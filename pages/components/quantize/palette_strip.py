"""The palette as a strip under the picture."""

from collections.abc import Callable, Collection, Sequence

import streamlit as st

from kmeans_core.images.palette import Palette
from pages.components.shared.front_end import component

_palette_strip = component(__file__)


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

    seen: the colors as drawn. locked: those to mark, as texts. order: of the colors, as indices.
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
