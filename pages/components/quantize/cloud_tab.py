"""The colors of a picture as a cloud in a color space, with their centers."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from kmeans_core.images.color_codes import codes
from kmeans_core.images.color_spaces import SPACES, from_srgb
from kmeans_core.images.palette import Palette, hex_of
from kmeans_core.types import ByteArray, FloatArray
from pages.components.quantize.picked import result_key
from pages.components.quantize.runs import PictureResult, loaded
from pages.components.quantize.source import Source
from pages.components.shared.kept import Kept

# Without a graphics card, 20,000 points took 2.9 s to appear, 6,000 1.5 s.
MAX_DRAWN = 4_000
_MAX_LINKED = 1500
# Where the camera is: across the line of grays, and across the lines from green to yellow and red to blue.
_CAMERAS = ({"x": 1.5, "y": -1.5, "z": 0.7}, {"x": 1.55, "y": 1.55, "z": 0.6})
_AXES = {
    "srgb": ("red", "green", "blue"),
    "linear": ("red light", "green light", "blue light"),
    "lab": ("a*, green to red", "b*, blue to yellow", "L*, lightness"),
    "oklab": ("a, green to red", "b, blue to yellow", "L, lightness"),
}


def cloud_tab(source: Source, base: PictureResult, palette: Palette) -> None:
    """base: the result before exchanges. palette: its colors, with exchanges."""
    space = base.encoded.report.options.space
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Axes",
            SPACES,
            index=list(SPACES).index(space),
            format_func=SPACES.__getitem__,
            key="cloud_space",
            width=180,
            help="sRGB is what files store; distances in CIELAB and OKLab are closer to what people see.",
        )
        painted = st.toggle(
            "Paint by cluster",
            key="cloud_painted",
            persist_state="session",
            help="Draws each point in its palette color.",
        )
        linked = st.toggle(
            "Link to centers",
            key="cloud_linked",
            persist_state="session",
            help=f"Draws a line from each of the {_MAX_LINKED:,} most frequent colors to its center.",
        )
    colors = loaded(source)[1].colors
    if not len(colors):
        st.info("Every pixel is transparent: there are no colors to draw.")
        return
    st.plotly_chart(
        _chart(source, base, palette, chosen, painted=painted, linked=linked),
        key="cloud_chart",
        alt=f"Cloud of the picture's colors in {SPACES[chosen]} with the {len(palette)} centers",
        config={"displayModeBar": False},
    )
    drawn = min(len(colors), MAX_DRAWN)
    count_text = "All" if drawn == len(colors) else f"The {drawn:,} most frequent of"
    st.caption(f"{count_text} {len(colors):,} colors; larger points have more pixels. Drag to rotate.")


def _chart(
    source: Source, base: PictureResult, palette: Palette, space: str, *, painted: bool, linked: bool
) -> go.Figure:
    histogram = loaded(source)[1]
    frequent = np.argsort(-histogram.counts, kind="stable")[:MAX_DRAWN]
    colors, counts = histogram.colors[frequent], histogram.counts[frequent]
    key = (source.sha, result_key(base.encoded))
    labels = _LABELS.get(key, lambda: _labels(source, base))[frequent]
    coordinates, centers = (
        _with_lightness_up(from_srgb(colors, space), space),
        _with_lightness_up(from_srgb(palette.colors, space), space),
    )
    drawn_colors = palette.colors[labels] if painted else colors
    figure = go.Figure()
    figure.add_scatter3d(
        x=coordinates[:, 0],
        y=coordinates[:, 1],
        z=coordinates[:, 2],
        mode="markers",
        marker={
            "size": 2 + 5 * np.sqrt(counts / counts.max()),
            "color": [f"rgb({r},{g},{b})" for r, g, b in drawn_colors.tolist()],
            "opacity": 0.8,
            "line": {"width": 0},
        },
        customdata=counts,
        text=[hex_of(color) for color in colors],
        hovertemplate="%{text}<br>%{customdata:,} pixels<extra></extra>",
        name="colors",
    )
    if linked:
        _add_links(figure, coordinates, centers[labels])
    _add_centers(figure, centers, palette)
    x, y, z = _AXES[space]
    figure.update_layout(
        scene={
            "xaxis": {"title": x, "backgroundcolor": "rgba(0,0,0,0)", "gridcolor": "#8884"},
            "yaxis": {"title": y, "backgroundcolor": "rgba(0,0,0,0)", "gridcolor": "#8884"},
            "zaxis": {"title": z, "backgroundcolor": "rgba(0,0,0,0)", "gridcolor": "#8884"},
            "aspectmode": "cube",
            "camera": {"eye": _CAMERAS[space in ("lab", "oklab")]},
        },
        height=480,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        uirevision=space,  # a rotated cloud stays rotated while its colors change
    )
    return figure


def _add_links(figure: go.Figure, places: FloatArray, ends: FloatArray) -> None:
    """Lines from colors to their centers, of the most frequent ones. places, ends: (n, 3)."""
    some = slice(0, _MAX_LINKED)
    pairs = np.stack([places[some], ends[some], np.full_like(places[some], np.nan)], axis=1)
    line = pairs.reshape(-1, 3)
    figure.add_scatter3d(
        x=line[:, 0],
        y=line[:, 1],
        z=line[:, 2],
        mode="lines",
        line={"color": "rgba(136,136,136,0.5)", "width": 1},
        hoverinfo="skip",
        name="links",
    )


def _add_centers(figure: go.Figure, centers: FloatArray, palette: Palette) -> None:
    figure.add_scatter3d(
        x=centers[:, 0],
        y=centers[:, 1],
        z=centers[:, 2],
        mode="markers",
        marker={
            "size": 11,
            "symbol": "diamond",
            "color": [color.hex for color in palette.entries],
            "line": {"color": "#888", "width": 2},
        },
        text=[color.hex for color in palette.entries],
        customdata=palette.counts,
        hovertemplate="center %{text}<br>%{customdata:,} pixels<extra></extra>",
        name="centers",
    )


_LABELS: Kept[ByteArray] = Kept(lambda labels: labels.nbytes)


def _labels(source: Source, base: PictureResult) -> ByteArray:
    """The index of the palette color of each distinct color; if dithering gave it several, one of them."""
    picture, histogram = loaded(source)
    pixels, indices = picture.pixels.reshape(-1, 3), base.encoded.indices().reshape(-1)
    if picture.visible is not None:
        drawn_colors = picture.visible.reshape(-1)
        pixels, indices = pixels[drawn_colors], indices[drawn_colors]
    labels = np.zeros(len(histogram.colors), dtype=np.uint8)
    labels[histogram.positions()[codes(pixels)]] = indices
    return labels


def _with_lightness_up(points: FloatArray, space: str) -> FloatArray:
    """With lightness, the first coordinate, upwards."""
    return points[:, [1, 2, 0]] if space in ("lab", "oklab") else points
