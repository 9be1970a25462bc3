"""The colors of a quantized picture, with how much of it each one covers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        cls, centers: ByteArray, labels: LabelArray, counts: NDArray[np.int64]
    ) -> tuple["Palette", ByteArray]:
        """Sorts colors by use; unused ones drop out, equal ones become one.

        centers: (k, 3). labels, counts: (n,), cluster and pixels of each distinct color.
        Returns the palette and the new label of each distinct color, (n,) uint8.
        """
        colors, merged = np.unique(centers, axis=0, return_inverse=True)
        merged = merged.reshape(-1)
        used = np.bincount(labels, counts, len(centers))
        pixels = np.bincount(merged, used, len(colors)).astype(np.int64)
        order = np.argsort(-pixels, kind="stable")[: np.count_nonzero(pixels)]
        rank = np.zeros(len(colors), dtype=np.uint8)
        rank[order] = np.arange(len(order))
        return cls(colors[order], pixels[order]), rank[merged][labels]

    def counted_by(self, indices: ByteArray) -> tuple["Palette", ByteArray]:
        """The same colors by the pixels that now have them, (n,) indices; unused ones drop out.

        Returns the palette and the new index of each old one, (k,) uint8.
        """
        pixels = np.bincount(indices, minlength=len(self.colors)).astype(np.int64)
        order = np.argsort(-pixels, kind="stable")[: np.count_nonzero(pixels)]
        rank = np.zeros(len(self.colors), dtype=np.uint8)
        rank[order] = np.arange(len(order))
        return Palette(self.colors[order], pixels[order]), rank

    def __len__(self) -> int:
        return len(self.colors)

    @property
    def entries(self) -> list[PaletteColor]:
        total = int(self.counts.sum())
        return [
            PaletteColor(f"#{r:02x}{g:02x}{b:02x}", (r, g, b), count, count / total)
            for (r, g, b), count in zip(self.colors.tolist(), self.counts.tolist(), strict=True)
        ]
