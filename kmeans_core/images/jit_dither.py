"""Dithering, compiled by Numba: every pixel gets a color of a palette, and what it is off by goes elsewhere.

The nearest color is found among the palette sorted along its longest axis: from where the pixel falls on that
axis, up and down, until the next one is farther along the axis alone than the best so far. That looks at a
tenth of 256 colors, and finds the same one as looking at all. These kernels take the arrays of a palette one
by one, for compiled code counts references at every look into a record.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import FloatArray

# Pixels that reach beyond either end of a row: the widest kernel reaches two.
MARGIN = 2
# Colors of a mix: more make finer steps, and take longer.
MIX_SIZE = 16


class SortedPalette(NamedTuple):
    """colors: (k, 3) in the order of their `places`, (k,), along `axis`, (3,), of length 1. indices: (k,) of
    each in the original palette. starts: (m,) first color of each of m equal parts of the axis, from `low`
    on, each 1 / `scale` long.
    """

    colors: FloatArray
    places: FloatArray
    axis: FloatArray
    indices: NDArray[np.int64]
    starts: NDArray[np.int64]
    low: float
    scale: float


@compiled
def diffuse(
    points: FloatArray,
    visible: NDArray[np.bool_],
    palette: SortedPalette,
    taps: FloatArray,
    strength: float,
    bounds: FloatArray,
    first_row: int,
    errors: FloatArray,
    out: NDArray[np.uint8],
) -> None:
    """Error diffusion over some rows, every other one from right to left.

    points: (rows, width, 3). visible: (rows, width), or empty, (0, 0), if all pixels are; hidden ones neither
    take nor pass on an error. taps: (m, 3) rows down, columns ahead, share. strength: of the error, 0 to 1.
    bounds: (2, 3) lowest and highest coordinates; a sum beyond them is cut off. first_row: its number in the
    picture. errors: (3, width + 2 · MARGIN, 3) passed on to this row and the next two, kept from one call to
    the next. out: (rows, width), receives the index of each pixel's color.
    """
    rows, width = points.shape[0], points.shape[1]
    all_visible = visible.shape[0] == 0
    # Unpack the tuple once: every access counts references.
    colors, positions, axis, indices = palette.colors, palette.places, palette.axis, palette.indices
    starts, low, scale = palette.starts, palette.low, palette.scale
    value = np.empty(3)
    for row in range(rows):
        now = (first_row + row) % 3
        backwards = (first_row + row) % 2 == 1
        for step in range(width):
            column = width - 1 - step if backwards else step
            if not (all_visible or visible[row, column]):
                continue
            for dim in range(3):
                value_with_error = points[row, column, dim] + errors[now, column + MARGIN, dim]
                value[dim] = min(max(value_with_error, bounds[0, dim]), bounds[1, dim])
            nearest = _nearest(
                colors, positions, axis, indices, starts, low, scale, value[0], value[1], value[2]
            )
            out[row, column] = indices[nearest]
            for tap in range(taps.shape[0]):
                below = (now + int(taps[tap, 0])) % 3
                ahead = int(taps[tap, 1])
                at = column + MARGIN + (-ahead if backwards else ahead)
                for dim in range(3):
                    error = value[dim] - colors[nearest, dim]
                    errors[below, at, dim] += strength * taps[tap, 2] * error
        for column in range(width + 2 * MARGIN):
            for dim in range(3):
                errors[now, column, dim] = 0.0


@compiled
def mix(
    points: FloatArray,
    palette: SortedPalette,
    strength: float,
    dark_to_light: FloatArray,
    first: int,
    end: int,
    mixes: NDArray[np.uint8],
) -> None:
    """For each point, the indices of `MIX_SIZE` colors whose mean comes near it, from dark to light.

    points: (n, 3). dark_to_light: (3,) a direction along which colors become lighter. mixes: (n, MIXED),
    receives the indices. The rest as above.
    """
    colors, positions, axis, indices = palette.colors, palette.places, palette.axis, palette.indices
    starts, low, scale = palette.starts, palette.low, palette.scale
    chosen, brightness = np.empty(MIX_SIZE, dtype=np.int64), np.empty(MIX_SIZE)
    error = np.empty(3)
    for point in range(first, end):
        error[:] = 0.0
        for number in range(MIX_SIZE):
            x = points[point, 0] + strength * error[0]
            y = points[point, 1] + strength * error[1]
            z = points[point, 2] + strength * error[2]
            nearest = _nearest(colors, positions, axis, indices, starts, low, scale, x, y, z)
            light = 0.0
            for dim in range(3):
                error[dim] += points[point, dim] - colors[nearest, dim]
                light += dark_to_light[dim] * colors[nearest, dim]
            at = number
            while at > 0 and (brightness[at - 1], chosen[at - 1]) > (light, nearest):
                brightness[at], chosen[at] = brightness[at - 1], chosen[at - 1]
                at -= 1
            brightness[at], chosen[at] = light, nearest
        for number in range(MIX_SIZE):
            mixes[point, number] = indices[chosen[number]]


@compiled
def pick(
    pixels: NDArray[np.uint8],
    visible: NDArray[np.bool_],
    positions: NDArray[np.int32],
    mixes: NDArray[np.uint8],
    mask: FloatArray,
    first_row: int,
    end_row: int,
    out: NDArray[np.uint8],
) -> None:
    """Picks one color of the mix of each pixel of some rows, by the threshold of its place.

    pixels: (height · width, 3). visible: (height · width,) or empty. positions: (2²⁴,) row in `mixes` of
    a color's mix, by its 24-bit code. mask: (m, m) thresholds from 0 to 1, repeated over the picture.
    out: (height, width).
    """
    width, size, all_visible = out.shape[1], mask.shape[0], len(visible) == 0
    for row in range(first_row, end_row):
        for column in range(width):
            i = row * width + column
            if all_visible or visible[i]:
                code = (np.int64(pixels[i, 0]) << 16) | (np.int64(pixels[i, 1]) << 8) | pixels[i, 2]
                step = int(mask[row % size, column % size] * MIX_SIZE)
                out[row, column] = mixes[positions[code], step]


@compiled
def _nearest(
    colors: FloatArray,
    places: FloatArray,
    axis: FloatArray,
    indices: NDArray[np.int64],
    starts: NDArray[np.int64],
    low: float,
    scale: float,
    x: float,
    y: float,
    z: float,
) -> int:
    """Position in a `SortedPalette` of the nearest color, of equally near ones the one given first."""
    count = len(places)
    place = axis[0] * x + axis[1] * y + axis[2] * z
    bucket = min(max(int((place - low) * scale), 0), len(starts) - 1)
    up = starts[bucket]
    down = up - 1
    best, nearest = np.inf, -1
    while up < count or down >= 0:
        if up < count:
            along = places[up] - place
            # A little more than the best, to allow for rounding.
            if along > 0.0 and along * along > best * (1 + 1e-9) + 1e-12:
                up = count
            else:
                dx, dy, dz = x - colors[up, 0], y - colors[up, 1], z - colors[up, 2]
                distance = dx * dx + dy * dy + dz * dz
                if distance < best or (distance == best and indices[up] < indices[nearest]):
                    best, nearest = distance, up
                up += 1
        if down >= 0:
            along = place - places[down]
            if along > 0.0 and along * along > best * (1 + 1e-9) + 1e-12:
                down = -1
            else:
                dx, dy, dz = x - colors[down, 0], y - colors[down, 1], z - colors[down, 2]
                distance = dx * dx + dy * dy + dz * dz
                if distance < best or (distance == best and indices[down] < indices[nearest]):
                    best, nearest = distance, down
                down -= 1
    return nearest
