"""How the rows of a table become points, and points rows again.

A `Preparation` keeps every number it uses, so that new rows are treated like the first ones, here or on a
cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kmeans_core.errors import TableError
from kmeans_core.tables.columns import level_values, number_values
from kmeans_core.tables.reading import join_names
from kmeans_core.types import FloatArray, IndexArray


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers. A value x becomes (x - center) / scale.

    Attributes
    ----------
    name : str
    fill : float or None, default None
        What stands in for a missing number; None drops the row.
    low, high : float
        Rows beyond are dropped; infinite by default.
    center, scale : float
        0 and 1 by default; the scale is above 0.
    """

    name: str
    fill: float | None = None
    low: float = float("-inf")
    high: float = float("inf")
    center: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class CategoryColumn:
    """A column of levels: one coordinate of 0 or 1 per level, all 0 for an unknown one.

    Attributes
    ----------
    name : str
    levels : tuple of str
    """

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Prepared:
    """The rows of a table as points.

    Attributes
    ----------
    points : ndarray of float64, shape (n, d)
    rows : ndarray of intp, shape (n,)
        Position of each in the table.
    missing, outliers : int
        Rows dropped: for a gap, and for a value beyond the limits.
    unknown : int, default 0
        Rows with an unknown level.
    """

    points: FloatArray
    rows: IndexArray
    missing: int
    outliers: int
    unknown: int = 0


@dataclass(frozen=True)
class Preparation:
    """How the rows of a table become points.

    Attributes
    ----------
    columns : tuple of NumberColumn and CategoryColumn
        In the order of the coordinates.
    notes : tuple of str
        What was left without effect, as sentences.
    """

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
        """The points of a table with these columns.

        Parameters
        ----------
        frame : DataFrame

        Returns
        -------
        Prepared
            There may be no points.

        Raises
        ------
        TableError
            If the table lacks a column, or one is not what it was.
        """
        missing_columns = [column.name for column in self.columns if column.name not in frame.columns]
        if missing_columns:
            raise TableError(
                f"The table has no column {join_names(missing_columns)}; it needs "
                f"{join_names([column.name for column in self.columns], 20)}."
            )
        coordinates = [_coordinates(column, frame[column.name]) for column in self.columns]
        values = np.concatenate(coordinates, axis=1)
        numbers = [place for column in self.columns for place in _coordinate_columns(column)]
        low = np.array([number.low for number in numbers])
        high = np.array([number.high for number in numbers])
        fill = np.array([np.nan if number.fill is None else number.fill for number in numbers])
        with np.errstate(invalid="ignore"):
            outside = ((values < low) | (values > high)).any(axis=1)
        values = np.where(np.isnan(values), fill, values)
        missing = np.isnan(values).any(axis=1)
        rows = np.flatnonzero(~outside & ~missing)
        return Prepared(
            self.to_coordinates(values[rows]),
            rows,
            int((missing & ~outside).sum()),
            int(outside.sum()),
            int(_unknown(self.columns, coordinates)[rows].sum()),
        )

    def to_coordinates(self, values: FloatArray) -> FloatArray:
        """Values in the units of the table, (n, d), as coordinates of points."""
        numbers = [place for column in self.columns for place in _coordinate_columns(column)]
        center = np.array([number.center for number in numbers])
        scale = np.array([number.scale for number in numbers])
        coordinates: FloatArray = (values - center) / scale
        return coordinates

    def to_original(self, centers: FloatArray) -> pd.DataFrame:
        """Centers, (k, d), in the units of the table; of a category the share of each level."""
        numbers = [place for column in self.columns for place in _coordinate_columns(column)]
        scale = np.array([number.scale for number in numbers])
        center = np.array([number.center for number in numbers])
        return pd.DataFrame(centers * scale + center, columns=self.names).rename_axis("cluster")


def _coordinates(column: NumberColumn | CategoryColumn, values: pd.Series) -> FloatArray:
    """(n, number of coordinates), nan where a number is missing."""
    if isinstance(column, NumberColumn):
        numbers = number_values(values)
        if np.isinf(numbers).any():
            raise TableError(f"The column {column.name} has infinite values; correct or remove them.")
        return numbers[:, None]
    levels = np.array(level_values(values), dtype=object)
    coordinates: FloatArray = (levels[:, None] == np.array(column.levels, dtype=object)).astype(np.float64)
    return coordinates


def _unknown(
    columns: Sequence[NumberColumn | CategoryColumn], coordinates: Sequence[FloatArray]
) -> NDArray[np.bool_]:
    """Which rows have a category without a level."""
    is_unknown = np.zeros(len(coordinates[0]), dtype=bool)
    for column, part in zip(columns, coordinates, strict=True):
        if isinstance(column, CategoryColumn):
            is_unknown |= part.sum(axis=1) == 0
    return is_unknown


def _coordinate_columns(column: NumberColumn | CategoryColumn) -> list[NumberColumn]:
    """One entry a coordinate; those of a category stay as they are."""
    if isinstance(column, NumberColumn):
        return [column]
    return [NumberColumn(level) for level in column.levels]
