"""The colors of a quantized picture, with how much of it each one covers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kmeans_core.errors import OptionError
from kmeans_core.images.color_codes import codes
from kmeans_core.images.picture import ByteArray
from kmeans_core.types import LabelArray


@dataclass(frozen=True)
class PaletteColor:
    """One color: `hex` as in "#8a7f6e", channels from 0 to 255, pixels that have it, and their share."""

    hex: str
    rgb: tuple[int, int, int]
    count: int
    share: float


@dataclass(frozen=True, eq=False)
class Palette:
    """Distinct 8-bit colors, the most used first.

    colors: (k, 3) uint8. counts: (k,) int64, pixels of each.
    """

    colors: ByteArray
    counts: NDArray[np.int64]

    @classmethod
    def from_centers(
        cls, centers: ByteArray, labels: LabelArray, counts: NDArray[np.int64], *, n_kept: int = 0
    ) -> tuple["Palette", ByteArray]:
        """Sorts colors by use; unused ones drop out, equal ones become one.

        centers: (k, 3). labels, counts: (n,), cluster and pixels of each distinct color. n_kept: how many
        of the centers, the first, are kept even if no pixel has them.
        Returns the palette and the new label of each distinct color, (n,) uint8.
        """
        colors, merged = np.unique(centers, axis=0, return_inverse=True)
        merged = merged.reshape(-1)
        used = np.bincount(labels, counts, len(centers))
        pixels = np.bincount(merged, used, len(colors)).astype(np.int64)
        palette, rank = _by_use(colors, pixels, merged[:n_kept])
        return palette, rank[merged][labels]

    def counted_by(self, indices: ByteArray, *, kept: ByteArray) -> tuple["Palette", ByteArray]:
        """The same colors by the pixels that now have them, (n,) indices; unused ones drop out, except those
        that are `kept`, (m, 3).

        Returns the palette and the new index of each old one, (k,) uint8.
        """
        pixels = np.bincount(indices, minlength=len(self.colors)).astype(np.int64)
        return _by_use(self.colors, pixels, self.places(kept))

    def places(self, colors: ByteArray) -> ByteArray:
        """The index of each color, (n, 3), as (n,) uint8; 0 for those that are not in the palette."""
        wanted, present = codes(colors), codes(self.colors)
        if not len(present):
            return np.zeros(len(colors), dtype=np.uint8)
        order = np.argsort(present)
        found = order[np.minimum(np.searchsorted(present[order], wanted), len(present) - 1)]
        return np.where(present[found] == wanted, found, 0).astype(np.uint8)

    def __len__(self) -> int:
        return len(self.colors)

    @property
    def entries(self) -> list[PaletteColor]:
        total = int(self.counts.sum())
        return [
            PaletteColor(f"#{r:02x}{g:02x}{b:02x}", (r, g, b), count, count / total if total else 0.0)
            for (r, g, b), count in zip(self.colors.tolist(), self.counts.tolist(), strict=True)
        ]


def hex_of(color: ByteArray) -> str:
    """(3,) as "#8a7f6e"."""
    red, green, blue = color.tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def as_colors(given: ArrayLike | Sequence[str], name: str, *, distinct: bool = True) -> ByteArray:
    """Colors as (m, 3) uint8, in their order.

    given: (m, 3) whole numbers of 0 to 255, or texts such as "#8a7f6e", "8a7f6e" or "#876". distinct: leave
    out those that have been there before.
    Raises OptionError, naming the argument, for anything else.
    """
    if isinstance(given, Sequence) and all(isinstance(color, str) for color in given):
        colors = np.array([_from_hex(str(color), name) for color in given], dtype=np.uint8).reshape(-1, 3)
    else:
        array = np.asarray(given)
        if array.ndim != 2 or array.shape[1] != 3 or not np.isin(array, np.arange(256)).all():
            raise OptionError(
                f"{name} is not a list of colors; give rows of red, green and blue from 0 to 255, or texts "
                'such as "#8a7f6e".'
            )
        colors = array.astype(np.uint8)
    if not distinct:
        return colors
    _, first = np.unique(codes(colors), return_index=True)
    return np.ascontiguousarray(colors[np.sort(first)])


def _from_hex(text: str, name: str) -> list[int]:
    digits = text.strip().removeprefix("#")
    if re.fullmatch("[0-9a-fA-F]{3}", digits):
        digits = "".join(2 * digit for digit in digits)
    if not re.fullmatch("[0-9a-fA-F]{6}", digits):
        raise OptionError(f"{name} has {text!r}; write colors with six digits, such as #8a7f6e.")
    return [int(digits[start : start + 2], 16) for start in (0, 2, 4)]


def _by_use(
    colors: ByteArray, pixels: NDArray[np.int64], kept: NDArray[np.integer]
) -> tuple[Palette, ByteArray]:
    """The most used first, without those that no pixel has unless they are kept; the new index of each."""
    wanted = pixels > 0
    wanted[kept] = True
    order = np.lexsort((-pixels, ~wanted))[: np.count_nonzero(wanted)]
    rank = np.zeros(len(colors), dtype=np.uint8)
    rank[order] = np.arange(len(order))
    return Palette(colors[order], pixels[order]), rank
