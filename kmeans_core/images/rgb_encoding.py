"""What red, green and blue of a file stand for: a curve from numbers to light, and the primaries' colors.

Sources: numbers of primaries and curves by ITU-T H.273 (2024); adaptation to another white by Bradford, as in
ICC.1:2022, annex E; curves of displays for those of cameras, as Chromium has them (BT.1886: a power of 2.4).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kmeans_core.images.color_spaces import PRIMARIES, WHITE, decode, encode
from kmeans_core.types import ByteArray, FloatArray

Curve = Callable[[FloatArray], FloatArray]

# The white of the space that color profiles connect in, D50 (ICC.1:2022, 7.2.16).
D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

_D65, _C, _E = (0.3127, 0.3290), (0.310, 0.316), (1 / 3, 1 / 3)
# By number in H.273: name, then x and y of red, green, blue and white.
_PRIMARIES: dict[int, tuple[str, Sequence[tuple[float, float]]]] = {
    1: ("BT.709", ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65)),
    4: ("BT.470 M", ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C)),
    5: ("BT.601 with 625 lines", ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65)),
    6: ("BT.601 with 525 lines", ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    7: ("SMPTE 240", ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    8: ("film", ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C)),
    9: ("BT.2020", ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)),
    10: ("XYZ", ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), _E)),
    11: ("DCI-P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351))),
    12: ("Display P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65)),
    22: ("EBU 3213", ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65)),
}
# By number in H.273: the power of a curve, 1 for linear light, or 0 for the curve of sRGB.
_POWERS = {1: 2.4, 4: 2.2, 5: 2.8, 6: 2.4, 8: 1.0, 11: 2.4, 13: 0.0, 14: 2.4, 15: 2.4}
# Of cameras; what is shown goes through the curve of a display.
CAMERA_CURVES = (1, 6, 14, 15)
SRGB_CURVE = 13
_HDR = {16: "PQ", 18: "HLG"}
# How far a power may be from 2.2, as a share, and still be what people write for sRGB.
_NEAR = 0.05
# A triangle of primaries with twice this area is a line.
_FLAT = 1e-4


@dataclass(frozen=True, eq=False)
class RgbEncoding:
    """How the numbers of a file become light.

    Attributes
    ----------
    source : str
        Where that was found, for a note: "the color profile Linear".
    curves : tuple of 1 or 3 functions
        From stored values, 0 to 1, to linear light, 0 to 1: one for all channels, or one each.
    to_srgb : ndarray of float64, shape (3, 3), or None
        From the linear light of its primaries to that of sRGB's; None where they are the same.
    """

    source: str
    curves: tuple[Curve, ...]
    to_srgb: FloatArray | None = None


def of_code_points(primaries: int, transfer: int, source: str) -> RgbEncoding | None:
    """The encoding that two numbers of H.273 stand for; None for sRGB. Raises LookupError for others."""
    if primaries == 2 or transfer == 2 or (primaries, transfer) == (1, 13):  # 2 is: not said
        return None
    if transfer in _HDR:
        raise LookupError(f"high dynamic range ({_HDR[transfer]})")
    if primaries not in _PRIMARIES or transfer not in _POWERS:
        raise LookupError(f"primaries {primaries} and curve {transfer} of H.273")
    name, chromaticities = _PRIMARIES[primaries]
    power = _POWERS[transfer]
    curve = _named(power) if power else "curve of sRGB"
    matrix = _from_primaries(chromaticities)
    return RgbEncoding(f"{source} ({name}, {curve})", (_power(power) if power else decode,), matrix)


def of_gamma(
    power: float, chromaticities: Sequence[tuple[float, float]] | None, source: str
) -> RgbEncoding | None:
    """The encoding of a power and of x and y of red, green, blue and white; None for sRGB.

    Without chromaticities a power near 2.2 is taken for the curve of sRGB, as browsers do. Raises
    ValueError for chromaticities that no colors have.
    """
    if chromaticities is None and abs(2.2 / power - 1) <= _NEAR:
        return None
    matrix = _from_primaries(chromaticities) if chromaticities else None
    return RgbEncoding(f"{source} ({_named(power)})", (_power(power),), matrix)


def of_colorants(curves: tuple[Curve, ...], colorants: FloatArray | None, source: str) -> RgbEncoding:
    """The encoding of a color profile. colorants: (3, 3), XYZ of red, green and blue under D50 as columns."""
    matrix = None if colorants is None else np.linalg.inv(_to_xyz_d50(_SRGB)) @ colorants
    return RgbEncoding(source, curves, matrix)


def levels_in_srgb(samples: NDArray[Any], encoding: RgbEncoding, most: int) -> ByteArray:
    """8-bit sRGB levels of stored samples.

    Parameters
    ----------
    samples : ndarray of uint8 or uint16, shape (height, width) or (height, width, 3)
        0 to `most`. Gray has no primaries: its light is equally red, green and blue.
    encoding : RgbEncoding
    most : int
        The largest value, 255 or 65535 as a rule.

    Returns
    -------
    ndarray of uint8, shape of `samples`
        Colors outside sRGB are cut off at its edge.
    """
    stored = np.arange(most + 1) / most
    lights = [np.clip(curve(stored), 0, 1) for curve in encoding.curves]
    if samples.ndim == 2 or encoding.to_srgb is None:
        tables = [np.rint(255 * encode(light)).astype(np.uint8) for light in lights]
        if len(tables) == 1:
            levels: ByteArray = tables[0][samples]
            return levels
        return np.stack([table[samples[..., at]] for at, table in enumerate(tables)], axis=-1)
    levels = np.empty(samples.shape, dtype=np.uint8)
    tables = [light.astype(np.float32) for light in (lights * 3)[:3]]
    matrix = encoding.to_srgb.T.astype(np.float32)
    # Steps of light are as fine as 0.05 levels where sRGB is steepest.
    encoded = np.rint(255 * encode(np.arange(65536) / 65535)).astype(np.uint8)
    for row, line in enumerate(samples):
        light = np.stack([table[line[:, at]] for at, table in enumerate(tables)], axis=-1) @ matrix
        levels[row] = encoded[np.rint(np.clip(light, 0, 1) * 65535).astype(np.uint16)]
    return levels


def _named(power: float) -> str:
    return "linear light" if power == 1 else f"gamma {power:.3g}"


def _power(power: float) -> Curve:
    return lambda stored: stored**power


def _from_primaries(chromaticities: Sequence[tuple[float, float]]) -> FloatArray | None:
    """From their linear light to that of sRGB, white to white; None where they are those of sRGB."""
    if np.allclose(chromaticities, _SRGB, atol=1e-4):
        return None
    matrix: FloatArray = np.linalg.inv(_to_xyz_d50(_SRGB)) @ _to_xyz_d50(chromaticities)
    return matrix


def _to_xyz_d50(chromaticities: Sequence[tuple[float, float]]) -> FloatArray:
    """From linear light to XYZ, adapted to the white D50. Raises ValueError if they are no colors' own."""
    xyz = np.array([(x, y, 1 - x - y) for x, y in chromaticities]).T
    if xyz[1, 3] <= 0 or abs(np.linalg.det(xyz[:, :3])) < _FLAT:
        raise ValueError("a white without light, or primaries on a line")
    white = xyz[:, 3] / xyz[1, 3]
    to_xyz = xyz[:, :3] * np.linalg.solve(xyz[:, :3], white)
    adapted = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ D50) / (_BRADFORD @ white)) @ _BRADFORD
    matrix: FloatArray = adapted @ to_xyz
    return matrix


_SRGB: Sequence[tuple[float, float]] = [*map(tuple, PRIMARIES), tuple(WHITE)]
