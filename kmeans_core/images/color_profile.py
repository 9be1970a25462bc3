"""Color profiles (ICC.1:2022) that are curves and primaries, for pictures of 16 bits.

Pillow hands pictures of 8 bits to LittleCMS, and no others. Profiles with tables of colors, such as those of
printers, are not read here.
"""

import struct

import numpy as np

from kmeans_core.images.rgb_encoding import Curve, RgbEncoding, of_colorants
from kmeans_core.types import FloatArray

_CURVES = {b"RGB ": (b"rTRC", b"gTRC", b"bTRC"), b"GRAY": (b"kTRC",)}
_COLORANTS = (b"rXYZ", b"gXYZ", b"bXYZ")
_TABLE = b"A2B0"
# How many numbers each kind of parametric curve has (10.18), and which of g, a, b, c, d, e, f they are.
_PARAMETERS = {0: "g", 1: "gab", 2: "gabc", 3: "gabcd", 4: "gabcdef"}


def of_profile(profile: bytes, is_gray: bool, source: str) -> RgbEncoding | None:
    """The encoding a profile describes.

    Parameters
    ----------
    profile : bytes
        As embedded in a file.
    is_gray : bool
        Whether the picture is.
    source : str
        For `RgbEncoding.source`.

    Returns
    -------
    RgbEncoding or None
        None if it is damaged, for pictures of another kind, or has tables of colors.
    """
    try:
        tags = _tags(profile)
        space = profile[16:20]
        if (space == b"GRAY") != is_gray or space not in _CURVES or _TABLE in tags:
            return None
        curves = tuple(_curve(tags[name]) for name in _CURVES[space])
        return of_colorants(curves, None if is_gray else _colorants(tags), source)
    except (struct.error, KeyError, ValueError):
        return None


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * at) for at in range(min(count, 200)))
    return {name: profile[start : start + size] for name, start, size in entries}


def _colorants(tags: dict[bytes, bytes]) -> FloatArray:
    columns = [struct.unpack_from(">3i", tags[name], 8) for name in _COLORANTS]
    return np.array(columns).T / 65536


def _curve(tag: bytes) -> Curve:
    kind = tag[:4]
    if kind == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        values = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
        if count < 2:
            power = values[0] / 256 if count else 1.0
            return lambda stored: stored**power
        places = np.linspace(0, 1, count)
        return lambda stored: np.interp(stored, places, values / 65535)
    if kind == b"para":
        names = _PARAMETERS[struct.unpack_from(">H", tag, 8)[0]]
        numbers = struct.unpack_from(f">{len(names)}i", tag, 12)
        given = {name: number / 65536 for name, number in zip(names, numbers, strict=True)}
        return lambda stored: _parametric(stored, **given)
    raise ValueError(f"{kind!r} is no curve")


def _parametric(
    stored: FloatArray,
    g: float,
    a: float = 1.0,
    b: float = 0.0,
    c: float = 0.0,
    d: float | None = None,
    e: float = 0.0,
    f: float = 0.0,
) -> FloatArray:
    """The five curves of table 68 as one: a power from d on, a line before."""
    if d is None:
        # Where there is no d, it is where the power begins, and c is what it is lifted by.
        return np.asarray(np.maximum(a * stored + b, 0) ** g + c)
    power = np.maximum(a * stored + b, 0) ** g + e
    return np.where(stored >= d, power, c * stored + f)
