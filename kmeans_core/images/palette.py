"""The colors of a quantized picture, with how much of it each one covers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kmeans_core.errors import OptionError
from kmeans_core.images.color_codes import codes
from kmeans_core.types import ByteArray, IndexArray


@dataclass(frozen=True)
class PaletteColor:
    """One color of a palette.

    Attributes
    ----------
    hex : str
        As in "#8a7f6e".
    rgb : tuple of int
        Red, green and blue, 0 to 255.
    count : int
        Pixels that have it.
    share : float
        The same as a share of all pixels that are counted, 0 to 1.
    """

    hex: str
    rgb: tuple[int, int, int]
    count: int
    share: float


@dataclass(frozen=True, eq=False)
class Palette:
    """8-bit colors: locked ones in the order in which they were given, then the others, the most used first.

    Attributes
    ----------
    colors : ndarray of uint8, shape (k, 3)
        sRGB, at most 256; distinct, unless locked colors were given twice.
    counts : ndarray of int64, shape (k,)
        Pixels of each; 0 only for locked colors.
    """

    colors: ByteArray
    counts: NDArray[np.int64]

    @classmethod
    def from_labels(
        cls, colors: ByteArray, labels: IndexArray, counts: NDArray[np.int64], *, n_kept: int = 0
    ) -> tuple["Palette", ByteArray]:
        """Sorts colors: kept ones first, then by use; unused ones drop out.

        Parameters
        ----------
        colors : ndarray of uint8, shape (k, 3)
            Distinct.
        labels : ndarray of intp, shape (n,)
            The one of each counted color.
        counts : ndarray of int64, shape (n,)
            Pixels of each counted color.
        n_kept : int, default 0
            How many of the first ones stay in the palette even if no pixel has them: the locked colors.

        Returns
        -------
        palette : Palette
        labels : ndarray of uint8, shape (n,)
            The new label of each counted color.
        """
        pixels = np.bincount(labels, counts, len(colors)).astype(np.int64)
        palette, rank = _by_use(colors, pixels, np.arange(n_kept))
        return palette, rank[labels]

    def recount(self, indices: ByteArray, *, kept: ByteArray) -> tuple["Palette", ByteArray]:
        """The same colors, counted again by the pixels that now have them; unused ones drop out.

        Parameters
        ----------
        indices : ndarray of uint8, shape (n,)
            Of the visible pixels.
        kept : ndarray of uint8, shape (m, 3)
            Colors that stay even if unused: the locked ones.

        Returns
        -------
        palette : Palette
        rank : ndarray of uint8, shape (k,)
            The new index of each old one.
        """
        pixels = np.bincount(indices, minlength=len(self.colors)).astype(np.int64)
        return _by_use(self.colors, pixels, self.places(kept))

    def with_repeated(self, locked: ByteArray) -> tuple["Palette", ByteArray]:
        """The same with locked colors at every place where they were given.

        Parameters
        ----------
        locked : ndarray of uint8, shape (m, 3)
            The palette begins with the distinct ones of these, in their order.

        Returns
        -------
        palette : Palette
            It begins with `locked`; repeated ones have no pixels.
        rank : ndarray of uint8, shape (k,)
            The new index of each old one.
        """
        _, first = np.unique(codes(locked), return_index=True)
        first = np.sort(first)
        n_repeated = len(locked) - len(first)
        rank = np.concatenate([first, np.arange(len(first), len(self)) + n_repeated]).astype(np.uint8)
        counts = np.zeros(len(self) + n_repeated, dtype=np.int64)
        counts[rank] = self.counts
        colors = np.concatenate([locked, self.colors[len(first) :]])
        return Palette(colors, counts), rank

    def places(self, colors: ByteArray) -> ByteArray:
        """The index of each color.

        Parameters
        ----------
        colors : ndarray of uint8, shape (n, 3)

        Returns
        -------
        ndarray of uint8, shape (n,)
            0 for colors that are not in the palette.
        """
        wanted_codes, present = codes(colors), codes(self.colors)
        if not len(present):
            return np.zeros(len(colors), dtype=np.uint8)
        order = np.argsort(present, kind="stable")
        positions = order[np.minimum(np.searchsorted(present[order], wanted_codes), len(present) - 1)]
        return np.where(present[positions] == wanted_codes, positions, 0).astype(np.uint8)

    def __len__(self) -> int:
        return len(self.colors)

    @property
    def entries(self) -> list[PaletteColor]:
        """One `PaletteColor` per color, in their order."""
        total = int(self.counts.sum())
        return [
            PaletteColor(f"#{r:02x}{g:02x}{b:02x}", (r, g, b), count, count / total if total else 0.0)
            for (r, g, b), count in zip(self.colors.tolist(), self.counts.tolist(), strict=True)
        ]


def hex_of(color: ByteArray) -> str:
    """A color as "#8a7f6e".

    Parameters
    ----------
    color : ndarray of uint8, shape (3,)

    Returns
    -------
    str
    """
    red, green, blue = color.tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def parse_colors(values: ArrayLike | Sequence[str], name: str, *, distinct: bool = True) -> ByteArray:
    """Colors as an array, in their order.

    Parameters
    ----------
    values : array_like, shape (m, 3), or sequence of str
        Whole numbers of 0 to 255, or texts such as "#8a7f6e", "8a7f6e" or "#876".
    name : str
        What the message of an error calls them: the argument's name.
    distinct : bool, default True
        Drop repeated ones.

    Returns
    -------
    ndarray of uint8, shape (m, 3)

    Raises
    ------
    OptionError
        For anything else; the message names the argument.

    Examples
    --------
    >>> parse_colors(["#8a7f6e", "fff", "#FFFFFF"], "locked").tolist()
    [[138, 127, 110], [255, 255, 255]]
    """
    if isinstance(values, Sequence) and all(isinstance(color, str) for color in values):
        colors = np.array([_from_hex(str(color), name) for color in values], dtype=np.uint8).reshape(-1, 3)
    else:
        array = np.asarray(values)
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
        raise OptionError(
            f"{name} has {text!r}, which is not a color; write six hex digits, such as #8a7f6e."
        )
    return [int(digits[start : start + 2], 16) for start in (0, 2, 4)]


def _by_use(
    colors: ByteArray, pixels: NDArray[np.int64], locked: NDArray[np.integer]
) -> tuple[Palette, ByteArray]:
    """Locked ones in their order, then the others by use, without unused ones; and the new index of each."""
    is_other = pixels > 0
    is_other[locked] = False
    others = np.lexsort((-pixels, ~is_other))[: np.count_nonzero(is_other)]
    order = np.concatenate([np.asarray(locked, dtype=np.intp), others])
    rank = np.zeros(len(colors), dtype=np.uint8)
    rank[order] = np.arange(len(order))
    return Palette(colors[order], pixels[order]), rank
