"""Finding a preparation: what is chosen, filled, dropped and scaled.

The formulas are those of scikit-learn's SimpleImputer, StandardScaler, MinMaxScaler and OneHotEncoder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.columns import (
    CATEGORY,
    DATE,
    MOST_LEVELS,
    NUMBER,
    TEXT,
    YES_NO,
    column_kinds,
    number_values,
    usual_columns,
    word_values,
)
from kmeans_core.tables.preparation import CategoryColumn, NumberColumn, Preparation, Prepared
from kmeans_core.tables.reading import listed
from kmeans_core.types import FloatArray

MISSING_WAYS = ("drop", "mean", "median")
SCALINGS = ("standard", "minmax", "none")
MOST_POINT_COLUMNS = 1000
# Squares of larger numbers would not fit a float.
_LARGEST = 1e100


@dataclass(frozen=True)
class PrepareOptions:
    """missing: what to do with rows that lack a number: "drop" them, or fill in the "mean" or "median" of the
    column. scaling: "standard" (mean 0, standard deviation 1), "minmax" (0 to 1) or "none".
    outliers: rows are dropped that have a number so many standard deviations from its mean; None keeps all.
    """

    missing: str = "drop"
    scaling: str = "standard"
    outliers: float | None = None

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("missing", self.missing, MISSING_WAYS),
            ("scaling", self.scaling, SCALINGS),
        ):
            if value not in allowed:
                raise OptionError(f"{name}={value!r} is unknown; use one of: {', '.join(allowed)}.")
        if self.outliers is not None and not 0 < self.outliers < float("inf"):
            raise OptionError(
                f"outliers={self.outliers!r} is not allowed; give a number of standard deviations above 0."
            )


def fit_preparation(
    frame: pd.DataFrame, columns: Sequence[str] | None = None, options: PrepareOptions | None = None
) -> Preparation:
    """Finds the numbers that `apply` needs, from all rows of the table.

    columns: those to cluster by; None takes the numbers. Outliers are told from the values that are there;
    what fills a gap, and the scale, come from the rows that remain.

    Raises TableError if the columns make no points: unknown ones, dates, infinite values, all rows dropped.
    """
    options = options or PrepareOptions()
    chosen = _checked_columns(frame, columns)
    kinds = column_kinds(frame[chosen])
    fitted = tuple(_fit_column(frame[name], kinds[name], options) for name in chosen)
    raw = Preparation(fitted)
    if len(raw.names) > MOST_POINT_COLUMNS:
        raise TableError(
            f"The chosen columns make {len(raw.names):,} coordinates; at most {MOST_POINT_COLUMNS:,} are "
            "allowed. Leave out columns with many different words."
        )
    if options.missing != "drop":
        raw = _with_fill(raw, frame, options.missing)
    prepared = raw.apply(frame)
    _check_some_remain(prepared, len(frame))
    return _with_scale(raw, prepared.points, options.scaling)


def _checked_columns(frame: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        usual = usual_columns(frame)
        if usual:
            return usual
        kinds = column_kinds(frame)
        raise TableError(
            "The table has no column of numbers to cluster by: "
            f"{listed([f'{name} is {kind}' for name, kind in kinds.items()])}. Choose a category, or another "
            "table."
        )
    chosen = list(dict.fromkeys(columns))
    if not chosen and not any(kind in (NUMBER, YES_NO, CATEGORY) for kind in column_kinds(frame).values()):
        return _checked_columns(frame, None)
    if not chosen:
        raise TableError("No column is chosen; choose at least one.")
    unknown = [name for name in chosen if name not in frame.columns]
    if unknown:
        raise TableError(
            f"The table has no column {listed(unknown)}; it has {listed([str(name) for name in frame], 20)}."
        )
    return chosen


def _fit_column(values: pd.Series, kind: str, options: PrepareOptions) -> NumberColumn | CategoryColumn:
    name = str(values.name)
    if kind == DATE:
        raise TableError(f"The column {name} holds dates, which have no distance here; leave it out.")
    if kind in (CATEGORY, TEXT):
        levels = sorted(set(word_values(values)))
        if len(levels) > MOST_LEVELS:
            raise TableError(
                f"The column {name} holds {len(levels):,} different words; a category may have at most "
                f"{MOST_LEVELS}. Leave it out."
            )
        return CategoryColumn(name, tuple(levels))
    numbers = number_values(values)
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        raise TableError(f"The column {name} has no values; leave it out.")
    wild = int((np.abs(present) > _LARGEST).sum())
    if wild:
        raise TableError(
            f"The column {name} has {wild:,} infinite values, or beyond {_LARGEST:g}; correct or remove "
            "them, or leave the column out."
        )
    if options.outliers is None or kind == YES_NO:  # a rare "yes" is no mistake
        return NumberColumn(name)
    mean, reach = float(present.mean()), options.outliers * float(present.std())
    # The rounding of a column of equal values must not drop it.
    reach += 1e-9 * max(abs(mean), 1e-300)
    return NumberColumn(name, low=mean - reach, high=mean + reach)


def _with_fill(raw: Preparation, frame: pd.DataFrame, way: str) -> Preparation:
    """The same with a stand-in for missing numbers, from the rows that are no outliers."""
    inside = np.ones(len(frame), dtype=bool)
    for column in raw.columns:
        if isinstance(column, NumberColumn):
            numbers = number_values(frame[column.name])
            inside &= np.isnan(numbers) | ((numbers >= column.low) & (numbers <= column.high))
    filled = []
    for column in raw.columns:
        if isinstance(column, NumberColumn):
            numbers = number_values(frame[column.name])[inside]
            present = numbers[~np.isnan(numbers)]
            if not len(present):
                raise TableError(f"The column {column.name} has only outliers; allow more deviations.")
            middle = np.mean(present) if way == "mean" else np.median(present)
            column = replace(column, fill=float(middle))
        filled.append(column)
    return Preparation(tuple(filled))


def _with_scale(raw: Preparation, points: FloatArray, scaling: str) -> Preparation:
    """The same with center and scale, from the points that remain, (n, d), still in original units."""
    columns: list[NumberColumn | CategoryColumn] = []
    constant, place = [], 0
    for column in raw.columns:
        if isinstance(column, CategoryColumn):
            place += len(column.levels)
        else:
            values = points[:, place]
            place += 1
            low, high = float(values.min()), float(values.max())
            if low == high:
                constant.append(column.name)
            column = _scaled(column, values, scaling)
        columns.append(column)
    notes = (f"The same in every row, so of no effect: {listed(constant)}.",) if constant else ()
    return Preparation(tuple(columns), notes)


def _scaled(column: NumberColumn, values: FloatArray, scaling: str) -> NumberColumn:
    low, high = float(values.min()), float(values.max())
    if scaling == "none":
        return column
    if low == high:
        return replace(column, center=low)
    center, scale = (low, high - low) if scaling == "minmax" else (values.mean(), values.std())
    # Differences so small that their squares are 0 are none.
    return replace(column, center=float(center), scale=float(scale) or 1.0)


def _check_some_remain(prepared: Prepared, n_rows: int) -> None:
    if len(prepared.rows):
        return
    reasons = []
    if prepared.missing:
        reasons.append(f"{prepared.missing:,} lack a value (fill in the mean or median instead)")
    if prepared.outliers:
        reasons.append(f"{prepared.outliers:,} are outliers (allow more standard deviations)")
    raise TableError(f"None of the {n_rows:,} rows remains: {' and '.join(reasons)}.")
