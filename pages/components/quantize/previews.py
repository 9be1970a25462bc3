"""The two pictures as shown: plain, one color only, or with simulated color vision."""

import io

import numpy as np
import streamlit as st
from PIL import Image

from kmeans_core.images.color_vision import simulate
from kmeans_core.images.palette import Palette
from kmeans_core.images.preview import quantized_preview
from kmeans_core.images.recoloring import exchange_png_colors
from pages.components.quantize.picked import result_key
from pages.components.quantize.runs import PictureResult, original
from pages.components.quantize.source import Source


def original_view(source: Source, vision: str | None) -> bytes:
    """The original as an image file at screen size. vision: one of `VISIONS`, or None."""
    return original(source) if vision is None else _simulated(source.sha, vision, source)


def result_view(result: PictureResult, vision: str | None, only: int | None) -> bytes:
    """The result. only: the index of the one color to show."""
    if vision is None and only is None:
        return result.after
    return _after(result_key(result.encoded), vision, only, result)


def seen_colors(palette: Palette, vision: str | None) -> Palette:
    """The palette with simulated color vision."""
    return palette if vision is None else Palette(simulate(palette.colors, vision), palette.counts)


@st.cache_data(max_entries=20, max_size="60 MB", show_spinner=False)
def _simulated(sha: str, vision: str, _source: Source) -> bytes:
    with Image.open(io.BytesIO(original(_source))) as image:
        pixels = np.array(image.convert("RGBA"))
    pixels[..., :3] = simulate(pixels[..., :3].reshape(-1, 3), vision).reshape(pixels[..., :3].shape)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


@st.cache_data(max_entries=60, max_size="60 MB", show_spinner=False)
def _after(result_name: str, vision: str | None, only: int | None, _result: PictureResult) -> bytes:
    palette = _result.encoded.palette
    colors = seen_colors(palette, vision).colors
    return quantized_preview(exchange_png_colors(_result.encoded.png, palette, colors, only))
