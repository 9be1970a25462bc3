"""How the rows of a table become points, and points rows again.

A `Preparation` remembers every number it uses, so that new rows are treated as the first ones were, here or
in the processes of a cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kmeans_core.errors import TableError
from kmeans_core.tables.columns import number_values, word_values
from kmeans_core.tables.reading import listed
from kmeans_core.types import FloatArray, IndexArray


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers. fill: what stands in for a missing one; None drops the row. low, high: rows beyond
    are dropped. A value x becomes (x - center) / scale."""

    name: str
    fill: float | None = None
    low: float = float("-inf")
    high: float = float("inf")
    center: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class CategoryColumn:
    """A column of words: one 0-or-1 coordinate a level, all 0 for a level that is not listed."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Prepared:
    """points: (n, d) float64. rows: (n,) position of each in the table. missing, outliers: rows dropped.
    unknown: rows with a word that no level stands for."""

    points: FloatArray
    rows: IndexArray
    missing: int
    outliers: int
    unknown: int = 0


@dataclass(frozen=True)
class Preparation:
    """How the rows of a table become points."""

    columns: tuple[NumberColumn | CategoryColumn, ...]
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def names(self) -> list[str]:
        """A name for each coordinate."""
        return [
            name
            for column in self.columns
            for name in (
                [column.name]
                if isinstance(column, NumberColumn)
                else [f"{column.name} = {level}" for level in column.levels]
            )
        ]

    def apply(self, frame: pd.DataFrame) -> Prepared:
        """The points of a table with these columns, maybe none.

        Raises TableError if it lacks a column, or one is not what it was.
        """
        lacking = [column.name for column in self.columns if column.name not in frame.columns]
        if lacking:
            raise TableError(
                f"The table has no column {listed(lacking)}; it needs "
                f"{listed([column.name for column in self.columns], 20)}."
            )
        parts = [_coordinates(column, frame[column.name]) for column in self.columns]
        values = np.concatenate(parts, axis=1)
        numbers = [place for column in self.columns for place in _places(column)]
        low = np.array([number.low for number in numbers])
        high = np.array([number.high for number in numbers])
        fill = np.array([np.nan if number.fill is None else number.fill for number in numbers])
        with np.errstate(invalid="ignore"):
            outside = ((values < low) | (values > high)).any(axis=1)
        values = np.where(np.isnan(values), fill, values)
        missing = np.isnan(values).any(axis=1)
        rows = np.flatnonzero(~outside & ~missing)
        return Prepared(
            self.coordinates_of(values[rows]),
            rows,
            int((missing & ~outside).sum()),
            int(outside.sum()),
            int(_unknown(self.columns, parts)[rows].sum()),
        )

    def coordinates_of(self, values: FloatArray) -> FloatArray:
        """Values in the units of the table, (n, d), as coordinates of points."""
        numbers = [place for column in self.columns for place in _places(column)]
        center = np.array([number.center for number in numbers])
        scale = np.array([number.scale for number in numbers])
        coordinates: FloatArray = (values - center) / scale
        return coordinates

    def to_original(self, centers: FloatArray) -> pd.DataFrame:
        """Centers, (k, d), in the units of the table; of a category the share of each level."""
        numbers = [place for column in self.columns for place in _places(column)]
        scale = np.array([number.scale for number in numbers])
        center = np.array([number.center for number in numbers])
        return pd.DataFrame(centers * scale + center, columns=self.names).rename_axis("cluster")


def _coordinates(column: NumberColumn | CategoryColumn, values: pd.Series) -> FloatArray:
    """(n, number of coordinates), nan where a number is missing."""
    if isinstance(column, NumberColumn):
        numbers = number_values(values)
        if np.isinf(numbers).any():
            raise TableError(f"The column {column.name} holds infinite values; correct or remove them.")
        return numbers[:, None]
    words = np.array(word_values(values), dtype=object)
    places: FloatArray = (words[:, None] == np.array(column.levels, dtype=object)).astype(np.float64)
    return places


def _unknown(
    columns: Sequence[NumberColumn | CategoryColumn], parts: Sequence[FloatArray]
) -> NDArray[np.bool_]:
    """Which rows have a category without a level."""
    found = np.zeros(len(parts[0]), dtype=bool)
    for column, part in zip(columns, parts, strict=True):
        if isinstance(column, CategoryColumn):
            found |= part.sum(axis=1) == 0
    return found


def _places(column: NumberColumn | CategoryColumn) -> list[NumberColumn]:
    """One entry a coordinate; those of a category stay as they are."""
    if isinstance(column, NumberColumn):
        return [column]
    return [NumberColumn(level) for level in column.levels]
