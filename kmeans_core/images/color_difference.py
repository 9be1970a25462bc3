"""How different two colors look: CIEDE2000.

Source: Sharma, Wu and Dalal, *The CIEDE2000 color-difference formula: implementation notes, supplementary
test data, and mathematical observations*, Color Research and Application 30 (2005). A difference of 1
is about as much as people can see side by side.
"""

import numpy as np

from kmeans_core.types import FloatArray

_TWENTY_FIVE_TO_THE_SEVENTH = 25.0**7


def ciede2000(first: FloatArray, second: FloatArray) -> FloatArray:
    """Differences, (n,), of colors in CIELAB, (n, 3) and (n, 3), with all weights 1."""
    lightness1, a1, b1 = np.asarray(first, dtype=np.float64).T
    lightness2, a2, b2 = np.asarray(second, dtype=np.float64).T

    # Grays are moved apart along a*.
    stretch = 1 + 0.5 * (1 - _chroma_share((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    a1, a2 = stretch * a1, stretch * a2
    chroma1, chroma2 = np.hypot(a1, b1), np.hypot(a2, b2)
    hue1, hue2 = _hue(a1, b1), _hue(a2, b2)
    colorful = chroma1 * chroma2 != 0

    turn = hue2 - hue1
    turn = np.where(turn > 180, turn - 360, np.where(turn < -180, turn + 360, turn))
    turn = np.where(colorful, turn, 0.0)
    lightness, chroma = lightness2 - lightness1, chroma2 - chroma1
    hue = 2 * np.sqrt(chroma1 * chroma2) * _sin(turn / 2)

    mean_lightness, mean_chroma = (lightness1 + lightness2) / 2, (chroma1 + chroma2) / 2
    both = hue1 + hue2
    around = np.where(both < 360, both + 360, both - 360)
    mean_hue = np.where(np.abs(hue1 - hue2) <= 180, both, around) / 2
    mean_hue = np.where(colorful, mean_hue, both)

    weight = (
        1
        - 0.17 * _cos(mean_hue - 30)
        + 0.24 * _cos(2 * mean_hue)
        + 0.32 * _cos(3 * mean_hue + 6)
        - 0.20 * _cos(4 * mean_hue - 63)
    )
    from_mid_lightness = (mean_lightness - 50) ** 2
    lightness = lightness / (1 + 0.015 * from_mid_lightness / np.sqrt(20 + from_mid_lightness))
    chroma = chroma / (1 + 0.045 * mean_chroma)
    hue = hue / (1 + 0.015 * mean_chroma * weight)
    in_blue = 30 * np.exp(-(((mean_hue - 275) / 25) ** 2))
    rotation = -_sin(2 * in_blue) * 2 * _chroma_share(mean_chroma)
    squared = lightness**2 + chroma**2 + hue**2 + rotation * chroma * hue
    difference: FloatArray = np.sqrt(np.maximum(squared, 0.0))
    return difference


def _chroma_share(chroma: FloatArray) -> FloatArray:
    power = chroma**7
    share: FloatArray = np.sqrt(power / (power + _TWENTY_FIVE_TO_THE_SEVENTH))
    return share


def _hue(a: FloatArray, b: FloatArray) -> FloatArray:
    """In degrees, 0 to 360; 0 for gray."""
    return np.degrees(np.arctan2(b, a)) % 360


def _sin(degrees: FloatArray) -> FloatArray:
    values: FloatArray = np.sin(np.radians(degrees))
    return values


def _cos(degrees: FloatArray) -> FloatArray:
    values: FloatArray = np.cos(np.radians(degrees))
    return values
