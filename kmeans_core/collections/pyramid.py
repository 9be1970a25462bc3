"""An indexed picture as a tiled TIFF with smaller copies in it, as viewers of large pictures like it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kmeans_core.types import ByteArray

_MIN_SIDE = 512


def write_pyramid(
    path: Path, scratch: Path, size: tuple[int, int], colors: ByteArray, parts: Iterable[ByteArray], tile: int
) -> None:
    """Writes the file. Raises OSError.

    Parameters
    ----------
    path, scratch : Path
        Of the file, and a folder for the smaller copies meanwhile, a third of a byte a pixel.
    size : tuple of int
        Width and height.
    colors : ndarray of uint8, shape (k, 3)
        The palette, at most 256.
    parts : iterable of ndarray of uint8, shape (rows, width)
        All of it from top to bottom, each but the last with rows that `tile` divides.
    tile : int
        Side of a tile, a multiple of 16.
    """
    import tifffile

    width, height = size
    table = np.zeros((3, 256), np.uint16)
    table[:, : len(colors)] = colors.T.astype(np.uint16) * 257
    shapes = _smaller(width, height)
    copies = [
        np.memmap(scratch / f"level-{number}", np.uint8, "w+", shape=shape)
        for number, shape in enumerate(shapes)
    ]
    how: dict[str, Any] = {
        "dtype": np.uint8,
        "tile": (tile, tile),
        "photometric": "palette",
        "colormap": table,
        "compression": "zlib",
        "compressionargs": {"level": 1},
    }
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        file.write(_tiles(_shrinking(parts, copies), tile), shape=(height, width), subifds=len(copies), **how)
        for copy in copies:
            file.write(_tiles([copy], tile), shape=copy.shape, subfiletype=1, **how)


def _smaller(width: int, height: int) -> list[tuple[int, int]]:
    shapes = []
    while min(width, height) > _MIN_SIDE:
        width, height = -(-width // 2), -(-height // 2)
        shapes.append((height, width))
    return shapes


def _shrinking(parts: Iterable[ByteArray], copies: Sequence[ByteArray]) -> Iterator[ByteArray]:
    """The parts; what is picked from each goes into the copies, every second pixel of the one before."""
    top = 0
    for part in parts:
        for number, copy in enumerate(copies, 1):
            step = 1 << number
            first = -(-top // step)
            picked = part[first * step - top :: step, ::step]
            copy[first : first + len(picked)] = picked
        top += len(part)
        yield part


def _tiles(parts: Iterable[ByteArray], tile: int) -> Iterator[ByteArray]:
    for part in parts:
        for top in range(0, len(part), tile):
            rows = part[top : top + tile]
            for left in range(0, rows.shape[1], tile):
                yield np.ascontiguousarray(rows[:, left : left + tile])
