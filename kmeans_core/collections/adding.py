"""Adds up the colors of several pictures, in the way that is quickest for them."""

from kmeans_core.collections.counts import ColorCounts
from kmeans_core.images.histogram import OPAQUE_SQUARE, ColorHistogram, CountTable, flatten_picture
from kmeans_core.images.picture import Picture

# A table of all colors costs 25 ms, and saves 3 ms a megapixel; a JPEG has a megapixel in some 0.3 MB.
_SORTED_BYTES = 2_500_000
# A count in the table has 32 bits.
_MAX_IN_TABLE = 1 << 31


class PictureAdder:
    """The colors of several pictures together.

    Parameters
    ----------
    weigh : {"pixels", "pictures"}
        As of `ColorCounts.of()`.
    n_bytes : int
        Of their files.
    """

    def __init__(self, weigh: str, n_bytes: int) -> None:
        # By pictures, a color's part depends on the picture that it is in.
        self._weigh, self._is_by_table = weigh, weigh == "pixels" and n_bytes > _SORTED_BYTES
        self._several: list[ColorCounts] = []
        self._table: CountTable | None = None
        # Visible ones, and whether there are others.
        self.n_pixels, self.hidden = 0, False

    def add(self, picture: Picture) -> None:
        self.hidden |= picture.visible is not None
        pixels, visible, _ = flatten_picture(picture)
        if self._is_by_table and not picture.is_partly_transparent:
            if self._table is None or self._table.n_pixels + len(pixels) > _MAX_IN_TABLE:
                self._empty_table()
                self._table = CountTable()
            self._table.add(pixels, visible)
            self.n_pixels += int(visible.sum()) if len(visible) else len(pixels)
            return
        histogram = ColorHistogram.of(picture)
        self.n_pixels += histogram.n_pixels
        self._several.append(ColorCounts.of(histogram, self._weigh))

    def counts(self) -> ColorCounts:
        """Of all."""
        self._empty_table()
        self._several = [ColorCounts.merged(self._several)]
        return self._several[0]

    def _empty_table(self) -> None:
        if self._table is not None:
            codes, counts = self._table.counted()
            self._several.append(ColorCounts(codes, counts, counts * OPAQUE_SQUARE))
            self._table = None
