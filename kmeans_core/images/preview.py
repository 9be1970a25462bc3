"""Smaller copies of pictures for a screen, without a single new color."""

import io
import zlib

import numpy as np
from PIL import Image

from kmeans_core.images.perceptual_quality import PerceptualQuality, error_map
from kmeans_core.images.picture import Picture
from kmeans_core.images.quick_png import quick_png
from kmeans_core.types import ByteArray

# Wider than any column a page shows a picture in, on a screen of high density.
MAX_PIXELS_WIDE = 1600


def original_preview(picture: Picture) -> bytes:
    """The picture as a lossless PNG at screen size, with its transparency.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    bytes
        At most `MAX_PIXELS_WIDE` pixels wide and high; of a larger picture, every n-th pixel.
    """
    return quick_png(np.asarray(_shrunk(Image.fromarray(_with_alpha(picture)))))


def original_png(picture: Picture) -> bytes:
    """The picture as a lossless PNG, with its transparency and all of its pixels."""
    return quick_png(_with_alpha(picture))


def _with_alpha(picture: Picture) -> ByteArray:
    pixels = picture.pixels
    return pixels if picture.alpha is None else np.dstack([pixels, picture.alpha])


def quantized_preview(png: bytes) -> bytes:
    """An indexed PNG at screen size.

    Parameters
    ----------
    png : bytes
        A file as of `QuantizedPicture.png_bytes()`.

    Returns
    -------
    bytes
        The same file if it is small enough, else every n-th pixel of it, without a single new color.
    """
    with Image.open(io.BytesIO(png)) as image:
        if max(image.size) <= MAX_PIXELS_WIDE:
            return png
        return _encoded(_shrunk(image))


def thumbnail(file: bytes, size: int = 96) -> bytes:
    """An image file no wider and no higher than `size`, as a PNG; of a large one, every n-th pixel."""
    with Image.open(io.BytesIO(file)) as image:
        return _encoded(_shrunk(image, size))


def error_preview(quality: PerceptualQuality) -> bytes:
    """Where a result differs from its original, as a PNG at screen size: from black over red and yellow to
    white."""
    shades = np.arange(256)
    heat = np.stack([np.clip(3 * shades - 255 * channel, 0, 255) for channel in range(3)], axis=1)
    image = Image.fromarray(error_map(quality), mode="P")
    image.putpalette(heat.astype(np.uint8).tobytes())
    return _encoded(_shrunk(image))


def _shrunk(image: Image.Image, max_side: int = MAX_PIXELS_WIDE) -> Image.Image:
    factor = max(image.size) / max_side
    if factor <= 1:
        return image
    size = (max(1, round(image.width / factor)), max(1, round(image.height / factor)))
    # Picks pixels; every other method blends neighbors into colors that are not in the palette.
    return image.resize(size, Image.Resampling.NEAREST)


def _encoded(image: Image.Image) -> bytes:
    file = io.BytesIO()
    transparency = image.info.get("transparency")
    options = {} if transparency is None else {"transparency": transparency}
    # For the screen only: fast to write matters more than small.
    image.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE, **options)
    return file.getvalue()
