"""Color spaces to cluster in, and the way to them from 8-bit sRGB and back.

| name | axes | for |
|---|---|---|
| srgb | red, green, blue, 0 to 255 as stored | what files and most tools mean by color |
| linear | red, green, blue, 0 to 1, in proportion to light | mixing as light does |
| lab | L* 0 to 100, a*, b* | distances as people see them, in the classic way |
| oklab | L 0 to 1, a, b | the same, with steadier hues |

Sources: sRGB by IEC 61966-2-1:1999; its primaries and white D65 by ITU-R BT.709, from which the matrix to
CIE XYZ is computed here, so that white is white to the last digit; CIELAB by CIE 15:2018; OKLab by Ottosson,
*A perceptual color space for image processing*, 2020.
"""

from functools import cache

import numpy as np

from kmeans_core.errors import OptionError
from kmeans_core.types import ByteArray, FloatArray

# Chromaticities x, y of red, green, blue and of white.
PRIMARIES = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
WHITE = np.array([0.3127, 0.3290])

# Below this, CIELAB's cube root continues as a straight line.
_EDGE = 6 / 29

# Linear sRGB to the response of cones, and its cube root to lightness and opponent colors.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


# Names → what people call them.
SPACES = {"srgb": "sRGB", "linear": "linear RGB", "lab": "CIELAB", "oklab": "OKLab"}


def from_srgb(colors: ByteArray | FloatArray, space: str) -> FloatArray:
    """sRGB colors as points of a space.

    Parameters
    ----------
    colors : ndarray of uint8 or float64, shape (n, 3)
        0 to 255.
    space : {"srgb", "linear", "lab", "oklab"}

    Returns
    -------
    ndarray of float64, shape (n, 3)
        The head of this module has the ranges of the axes.

    Raises
    ------
    OptionError
        For an unknown space.
    """
    _check(space)
    if space == "srgb":
        return colors.astype(np.float64)
    linear = _linear_of_levels()[colors] if colors.dtype == np.uint8 else decode(colors / 255)
    if space == "lab":
        return _lab_of_linear(linear)
    return _oklab_of_linear(linear) if space == "oklab" else linear


def to_srgb(points: FloatArray, space: str) -> ByteArray:
    """The nearest 8-bit sRGB colors of points of a space.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 3)
    space : {"srgb", "linear", "lab", "oklab"}

    Returns
    -------
    ndarray of uint8, shape (n, 3)
        Channels beyond the gamut are cut off.

    Raises
    ------
    OptionError
        For an unknown space.
    """
    _check(space)
    if space == "lab":
        points = linear_of_lab(points)
    elif space == "oklab":
        points = _linear_of_oklab(points)
    if space != "srgb":
        points = 255 * encode(np.clip(points, 0.0, 1.0))
    levels: ByteArray = np.clip(np.rint(points), 0, 255).astype(np.uint8)
    return levels


def _check(space: str) -> None:
    if space not in SPACES:
        raise OptionError(f"space={space!r} is unknown; use one of: {', '.join(SPACES)}.")


def decode(values: FloatArray) -> FloatArray:
    """Light, 0 to 1, of sRGB values, 0 to 1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encode(light: FloatArray) -> FloatArray:
    """sRGB values, 0 to 1, of light, 0 to 1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055)


@cache
def _linear_of_levels() -> FloatArray:
    return decode(np.arange(256) / 255)


@cache
def _to_xyz() -> FloatArray:
    """Linear sRGB to CIE XYZ, where white has Y = 1."""
    primaries = _xyz(PRIMARIES).T
    return primaries * np.linalg.solve(primaries, _xyz(WHITE[None])[0])


def _xyz(chromaticities: FloatArray) -> FloatArray:
    """With Y = 1."""
    x, y = chromaticities.T
    return np.stack([x / y, np.ones(len(x)), (1 - x - y) / y], axis=1)


def _lab_of_linear(linear: FloatArray) -> FloatArray:
    ratios = _times(linear, _to_xyz() / _to_xyz().sum(axis=1, keepdims=True))
    roots = np.where(ratios > _EDGE**3, np.cbrt(ratios), ratios / (3 * _EDGE**2) + 4 / 29)
    x, y, z = roots.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


@cache
def _inverse(name: str) -> FloatArray:
    """Of the matrix to XYZ, cones or opponents."""
    matrix = {"xyz": _to_xyz(), "cones": _TO_CONES, "opponents": _TO_OPPONENTS}[name]
    inverse: FloatArray = np.linalg.inv(matrix)
    return inverse


def linear_of_lab(points: FloatArray) -> FloatArray:
    """Linear sRGB, (n, 3), of CIELAB with the white D65; beyond 0 to 1 for colors that sRGB does not have."""
    lightness, a, b = points.T
    y = (lightness + 16) / 116
    roots = np.stack([y + a / 500, y, y - b / 200], axis=1)
    ratios = np.where(roots > _EDGE, roots**3, 3 * _EDGE**2 * (roots - 4 / 29))
    return _times(ratios * _to_xyz().sum(axis=1), _inverse("xyz"))


def _oklab_of_linear(linear: FloatArray) -> FloatArray:
    return _times(np.cbrt(_times(linear, _TO_CONES)), _TO_OPPONENTS)


def _linear_of_oklab(points: FloatArray) -> FloatArray:
    return _times(_times(points, _inverse("opponents")) ** 3, _inverse("cones"))


def _times(points: FloatArray, matrix: FloatArray) -> FloatArray:
    """A matrix, (3, 3), times each point, (n, 3). Written out, because a library's product rounds differently
    with the number of points."""
    x, y, z = points.T
    return np.stack([row[0] * x + row[1] * y + row[2] * z for row in matrix], axis=1)
