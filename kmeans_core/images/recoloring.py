"""Exchanging colors of a quantized picture: its pixels stay where they are, their palette changes."""

import io
import math

import numpy as np
from PIL import Image

from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.indexed_png import indexed_png
from kmeans_core.images.palette import Palette
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.images.quality import measure_pixels


def recolored(picture: Picture, encoded: EncodedPicture, colors: ByteArray) -> EncodedPicture:
    """The same with other colors, (k, 3), one for each of its palette, in that order.

    picture: the original, to measure the error anew. Raises OptionError for another number of colors.
    """
    before = encoded.palette
    if colors.shape != before.colors.shape:
        raise OptionError(f"{len(colors)} colors are given for a palette of {len(before)}; give as many.")
    indices = encoded.indices()
    quality = measure_pixels(picture, colors, indices)
    png = recolored_png(encoded.png, before, colors)
    palette = Palette(colors, before.counts)
    report = {
        **encoded.report,
        "mse": quality.mse,
        "psnr": None if math.isinf(quality.psnr) else quality.psnr,
        "palette": [{"hex": c.hex, "count": c.count, "share": c.share} for c in palette.entries],
        "output_bytes": len(png),
        "compression_ratio": picture.input_bytes / len(png),
        "raw_compression_ratio": encoded.report["raw_compression_ratio"] * len(encoded.png) / len(png),
    }
    return EncodedPicture(png, palette, encoded.history, report)


def recolored_png(png: bytes, palette: Palette, colors: ByteArray, only: int | None = None) -> bytes:
    """The PNG of a quantized picture with other colors, (k, 3). only: the index of the one color to show."""
    encoded = EncodedPicture(png, palette, (), {})
    indices = encoded.indices()
    with Image.open(io.BytesIO(png)) as image:
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    if only is not None:
        alpha = np.where(indices == only, alpha, np.uint8(0))
    return indexed_png(colors, indices, None if alpha.min() == 255 else alpha)
