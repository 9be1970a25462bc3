"""The palette's index of every color of a collection, which the driver makes once and each worker reads once:
a picture is then painted and measured in one go over its pixels, without counting its colors again.
"""

import uuid
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kmeans_core.collections.state import UNFINISHED, OutputFolder
from kmeans_core.images.color_codes import codes
from kmeans_core.images.histogram import flatten_picture
from kmeans_core.images.jit_histogram import paint_and_measure
from kmeans_core.images.picture import Picture
from kmeans_core.images.quality import Quality, quality_of
from kmeans_core.types import ByteArray

_ALL_COLORS = 1 << 24


class Painted(NamedTuple):
    """indices: (height, width) uint8 into the palette, one beyond its last for hidden pixels."""

    indices: ByteArray
    quality: Quality
    unique_colors: int


class Lookup(NamedTuple):
    """table: (2**24,) the index of each color, by `color_codes.codes()`; arbitrary for those that it does not
    know. known: (2**18,) uint64, a bit for each color that it knows."""

    table: NDArray[np.uint8]
    known: NDArray[np.uint64]

    @classmethod
    def from_labels(cls, colors: ByteArray, labels: ByteArray) -> "Lookup":
        """colors: (n, 3). labels: (n,) the index of each."""
        places = codes(colors)
        table, is_known = np.zeros(_ALL_COLORS, np.uint8), np.zeros(_ALL_COLORS, np.bool_)
        table[places], is_known[places] = labels, True
        return cls(table, np.packbits(is_known, bitorder="little").view("<u8").astype(np.uint64))

    def save(self, folder: OutputFolder) -> str:
        """Keeps it where workers find it, and returns its name. Raises OSError."""
        # A name that no other has: workers keep the last one they read.
        name = f"{UNFINISHED}/lookup-{uuid.uuid4().hex}.bin"
        folder.write(name, self.table.tobytes() + self.known.astype("<u8").tobytes())
        return name

    @staticmethod
    @lru_cache(maxsize=1)
    def of(output: str, name: str) -> "Lookup":
        """The one that was kept in a folder. Raises OSError."""
        # Writable, as other tables are: for others, Numba would compile the same code again.
        data = np.frombuffer(bytearray(OutputFolder(output).read(name)), np.uint8)
        return Lookup(data[:_ALL_COLORS], data[_ALL_COLORS:].view("<u8").astype(np.uint64))

    def paint(self, picture: Picture, palette: ByteArray) -> Painted | None:
        """The picture in the colors of a palette, (k, 3), without dithering.

        None for what it cannot do: partly transparent pixels, none that is visible, hidden ones beside 256
        colors, and colors that it does not know, which a picture has that changed after it was counted.
        """
        if picture.is_partly_transparent or (picture.visible is not None and len(palette) > 255):
            return None
        pixels, visible, _ = flatten_picture(picture)
        n_visible = int(np.count_nonzero(visible)) if len(visible) else len(pixels)
        if not n_visible:
            return None
        indices, seen = np.empty(len(pixels), np.uint8), np.zeros_like(self.known)
        error = paint_and_measure(
            pixels, visible, self.table, palette, np.uint8(len(palette) % 256), indices, seen
        )
        if (seen & ~self.known).any():
            return None
        unique_colors = int(np.bitwise_count(seen).sum())
        shape = (picture.height, picture.width)
        return Painted(indices.reshape(shape), quality_of(error, n_visible), unique_colors)
