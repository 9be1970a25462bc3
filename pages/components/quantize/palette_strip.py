"""The palette as a strip under the picture."""

from collections.abc import Collection, Sequence

from kmeans_core.images.palette import Palette
from pages.components.shared.front_end import component

_palette_strip = component(__file__, styles=("color_menu",), scripts=("color_menu",))


def palette_strip(
    palette: Palette,
    *,
    seen: Palette,
    locked: Collection[str],
    order: Sequence[int],
    can_lock: bool,
    alone: int | None,
    dimmed: bool,
    key: str,
) -> None:
    """The palette as a strip of equal cells, with a menu for each; what it does is done by the comparison.

    seen: the colors as drawn. locked: those to mark, as texts. order: of the colors, as indices. can_lock:
    whether colors can be locked now. alone: the index of the one that is shown alone.
    """
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
    data = {"colors": colors, "canLock": can_lock, "alone": alone, "dimmed": dimmed}
    _palette_strip(key=key, data=data)
