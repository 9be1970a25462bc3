"""The two pictures as shown: plain, one color only, or with simulated color vision."""

import io

import numpy as np
import streamlit as st
from PIL import Image

from kmeans_core.images.color_vision import simulate
from kmeans_core.images.palette import Palette
from kmeans_core.images.preview import original_png, quantized_preview
from kmeans_core.images.recoloring import exchange_png_colors
from pages.components.quantize.picked import result_key
from pages.components.quantize.runs import PictureResult, loaded, original
from pages.components.quantize.source import Source
from pages.components.shared.kept import Kept

_VIEWS: Kept[bytes] = Kept(len)
_DETAILED = "detailed_picture"


def ask_for_detail(source: Source) -> None:
    """All pixels of a picture that is larger than a screen, for somebody who looks into it."""
    st.session_state[_DETAILED] = source.sha


def is_detailed(source: Source, vision: str | None) -> bool:
    """Whether all pixels are to be shown; with simulated color vision that would take too much memory."""
    return vision is None and st.session_state.get(_DETAILED) == source.sha


def original_view(source: Source, vision: str | None, *, whole: bool) -> bytes:
    """The original as an image file. vision: one of `VISIONS`, or None. whole: not only at screen size."""

    def make() -> bytes:
        shown = original_png(loaded(source)[0]) if whole else original(source)
        return shown if vision is None else _simulated(shown, vision)

    return _VIEWS.get((source.sha, vision, whole), make) if vision or whole else original(source)


def result_view(result: PictureResult, vision: str | None, only: int | None, *, whole: bool) -> bytes:
    """The result. only: the index of the one color to show. The rest as of `original_view()`."""
    if vision is None and only is None:
        return result.encoded.png if whole else result.after
    key = (result_key(result.encoded), vision, only, whole)
    return _VIEWS.get(key, lambda: _changed(result, vision, only, whole=whole))


def seen_colors(palette: Palette, vision: str | None) -> Palette:
    """The palette with simulated color vision."""
    return palette if vision is None else Palette(simulate(palette.colors, vision), palette.counts)


def _simulated(shown: bytes, vision: str) -> bytes:
    with Image.open(io.BytesIO(shown)) as image:
        pixels = np.array(image.convert("RGBA"))
    pixels[..., :3] = simulate(pixels[..., :3].reshape(-1, 3), vision).reshape(pixels[..., :3].shape)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _changed(result: PictureResult, vision: str | None, only: int | None, *, whole: bool) -> bytes:
    palette = result.encoded.palette
    colors = seen_colors(palette, vision).colors
    png = exchange_png_colors(result.encoded.png, palette, colors, only)
    return png if whole else quantized_preview(png)
