"""Colors as 24-bit codes, red·2¹⁶ + green·2⁸ + blue: one number a color, to sort, find and look up by."""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.types import ByteArray


def codes(colors: ByteArray) -> NDArray[np.uint32]:
    """(…, 3) colors as codes, (…)."""
    codes = colors[..., 0].astype(np.uint32)
    codes <<= 8
    codes |= colors[..., 1]
    codes <<= 8
    codes |= colors[..., 2]
    return codes


def colors_of(codes: NDArray[np.integer]) -> ByteArray:
    """(m,) codes as colors, (m, 3): what `codes()` was given."""
    return np.stack([codes >> 16, (codes >> 8) & 255, codes & 255], axis=1).astype(np.uint8)
