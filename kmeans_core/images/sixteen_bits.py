"""All 16 bits of color samples, of which Pillow keeps the upper eight."""

import io
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

_OTHER = "B" if sys.byteorder == "little" else "L"
# Pillow's name for how samples are stored → the name for the other order of bytes. Read that way, the lower
# byte of each sample comes where the upper one is.
_SWAPPED = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGBA;16B": "RGBA;16L",
    "RGBA;16L": "RGBA;16B",
    "RGB;16N": f"RGB;16{_OTHER}",
    "RGBA;16N": f"RGBA;16{_OTHER}",
}
# Gray with alpha: four bytes, as of an 8-bit color with alpha.
_GRAY_WITH_ALPHA = "LA;16B"


def has_sixteen_bits(image: ImageFile.ImageFile) -> bool:
    """Whether the color samples of a picture that is not decoded yet have 16 bits, and all can be had."""
    stored = {_stored(tile.args) for tile in image.tile}
    return len(stored) == 1 and stored <= {*_SWAPPED, _GRAY_WITH_ALPHA}


def sixteen_bit_samples(image: Image.Image, data: bytes) -> NDArray[np.uint16]:
    """The samples of a picture as its file has them, not turned.

    Parameters
    ----------
    image : PIL.Image.Image
        Decoded, with 16 bits in its file.
    data : bytes
        The file.

    Returns
    -------
    ndarray of uint16, shape (height, width, 2, 3 or 4)
        Gray with alpha, RGB or RGB with alpha.
    """
    again = Image.open(io.BytesIO(data), formats=[str(image.format)])
    if _stored(again.tile[0].args) == _GRAY_WITH_ALPHA:
        again.tile = [tile._replace(args="RGBA") for tile in again.tile]
        return np.asarray(again).view(">u2").astype(np.uint16)
    again.tile = [tile._replace(args=_swapped(tile.args)) for tile in again.tile]
    samples = np.asarray(image).astype(np.uint16)
    samples *= 256
    samples += np.asarray(again)
    return samples


def _stored(args: Any) -> str:
    found = args[0] if isinstance(args, tuple) else args
    return found if isinstance(found, str) else ""


def _swapped(args: Any) -> Any:
    stored = _SWAPPED[_stored(args)]
    return (stored, *args[1:]) if isinstance(args, tuple) else stored
