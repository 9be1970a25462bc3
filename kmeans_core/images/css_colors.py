"""Colors in CSS: parsed by tinycss2, converted as *CSS Color Module Level 4* says."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kmeans_core.images.color_spaces import decode, encode
from kmeans_core.types import FloatArray

# Names of functions that stand for one color.
COLOR_FUNCTIONS = frozenset(("rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color"))
# What CSS has besides, and whose colors depend on something else.
OTHER_FUNCTIONS = frozenset(("color-mix", "light-dark", "device-cmyk", "contrast-color"))

# From the linear light of each space to XYZ with the space's own white (CSS Color 4, sample code).
_TO_XYZ = {
    "srgb": (
        (0.41239079926595934, 0.357584339383878, 0.1804807884018343),
        (0.21263900587151027, 0.715168678767756, 0.07219231536073371),
        (0.01933081871559182, 0.11919477979462598, 0.9505321522496607),
    ),
    "display-p3": (
        (0.4865709486482162, 0.26566769316909306, 0.1982172852343625),
        (0.2289745640697488, 0.6917385218365064, 0.079286914093745),
        (0.0, 0.04511338185890264, 1.043944368900976),
    ),
    "a98-rgb": (
        (0.5766690429101305, 0.1855582379065463, 0.1882286462349947),
        (0.29734497525053605, 0.6273635662554661, 0.07529145849399788),
        (0.02703136138641234, 0.07068885253582723, 0.9913375368376388),
    ),
    "prophoto-rgb": (
        (0.7977666449006423, 0.13518129740053308, 0.0313477341283922),
        (0.2880748288194013, 0.711835234241873, 0.00008993693872564),
        (0.0, 0.0, 0.8251046025104602),
    ),
    "rec2020": (
        (0.6369580483012914, 0.14461690358620832, 0.1688809751641721),
        (0.2627002120112671, 0.6779980715188708, 0.05930171646986196),
        (0.0, 0.028072693049087428, 1.060985057710791),
    ),
}
# Bradford adaptation from the white D50 to D65 (the same source).
_D50_TO_D65 = (
    (0.955473421488075, -0.02309845494876471, 0.06325924320057072),
    (-0.0283697093338637, 1.0099953980813041, 0.021041441191917323),
    (0.012314014864481998, -0.020507649298898964, 1.330365926242124),
)
_OF_D50 = ("prophoto-rgb", "xyz-d50")


class CssColor(NamedTuple):
    """levels: red, green and blue, 0 to 1, beyond that outside sRGB. alpha: 0 to 1. space: by CSS's name."""

    levels: tuple[float, float, float]
    alpha: float
    space: str


def css_color(value: Any) -> CssColor | None:
    """A color as CSS writes it. None if it is none, or stands for one that is not given here.

    Parameters
    ----------
    value : str or component value of tinycss2

    Returns
    -------
    CssColor or None

    Examples
    --------
    >>> css_color("rgb(0 128 0 / 50%)").alpha
    0.5
    >>> css_color("currentcolor") is None
    True
    """
    from tinycss2 import color4

    try:
        found = color4.parse_color(value)
    except (ValueError, TypeError, AttributeError):  # of arguments that are not numbers
        return None
    if found is None or isinstance(found, str):
        return None
    coordinates = [coordinate or 0.0 for coordinate in found.coordinates]
    return CssColor(srgb_of(found.space, coordinates), found.alpha, found.space)


def srgb_of(space: str, coordinates: Sequence[float]) -> tuple[float, float, float]:
    """A color of one of CSS's spaces in sRGB.

    Parameters
    ----------
    space : str
        As in CSS Color 4: "lab", "oklch", "display-p3", …
    coordinates : sequence of 3 floats
        As there: lightness of Lab is 0 to 100, levels of RGB are 0 to 1, angles are in degrees.

    Returns
    -------
    tuple of 3 floats
        0 to 1, beyond that for a color that sRGB does not have.
    """
    from tinycss2.color4 import Color

    color = Color(space, coordinates, 1)
    if space in ("srgb", "hsl", "hwb"):
        return _as_levels(color.to("srgb").coordinates)
    if space in ("lab", "lch"):
        color = color.to("xyz-d50")
    elif space in ("oklab", "oklch"):
        color = color.to("xyz-d65")
    light = np.linalg.inv(_TO_XYZ["srgb"]) @ _xyz(color.space, np.array(color.coordinates))
    return _as_levels(np.sign(light) * encode(np.abs(light)))


def _as_levels(values: Sequence[float] | FloatArray) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _xyz(space: str, values: FloatArray) -> FloatArray:
    """XYZ with the white D65."""
    if space == "srgb-linear":
        values = np.array(_TO_XYZ["srgb"]) @ values
    elif space in _TO_XYZ:
        values = np.array(_TO_XYZ[space]) @ _linear(space, values)
    return np.array(_D50_TO_D65) @ values if space in _OF_D50 else values


def _linear(space: str, values: FloatArray) -> FloatArray:
    size, sign = np.abs(values), np.sign(values)
    if space == "a98-rgb":
        return sign * size ** (563 / 256)
    if space == "prophoto-rgb":
        return sign * np.where(size <= 16 / 512, size / 16, size**1.8)
    if space == "rec2020":
        alpha, beta = 1.09929682680944, 0.018053968510807
        return sign * np.where(size < 4.5 * beta, size / 4.5, ((size + alpha - 1) / alpha) ** (1 / 0.45))
    return sign * decode(size)
