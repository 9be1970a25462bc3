"""The two pictures as shown: plain, one color only, or with simulated color vision."""

import io

import numpy as np
from PIL import Image

from kmeans_core.images.color_vision import simulate
from kmeans_core.images.palette import Palette
from kmeans_core.images.preview import quantized_preview
from kmeans_core.images.recoloring import exchange_png_colors
from pages.components.quantize.picked import result_key
from pages.components.quantize.runs import PictureResult, original
from pages.components.quantize.source import Source
from pages.components.shared.kept import Kept

_VIEWS: Kept[bytes] = Kept(len)


def original_view(source: Source, vision: str | None) -> bytes:
    """The original as an image file at screen size. vision: one of `VISIONS`, or None."""
    shown = original(source)
    return shown if vision is None else _VIEWS.get((source.sha, vision), lambda: _simulated(shown, vision))


def result_view(result: PictureResult, vision: str | None, only: int | None) -> bytes:
    """The result. only: the index of the one color to show."""
    if vision is None and only is None:
        return result.after
    key = (result_key(result.encoded), vision, only)
    return _VIEWS.get(key, lambda: _changed(result, vision, only))


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


def _changed(result: PictureResult, vision: str | None, only: int | None) -> bytes:
    palette = result.encoded.palette
    colors = seen_colors(palette, vision).colors
    return quantized_preview(exchange_png_colors(result.encoded.png, palette, colors, only))
