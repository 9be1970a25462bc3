"""Gray of more than 8 bits: 16 bits, 12, 32, and floating point."""

from collections.abc import Mapping
from contextlib import suppress
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kmeans_core.images.rgb_encoding import RgbEncoding, levels_in_srgb
from kmeans_core.types import RealArray

# Tags of TIFF 6.0, and GDAL's for what stands for a missing value.
_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT, _NO_DATA = 258, 262, 339, 42113
_WHITE_IS_ZERO, _UNSIGNED = 0, 1
_FARTHEST = 0.999 * np.finfo(np.float32).max


def from_deep_gray(image: Image.Image, encoding: RgbEncoding | None, notes: list[str]) -> Image.Image:
    """The picture as RGB, with what is not there hidden. Pillow's own conversion cuts off all above 255.

    Values are scaled from the range of their type to 8 bits; 32 bits and floats, whose range says nothing,
    from the lowest to the highest of the picture, whatever `encoding` says. `notes` gets what was done.
    """
    tags = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    bits = _first(tags.get(_BITS), 16)
    if image.mode == "I" and bits == 32 and _first(tags.get(_SAMPLE_FORMAT), 0) == _UNSIGNED:
        values = values.view(np.uint32)
    hidden = _hidden(image, values, tags)
    shown = values if hidden is None else values[~hidden]
    low, high = (shown.min(), shown.max()) if shown.size else (0, 0)
    is_sixteen = image.mode.startswith("I;16") or image.format == "PPM"
    is_negative = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if image.mode == "F" or low < 0 or high > 65535:
        span = float(high) - float(low)
        scaled = np.rint((values.astype(np.float64) - float(low)) * (255 / span if span else 0))
        scaled = np.clip(np.nan_to_num(scaled), 0, 255)
        notes.append(f"Gray values from {low:.4g} to {high:.4g} were scaled to 8 bits.")
    elif high > 255 or is_sixteen:
        most = (1 << bits) - 1 if 8 < bits <= 16 else 65535
        values = np.minimum(values, most)
        if is_negative:
            values = most - values
        if encoding:
            scaled = levels_in_srgb(values, encoding, most)
            notes.append(f"Converted from {encoding.source} to sRGB.")
        else:
            scaled = (values.astype(np.uint32) * 255 + most // 2) // most
        notes.append(f"{bits if most < 65535 else 16}-bit gray was reduced to 8 bits.")
    else:
        scaled = values
        notes.append("Grayscale picture, converted to RGB.")
    color = Image.fromarray(scaled.astype(np.uint8)).convert("RGB")
    if hidden is not None:
        color.putalpha(Image.fromarray(np.where(hidden, np.uint8(0), np.uint8(255))))
    return color


def _hidden(image: Image.Image, values: RealArray, tags: Mapping[int, Any]) -> NDArray[np.bool_] | None:
    """Which pixels have no value: those of a transparent color, of GDAL's no-data value, and no numbers."""
    masks = []
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        masks.append(values == transparent)
    if image.mode == "F":
        # The lowest and the highest float are what many programs write where there is nothing.
        masks.append(~(np.abs(values) < _FARTHEST))
    with suppress(ValueError):
        no_data = float(str(tags.get(_NO_DATA, "")).strip(" \0"))
        # Written with few digits, as a rule: a value that is as near as these.
        masks.append(np.isclose(values.astype(np.float64), no_data, rtol=1e-5, atol=0))
    missing = reduce(np.logical_or, masks) if masks else None
    return missing if missing is not None and missing.any() else None


def _first(value: Any, default: int) -> int:
    found = value[0] if isinstance(value, tuple) else value
    return int(found) if isinstance(found, int) else default
