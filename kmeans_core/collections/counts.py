"""How often each color occurs, in as many pictures as you like: numbers that can be added, split and kept."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from kmeans_core.errors import InputError
from kmeans_core.images.color_codes import codes, colors_of
from kmeans_core.images.histogram import OPAQUE_SQUARE, ColorHistogram

# Of the files; whoever changes what is in them counts it up.
SCHEMA_VERSION = 1
_ABOUT = b"kmeans_studio"
# What the pixels of a picture are together where pictures count equally.
PICTURE_WEIGHT = 1 << 24
_N_CODES = 1 << 24


@dataclass(frozen=True, eq=False)
class ColorCounts:
    """The counts of distinct colors.

    Attributes
    ----------
    codes : ndarray of uint32, shape (n,)
        Of `color_codes.codes()`, ascending, each once.
    counts : ndarray of int64, shape (n,)
        1 or more.
    squares : ndarray of int64, shape (n,)
        The squared alphas, 1 to 65,025, of each color's pixels, added up: 65,025 times the counts where all
        pixels are opaque.
    """

    codes: NDArray[np.uint32]
    counts: NDArray[np.int64]
    squares: NDArray[np.int64]

    @classmethod
    def empty(cls) -> "ColorCounts":
        return cls(np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.int64))

    @property
    def is_opaque(self) -> bool:
        """Whether all pixels are."""
        return bool((self.squares == self.counts * OPAQUE_SQUARE).all())

    @classmethod
    def of(cls, histogram: ColorHistogram, weigh: str = "pixels") -> "ColorCounts":
        """Those of one picture.

        Parameters
        ----------
        histogram : ColorHistogram
        weigh : {"pixels", "pictures"}
            "pictures": as if it had 16,777,216 pixels, each color at least one.
        """
        counts, squares = histogram.counts, histogram.alpha_squares
        if squares is None:
            squares = counts * OPAQUE_SQUARE
        if weigh == "pictures" and len(counts):
            scale = PICTURE_WEIGHT / histogram.n_pixels
            share = squares / (counts * OPAQUE_SQUARE)
            counts = np.maximum(np.rint(counts * scale), 1).astype(np.int64)
            squares = np.maximum(np.rint(counts * share * OPAQUE_SQUARE), 1).astype(np.int64)
        return cls(codes(histogram.colors), counts, squares)

    @classmethod
    def merged(cls, several: Sequence["ColorCounts"]) -> "ColorCounts":
        """The counts of all together, exactly, in whatever order they come."""
        several = [one for one in several if len(one.codes)]
        if len(several) < 2:
            return several[0] if several else cls.empty()
        together = np.concatenate([one.codes for one in several])
        order = np.argsort(together, kind="stable")  # which merges runs that are sorted
        together = together[order]
        starts = np.flatnonzero(np.append(True, together[1:] != together[:-1]))

        def summed(values: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
            sums: NDArray[np.int64] = np.add.reduceat(np.concatenate(values)[order], starts)
            return sums

        return cls(
            together[starts],
            summed([one.counts for one in several]),
            summed([one.squares for one in several]),
        )

    @classmethod
    def joined(cls, parts: Iterable["ColorCounts"]) -> "ColorCounts":
        """The counts of all together, where every code of a part is above those of the parts before it."""
        parts = list(parts)

        def whole(name: str) -> NDArray[Any]:
            return np.concatenate([getattr(part, name) for part in parts])

        return cls(whole("codes"), whole("counts"), whole("squares"))

    def without(self, other: "ColorCounts") -> "ColorCounts":
        """What is left when other counts are taken out again.

        Raises InputError if they are not part of these.
        """
        places = np.searchsorted(self.codes, other.codes)
        is_there = places < len(self.codes)
        is_there[is_there] = self.codes[places[is_there]] == other.codes[is_there]
        counts, squares = self.counts.copy(), self.squares.copy()
        if is_there.all():
            counts[places] -= other.counts
            squares[places] -= other.squares
        if not is_there.all() or (counts < 0).any() or (squares < 0).any():
            raise InputError("These counts of colors cannot be taken out: they are not part of the others.")
        kept = counts > 0
        return ColorCounts(self.codes[kept], counts[kept], squares[kept])

    def histogram(self) -> ColorHistogram:
        """As the histogram of one picture."""
        return ColorHistogram(colors_of(self.codes), self.counts, None if self.is_opaque else self.squares)

    def to_parquet(self, about: bytes = b"") -> bytes:
        """As a Parquet file, with a text of whoever writes it."""
        columns: dict[str, Any] = {"code": self.codes, "count": self.counts}
        if not self.is_opaque:
            columns["square"] = self.squares
        table = pa.table(columns).replace_schema_metadata(
            {_ABOUT: about, b"schema_version": str(SCHEMA_VERSION).encode()}
        )
        file = io.BytesIO()
        pa.parquet.write_table(
            table,
            file,
            compression="zstd",
            use_dictionary=False,
            column_encoding="DELTA_BINARY_PACKED",
            row_group_size=1 << 16,  # so that a range of codes can be read alone
        )
        return file.getvalue()

    @classmethod
    def from_parquet(cls, source: object, part: tuple[int, int] = (0, _N_CODES)) -> "ColorCounts":
        """The counts in a file, of colors whose codes are in a range alone: first, and one after the last."""
        with pa.parquet.ParquetFile(source) as file:
            table = file.read_row_groups(
                [
                    group
                    for group in range(file.num_row_groups)
                    if _overlaps(file.metadata.row_group(group), part)
                ]
            )
        codes, counts = table["code"].to_numpy(), table["count"].to_numpy()
        squares = table["square"].to_numpy() if "square" in table.column_names else counts * OPAQUE_SQUARE
        first, last = np.searchsorted(codes, part)
        return cls(codes[first:last], counts[first:last], squares[first:last])


def _overlaps(group: pa.parquet.RowGroupMetaData, part: tuple[int, int]) -> bool:
    known = group.column(0).statistics
    return bool(group.num_rows and known.min < part[1] and known.max >= part[0])


def about_counts(source: object) -> bytes:
    """The text in a file of counts.

    Raises InputError for a file of another version, or of another kind.
    """
    metadata = pa.parquet.read_schema(source).metadata or {}
    if metadata.get(b"schema_version") != str(SCHEMA_VERSION).encode() or _ABOUT not in metadata:
        raise InputError("this is no file with counts of colors, or one of another version")
    about: bytes = metadata[_ABOUT]
    return about
