"""Dithering, compiled by Numba: every pixel gets a color of a palette, and what is amiss goes elsewhere.

The nearest color is found among the palette sorted along its longest axis: from where the pixel falls on that
axis, up and down, until the next one is farther along the axis alone than the best so far. That looks at a
tenth of 256 colors, and finds the same one as looking at all.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import FloatArray

# Pixels that reach beyond either end of a row: the widest kernel reaches two.
MARGIN = 2
# Colors of a mix: more make finer steps, and take longer.
MIXED = 8


class SortedPalette(NamedTuple):
    """colors: (k, 3) in the order of their `places`, (k,), along `axis`, (3,), of length 1. names: (k,) index
    of each as given. starts: (m,) first color of each of m equal parts of the axis, from `low` on, each
    1 / `scale` long."""

    colors: FloatArray
    places: FloatArray
    axis: FloatArray
    names: NDArray[np.int64]
    starts: NDArray[np.int64]
    low: float
    scale: float


@compiled
def diffuse(
    points: FloatArray,
    shown: NDArray[np.bool_],
    palette: SortedPalette,
    taps: FloatArray,
    strength: float,
    bounds: FloatArray,
    first_row: int,
    errors: FloatArray,
    out: NDArray[np.uint8],
) -> None:
    """Error diffusion over some rows, every other one from right to left.

    points: (rows, width, 3). shown: (rows, width) pixels to color, or empty, (0, 0), for all; others neither
    take nor pass on an error. taps: (m, 3) rows down, columns ahead, share. strength: of the error, 0 to 1.
    bounds: (2, 3) lowest and highest coordinates; a sum beyond them is cut off. first_row: its number in the
    picture. errors: (3, width + 2 · MARGIN, 3) what this row and the next two have coming, kept from one call
    to the next. out: (rows, width), receives the index of each pixel's color.
    """
    rows, width = points.shape[0], points.shape[1]
    every = shown.shape[0] == 0
    # Out of the tuple once: every look into it counts references.
    colors, places, axis, names = palette.colors, palette.places, palette.axis, palette.names
    starts, low, scale = palette.starts, palette.low, palette.scale
    value = np.empty(3)
    for row in range(rows):
        now = (first_row + row) % 3
        backwards = (first_row + row) % 2 == 1
        for step in range(width):
            column = width - 1 - step if backwards else step
            if not (every or shown[row, column]):
                continue
            for dim in range(3):
                wanted = points[row, column, dim] + errors[now, column + MARGIN, dim]
                value[dim] = min(max(wanted, bounds[0, dim]), bounds[1, dim])
            found = _nearest(colors, places, axis, names, starts, low, scale, value[0], value[1], value[2])
            out[row, column] = names[found]
            for tap in range(taps.shape[0]):
                below = (now + int(taps[tap, 0])) % 3
                ahead = int(taps[tap, 1])
                at = column + MARGIN + (-ahead if backwards else ahead)
                for dim in range(3):
                    amiss = value[dim] - colors[found, dim]
                    errors[below, at, dim] += strength * taps[tap, 2] * amiss
        for column in range(width + 2 * MARGIN):
            for dim in range(3):
                errors[now, column, dim] = 0.0


@compiled
def choose_from_mix(
    points: FloatArray,
    shown: NDArray[np.bool_],
    palette: SortedPalette,
    mask: FloatArray,
    strength: float,
    dark_to_light: FloatArray,
    first_row: int,
    out: NDArray[np.uint8],
) -> None:
    """Ordered dithering: `MIXED` colors that together come near a pixel's, of which a threshold picks one.

    mask: (m, m) thresholds from 0 to 1, repeated over the picture. dark_to_light: (3,) the direction in which
    the mix is sorted, so that equal thresholds get equal brightness. The rest as above.
    """
    rows, width, size = points.shape[0], points.shape[1], mask.shape[0]
    every = shown.shape[0] == 0
    colors, places, axis, names = palette.colors, palette.places, palette.axis, palette.names
    starts, low, scale = palette.starts, palette.low, palette.scale
    mix, brightness = np.empty(MIXED, dtype=np.int64), np.empty(MIXED)
    amiss = np.empty(3)
    for row in range(rows):
        for column in range(width):
            if not (every or shown[row, column]):
                continue
            amiss[:] = 0.0
            for number in range(MIXED):
                x = points[row, column, 0] + strength * amiss[0]
                y = points[row, column, 1] + strength * amiss[1]
                z = points[row, column, 2] + strength * amiss[2]
                found = _nearest(colors, places, axis, names, starts, low, scale, x, y, z)
                light = 0.0
                for dim in range(3):
                    amiss[dim] += points[row, column, dim] - colors[found, dim]
                    light += dark_to_light[dim] * colors[found, dim]
                at = number
                while at > 0 and (brightness[at - 1], mix[at - 1]) > (light, found):
                    brightness[at], mix[at] = brightness[at - 1], mix[at - 1]
                    at -= 1
                brightness[at], mix[at] = light, found
            threshold = mask[(first_row + row) % size, column % size]
            out[row, column] = names[mix[int(threshold * MIXED)]]


@compiled
def _nearest(
    colors: FloatArray,
    places: FloatArray,
    axis: FloatArray,
    names: NDArray[np.int64],
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
    part = min(max(int((place - low) * scale), 0), len(starts) - 1)
    up = starts[part]
    down = up - 1
    best, found = np.inf, -1
    while up < count or down >= 0:
        if up < count:
            along = places[up] - place
            # A little more than the best: the axis is only as straight as rounding lets it be.
            if along > 0.0 and along * along > best * (1 + 1e-9) + 1e-12:
                up = count
            else:
                dx, dy, dz = x - colors[up, 0], y - colors[up, 1], z - colors[up, 2]
                distance = dx * dx + dy * dy + dz * dz
                if distance < best or (distance == best and names[up] < names[found]):
                    best, found = distance, up
                up += 1
        if down >= 0:
            along = place - places[down]
            if along > 0.0 and along * along > best * (1 + 1e-9) + 1e-12:
                down = -1
            else:
                dx, dy, dz = x - colors[down, 0], y - colors[down, 1], z - colors[down, 2]
                distance = dx * dx + dy * dy + dz * dz
                if distance < best or (distance == best and names[down] < names[found]):
                    best, found = distance, down
                down -= 1
    return found
