"""How readable text of one color is on another (WCAG 2.2, success criterion 1.4.3)."""

from dataclasses import dataclass

import numpy as np

from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.types import ByteArray, FloatArray

# What text needs, and large text; what text needs for level AAA.
AA, AA_LARGE, AAA = 4.5, 3.0, 7.0

_BLACK_AND_WHITE = np.array([[0, 0, 0], [255, 255, 255]], dtype=np.uint8)


@dataclass(frozen=True)
class TextColor:
    """hex: black or white, whichever reads better. contrast: of the two, 1 to 21."""

    hex: str
    contrast: float


def relative_luminance(colors: ByteArray) -> FloatArray:
    """Light of each color, (n, 3), as a share of white's: (n,), 0 to 1."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    luminance: FloatArray = (from_srgb(colors, "linear") * weights).sum(axis=1)
    return luminance


def contrast_ratios(first: ByteArray, second: ByteArray) -> FloatArray:
    """Contrast of each of (n, 3) with each of (m, 3): (n, m), from 1, alike, to 21, black on white."""
    one, other = relative_luminance(first)[:, None], relative_luminance(second)[None]
    ratios: FloatArray = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
    return ratios


def text_colors(backgrounds: ByteArray) -> list[TextColor]:
    """Black or white on each color, (n, 3)."""
    ratios = contrast_ratios(backgrounds, _BLACK_AND_WHITE)
    return [
        TextColor("#000000", float(black)) if black >= white else TextColor("#ffffff", float(white))
        for black, white in ratios
    ]


def grade(contrast: float) -> str:
    """What a contrast is enough for, in the words of WCAG."""
    for min_contrast, name in ((AAA, "AAA"), (AA, "AA"), (AA_LARGE, "AA for large text")):
        if contrast >= min_contrast:
            return name
    return "too little for text"
