"""Exchanging colors of a quantized picture: the indices stay, the palette changes."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import EncodedPicture, indices_of
from kmeans_core.images.indexed_png import indexed_png
from kmeans_core.images.palette import Palette
from kmeans_core.images.picture import Picture
from kmeans_core.images.quality import measure_pixel_quality
from kmeans_core.types import ByteArray


def exchange_colors(picture: Picture, encoded: EncodedPicture, colors: ByteArray) -> EncodedPicture:
    """The same picture with other colors, (k, 3), in the order of its palette.

    picture: the original, to compute the error again. Raises OptionError for another number of colors.
    """
    before = encoded.palette
    if colors.shape != before.colors.shape:
        raise OptionError(
            f"{len(colors)} colors are given for a palette of {len(before)}; give {len(before)}."
        )
    indices = encoded.indices()
    quality = measure_pixel_quality(picture, colors, indices)
    png = exchange_png_colors(encoded.png, before, colors)
    report = replace(
        encoded.report,
        palette=Palette(colors, before.counts),
        mse=quality.mse,
        psnr=quality.psnr,
        output_bytes=len(png),
    )
    return replace(encoded, png=png, report=report)


def exchange_png_colors(png: bytes, palette: Palette, colors: ByteArray, only: int | None = None) -> bytes:
    """The PNG of a quantized picture with other colors, (k, 3). only: the index of the one color to show."""
    indices = indices_of(png, palette)
    with Image.open(io.BytesIO(png)) as image:
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    if only is not None:
        alpha = np.where(indices == only, alpha, np.uint8(0))
    return indexed_png(colors, indices, None if alpha.min() == 255 else alpha)
