"""From the columns of a table to points, and back: what is chosen, filled, dropped and scaled.

A `Preparation` remembers every number it used, so that new rows are treated as the first ones were, here or
in the processes of a cluster. The formulas are those of scikit-learn's SimpleImputer, StandardScaler,
MinMaxScaler and OneHotEncoder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.reading import listed
from kmeans_core.types import FloatArray, IndexArray

MISSING_WAYS = ("drop", "mean", "median")
SCALINGS = ("standard", "minmax", "none")
MOST_LEVELS = 50
MOST_POINT_COLUMNS = 1000
# Squares of larger numbers would not fit a float.
_LARGEST = 1e100
# What stands for a missing value among the levels of a category.
NO_LEVEL = "(missing)"

NUMBER, YES_NO, CATEGORY, TEXT, DATE, ROW_NUMBER = (
    "number",
    "yes/no",
    "category",
    "text",
    "date",
    "row number",
)


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
        center = np.array([number.center for number in numbers])
        scale = np.array([number.scale for number in numbers])
        return Prepared(
            (values[rows] - center) / scale,
            rows,
            int((missing & ~outside).sum()),
            int(outside.sum()),
            int(_unknown(self.columns, parts)[rows].sum()),
        )

    def to_original(self, centers: FloatArray) -> pd.DataFrame:
        """Centers, (k, d), in the units of the table; of a category the share of each level."""
        numbers = [place for column in self.columns for place in _places(column)]
        scale = np.array([number.scale for number in numbers])
        center = np.array([number.center for number in numbers])
        return pd.DataFrame(centers * scale + center, columns=self.names).rename_axis("cluster")


def column_kinds(frame: pd.DataFrame) -> dict[str, str]:
    """Column → NUMBER, YES_NO, CATEGORY, TEXT, DATE or ROW_NUMBER."""
    return {str(name): _kind(frame[name]) for name in frame.columns}


def usual_columns(frame: pd.DataFrame) -> list[str]:
    """What people cluster by unless they say otherwise: the numbers."""
    return [name for name, kind in column_kinds(frame).items() if kind == NUMBER]


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
        levels = sorted(set(_words(values)))
        if len(levels) > MOST_LEVELS:
            raise TableError(
                f"The column {name} holds {len(levels):,} different words; a category may have at most "
                f"{MOST_LEVELS}. Leave it out."
            )
        return CategoryColumn(name, tuple(levels))
    numbers = _numbers(values)
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
            numbers = _numbers(frame[column.name])
            inside &= np.isnan(numbers) | ((numbers >= column.low) & (numbers <= column.high))
    filled = []
    for column in raw.columns:
        if isinstance(column, NumberColumn):
            numbers = _numbers(frame[column.name])[inside]
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


def _coordinates(column: NumberColumn | CategoryColumn, values: pd.Series) -> FloatArray:
    """(n, number of coordinates), nan where a number is missing."""
    if isinstance(column, NumberColumn):
        numbers = _numbers(values)
        if np.isinf(numbers).any():
            raise TableError(f"The column {column.name} holds infinite values; correct or remove them.")
        return numbers[:, None]
    words = np.array(_words(values), dtype=object)
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


def _numbers(values: pd.Series) -> NDArray[np.float64]:
    if types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        raise TableError(f"The column {values.name} should hold numbers and holds dates; leave it out.")
    if not (types.is_numeric_dtype(values) or types.is_bool_dtype(values)):
        converted = pd.to_numeric(values, errors="coerce")
        broken = converted.isna() & values.notna()
        if broken.any():
            raise TableError(
                f"The column {values.name} should hold numbers, but row {int(np.argmax(broken)) + 1:,} says "
                f"{str(values[broken].iloc[0])[:40]!r}; correct it, or leave the column out."
            )
        values = converted
    numbers: NDArray[np.float64] = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _words(values: pd.Series) -> list[str]:
    return [
        NO_LEVEL if missing else _word(value) for value, missing in zip(values, values.isna(), strict=True)
    ]


def _word(value: object) -> str:
    """The same for the same word, whatever type its column has in one file or another: 1, 1.0 and "1"."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    word = str(value).strip()
    return word.lower() if word.lower() in ("true", "false") else word


def _kind(values: pd.Series) -> str:
    if types.is_bool_dtype(values):
        return YES_NO
    if types.is_numeric_dtype(values):
        return ROW_NUMBER if _counts_rows(values) else NUMBER
    if types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        return DATE
    present = values.dropna()
    if len(present) and all(isinstance(value, bool) for value in present):
        return YES_NO
    few = present.nunique() <= min(MOST_LEVELS, max(2, len(present) // 2))
    return CATEGORY if few else TEXT


def _counts_rows(values: pd.Series) -> bool:
    """Whether a column only counts: 0, 1, 2, … or 1, 2, 3, …"""
    if not types.is_integer_dtype(values) or len(values) < 3 or values.isna().any():
        return False
    first = int(values.iloc[0])
    return first in (0, 1) and bool((values.to_numpy() == np.arange(first, first + len(values))).all())
