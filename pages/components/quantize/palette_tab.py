"""The palette of a result: its colors with names and contrasts, work on one of them, and files of them."""

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st

from kmeans_core.images.color_names import NAME_LISTS
from kmeans_core.images.color_vision import VISIONS
from kmeans_core.images.contrast import contrast_ratios, grade
from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.palette import Palette
from kmeans_core.images.palette_files import PALETTE_FORMATS
from kmeans_core.images.palette_order import ORDERS, palette_order
from kmeans_core.types import IndexArray
from kmeans_core.wording import number_text
from pages.components.quantize.edits import exchange, exchanges_now, toggle_lock, undo_all
from pages.components.quantize.locked import locked_now
from pages.components.quantize.palette_table import palette_table
from pages.components.quantize.picked import pick, picked
from pages.components.quantize.runs import PictureResult
from pages.components.quantize.source import Source

_ORDER, _VISION = "palette_order", "vision"
_MAX_PAIRS = 24
_NORMAL_VISION = "all"
_VISION_TITLES = {_NORMAL_VISION: "All kinds of cones", **VISIONS}


def link_names() -> dict[str, list[str]]:
    """What the settings in a link may say."""
    return {
        _ORDER: list(ORDERS.values()),
        _VISION: list(_VISION_TITLES.values()),
        "color_names": list(NAME_LISTS.values()),
    }


def shown_order(palette: Palette) -> IndexArray:
    """The order in which the colors are laid out, as chosen in the tab, which may not be open."""
    return palette_order(palette, _chosen(_ORDER, ORDERS) or "share")


def chosen_vision() -> str | None:
    """The color vision that is simulated, as chosen in the tab."""
    vision = _chosen(_VISION, _VISION_TITLES)
    return vision if vision in VISIONS else None


def _chosen(key: str, titles: Mapping[str, str]) -> str | None:
    """What a list of the tab says; before the tab is drawn for the first time, what the link says."""
    if key in st.session_state:
        chosen: str | None = st.session_state[key]
        return chosen
    linked = st.query_params.get(key)
    return next((name for name, title in titles.items() if title == linked), None)


def palette_tab(source: Source, base: PictureResult, result: PictureResult, *, can_lock: bool) -> None:
    """base: the result before exchanges. result: the same with exchanged colors."""
    palette = result.encoded.palette
    with st.grid(3, min_column_width=180):
        st.selectbox(
            "Order",
            ORDERS,
            format_func=ORDERS.__getitem__,
            key=_ORDER,
            bind="query-params",
            persist_state="session",
            help="Order of the strip, the table and the files. A smooth strip goes from dark to light in "
            "small steps.",
        )
        names = st.selectbox(
            "Names",
            NAME_LISTS,
            format_func=NAME_LISTS.__getitem__,
            key="color_names",
            bind="query-params",
            persist_state="session",
            help="CSS has 148 names, the xkcd survey 949. ΔE is the difference from the nearest named color "
            "(CIEDE2000).",
        )
        st.selectbox(
            "Seen with",
            _VISION_TITLES,
            format_func=_VISION_TITLES.__getitem__,
            key=_VISION,
            bind="query-params",
            persist_state="session",
            help="Shows both pictures as people with a color vision deficiency see them. Files do not "
            "change.",
        )
    order = shown_order(palette)
    _one_color(base, result, can_lock=can_lock)
    palette_table(Palette(palette.colors[order], palette.counts[order]), names, key="palette_table")
    if 1 < len(palette) <= _MAX_PAIRS:
        pairs = st.expander(
            "Contrast of each pair", icon=":material/contrast:", key="contrast_pairs", on_change="rerun"
        )
        if pairs.open:
            with pairs:
                _pairs(Palette(palette.colors[order], palette.counts[order]))
    _downloads(source, result.encoded, order)


def _one_color(base: PictureResult, result: PictureResult, *, can_lock: bool) -> None:
    """Controls for the picked color."""
    index = picked(base)
    if index is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Click a color of the strip or the picture to copy, lock, exchange or see it alone.")
            if exchanges_now():
                _undo_button()
        return
    color = result.encoded.palette.entries[index]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"exchange_{index}_{base.encoded.palette.entries[index].hex}"
        st.session_state[key] = color.hex
        st.color_picker(
            f"Exchange {color.hex}",
            key=key,
            on_change=lambda: exchange(base, index, color.hex, st.session_state[key]),
            help="Stays with other numbers of colors, where the palette has a color like it.",
            width="content",
        )
        locked = color.hex in locked_now()
        st.button(
            "Unlock" if locked else "Lock",
            icon=":material/lock_open:" if locked else ":material/lock:",
            on_click=toggle_lock,
            args=(color.hex,),
            disabled=not can_lock,
            key="lock_color",
            help="A locked color stays exactly as it is when the number of colors or anything else changes.",
        )
        st.button("Show all", icon=":material/layers:", on_click=pick, args=(base, None), key="show_all")
        if exchanges_now():
            _undo_button()


def _undo_button() -> None:
    st.button("Undo exchanges", icon=":material/undo:", on_click=undo_all, key="undo_exchanges")


def _pairs(palette: Palette) -> None:
    ratios = contrast_ratios(palette.colors, palette.colors)
    names = [color.hex for color in palette.entries]
    figure = go.Figure(
        go.Heatmap(
            z=ratios,
            x=names,
            y=names,
            zmin=1,
            zmax=21,
            colorscale=[(0, "#f3f3f3"), (0.175, "#c9d8e8"), (1, "#3f78ad")],
            text=[[number_text(ratio) for ratio in row] for row in ratios],
            texttemplate="%{text}",
            customdata=[[grade(ratio) for ratio in row] for row in ratios],
            hovertemplate="%{x} on %{y}<br>%{z:.2f}:1, %{customdata}<extra></extra>",
            showscale=False,
        )
    )
    figure.update_layout(
        height=90 + 28 * len(names),
        yaxis={"autorange": "reversed", "type": "category"},
        xaxis={"side": "top", "type": "category"},
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
    )
    st.plotly_chart(
        figure,
        key="contrast_chart",
        alt="Table of the contrast of each color with each other",
        config={"displayModeBar": False},
    )
    st.caption("Text needs 4.5:1 (WCAG level AA), large text 3:1.")


def _downloads(source: Source, encoded: EncodedPicture, order: IndexArray) -> None:
    palette = Palette(encoded.palette.colors[order], encoded.palette.counts[order])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Format",
            PALETTE_FORMATS,
            format_func=lambda name: f"{PALETTE_FORMATS[name].title}, for {PALETTE_FORMATS[name].program}",
            key="palette_format",
            width=320,
        )
        chosen = PALETTE_FORMATS[kind]
        st.download_button(
            f"Download {chosen.title}",
            chosen.write(palette, source.name),
            f"{source.stem}-palette-{len(palette)}{chosen.suffix}",
            chosen.mime,
            key="download_palette",
            on_click="ignore",
            icon=":material/download:",
        )
