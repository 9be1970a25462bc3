"""The palette as a table: names, contrast, pixels, shares.

A table of the browser's own: `st.dataframe` is a drawing to those who listen to a page, and needs pandas and
pyarrow, 75 MB of memory, for which this page has no other use.
"""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from kmeans_core.images.color_names import ColorName, color_names
from kmeans_core.images.contrast import text_colors
from kmeans_core.images.palette import Palette
from kmeans_core.types import ByteArray
from pages.components.shared.front_end import component

_palette_table = component(__file__)


def palette_table(palette: Palette, names: str, *, key: str) -> None:
    """The colors in their order, one a row; a click on a header sorts. names: the list to take them from."""
    entries = palette.entries
    nearest = _names(palette.colors.tobytes(), names, palette.colors)
    texts = text_colors(palette.colors)
    columns = [
        _column("Hex", ((color.hex, color.hex) for color in entries), drawn="swatch"),
        _column("RGB", ((", ".join(map(str, color.rgb)), color.hex) for color in entries)),
        _column("Name", ((name.name, name.name) for name in nearest)),
        _column(
            "ΔE",
            ((f"{name.difference:.1f}", name.difference) for name in nearest),
            kind="number",
            hint="CIEDE2000 from the color of that name",
        ),
        _column(
            "Text on it",
            (
                (f"{'black' if text.hex == '#000000' else 'white'} {text.contrast:.1f}:1", text.contrast)
                for text in texts
            ),
            hint="Black or white, whichever is easier to read (WCAG)",
        ),
        _column("Pixels", ((f"{color.count:,}", color.count) for color in entries), kind="number"),
        _column(
            "Share",
            ((f"{100 * color.share:.1f} %", color.share) for color in entries),
            kind="number",
            drawn="bar",
        ),
    ]
    _palette_table(key=key, data={"columns": columns})


def _column(
    title: str, cells: Iterable[tuple[str, Any]], *, kind: str = "text", drawn: str = "", hint: str = ""
) -> dict[str, Any]:
    """cells: what each shows, and what it is sorted by. drawn: what stands beside it."""
    shown, values = zip(*cells, strict=True)
    return {"title": title, "texts": shown, "values": values, "kind": kind, "drawn": drawn, "help": hint}


@st.cache_data(max_entries=200, show_spinner=False)
def _names(colors: bytes, names: str, _colors: ByteArray) -> list[ColorName]:
    return color_names(_colors, names)
