"""Fitting a preparation: which columns are used, and how they are filled, filtered and scaled.

The formulas are those of scikit-learn's SimpleImputer, StandardScaler, MinMaxScaler and OneHotEncoder.
"""

import operator
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Protocol, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.cells import count_cells
from kmeans_core.tables.columns import (
    CATEGORY,
    DATE,
    MAX_LEVELS,
    MAX_VALUE,
    NUMBER,
    TEXT,
    YES_NO,
    ColumnFacts,
    Moments,
    column_facts,
    merge_facts,
    number_values,
)
from kmeans_core.tables.options import PrepareOptions
from kmeans_core.tables.preparation import CategoryColumn, NumberColumn, Preparation
from kmeans_core.tables.reading import join_names

MAX_POINT_COLUMNS = 1000
# A category may have some, such as sizes: 38, 40, XL.
_MAX_NUMBERS_AS_LEVELS = 10

Result = TypeVar("Result")


class RowChunks(Protocol):
    """The rows of a table in one chunk or many, here or on a cluster."""

    @property
    def names(self) -> list[str]:
        """Of all columns."""

    @property
    def n_chunks(self) -> int:
        """How many."""

    def each(
        self, function: Callable[[pd.DataFrame], Result], columns: Sequence[str] | None = None
    ) -> list[Result]:
        """Applies `function` to every chunk of rows, in order. It is pickled, so it must be a function of a
        module or a `partial` of one. columns: those that it needs; all by default.
        """


@dataclass(frozen=True)
class RemainingRows:
    """What a preparation leaves of a chunk of rows. moments: of each coordinate. missing, outliers: rows
    dropped.
    """

    count: int
    missing: int
    outliers: int
    moments: tuple[Moments, ...]


def fit_preparation(
    frame: pd.DataFrame, columns: Sequence[str] | None = None, options: PrepareOptions | None = None
) -> Preparation:
    """Computes the numbers that `Preparation.apply()` needs, from all rows of a table.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of str, optional
        Those to cluster by; the numbers by default.
    options : PrepareOptions, optional
        Outliers are found among the values that are present; fill values and scales come from the rows that
        remain.

    Returns
    -------
    Preparation

    Raises
    ------
    TableError
        If the columns cannot become points: unknown ones, dates, infinite values, all rows dropped.
    """
    preparation, _ = fit_preparation_to(_OneChunk(frame), columns, options or PrepareOptions())
    return preparation


def fit_preparation_to(
    rows: RowChunks, columns: Sequence[str] | None, options: PrepareOptions
) -> tuple[Preparation, list[RemainingRows]]:
    """The same for rows in many chunks, and what remains of each."""
    if options.missing == "median" and rows.n_chunks > 1:
        raise OptionError(
            "missing='median' needs all rows in memory, and these are read in chunks; use mean or drop."
        )
    column_names = None if not columns else list(dict.fromkeys(columns))
    unknown = [name for name in column_names or () if name not in rows.names]
    if unknown:
        raise TableError(
            f"The table has no column {join_names(unknown)}; it has {join_names(rows.names, 20)}."
        )
    facts = merge_facts(rows.each(partial(column_facts, columns=column_names), column_names))
    chosen = _checked_columns(facts, columns)
    fitted = tuple(_fit_column(name, facts[name], options) for name in chosen)
    raw = Preparation(fitted)
    if len(raw.names) > MAX_POINT_COLUMNS:
        raise TableError(
            f"The chosen columns make {len(raw.names):,} coordinates; at most {MAX_POINT_COLUMNS:,} are "
            "allowed. Leave out columns with many different values."
        )
    if options.missing != "drop":
        raw = _with_fill(raw, rows, options.missing)
    remaining = rows.each(partial(_remaining, raw), chosen)
    _check_some_remain(remaining, facts[chosen[0]].n_rows)
    return _with_scale(raw, remaining, options.scaling), remaining


class _OneChunk:
    """A table in memory, as one chunk."""

    n_chunks = 1

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.names = [str(name) for name in frame.columns]

    def each(
        self, function: Callable[[pd.DataFrame], Result], columns: Sequence[str] | None = None
    ) -> list[Result]:
        return [function(self.frame)]


def _checked_columns(facts: dict[str, ColumnFacts], columns: Sequence[str] | None) -> list[str]:
    kinds = {name: fact.kind for name, fact in facts.items()}
    if columns is None:
        usual = [name for name, kind in kinds.items() if kind == NUMBER]
        if usual:
            return usual
        raise TableError(
            "The table has no column of numbers to cluster by: "
            f"{join_names([f'{name} is {kind}' for name, kind in kinds.items()])}. Choose a category, "
            "or another table."
        )
    chosen = list(dict.fromkeys(columns))
    if not chosen and not any(kind in (NUMBER, YES_NO, CATEGORY) for kind in kinds.values()):
        return _checked_columns(facts, None)
    if not chosen:
        raise TableError("No column is chosen; choose at least one.")
    return chosen


def _fit_column(name: str, facts: ColumnFacts, options: PrepareOptions) -> NumberColumn | CategoryColumn:
    kind = facts.kind
    if kind == DATE:
        raise TableError(f"The column {name} has dates, which cannot be clustered; leave it out.")
    if kind in (CATEGORY, TEXT):
        _check_not_numbers(name, facts.words)
        if len(facts.words) > MAX_LEVELS:
            raise TableError(
                f"The column {name} has more than {MAX_LEVELS} different values, the most that a category "
                "may have; leave it out."
            )
        return CategoryColumn(name, tuple(sorted(facts.words)))
    if facts.n_unusable:
        values = "1 value that is" if facts.n_unusable == 1 else f"{facts.n_unusable:,} values that are"
        raise TableError(
            f"The column {name} has {values} infinite or beyond {MAX_VALUE:g}; correct or remove them, or "
            "leave the column out."
        )
    if not facts.n_present:
        raise TableError(f"The column {name} has no values; leave it out.")
    if options.outliers is None or kind == YES_NO:  # a rare "yes" is not an outlier
        return NumberColumn(name)
    mean, max_deviation = facts.moments.mean, options.outliers * facts.moments.std
    # Rounding must not make outliers of equal values.
    max_deviation += 1e-9 * max(abs(mean), 1e-300)
    return NumberColumn(name, low=mean - max_deviation, high=mean + max_deviation)


def _check_not_numbers(name: str, levels: Collection[str]) -> None:
    """Refuses a column of numbers that some cells keep from being one."""
    counts = count_cells(pa.chunked_array([pa.array(sorted(levels), pa.string())]))
    n_numbers = max(counts.n_numbers)
    words = counts.words[counts.n_numbers.index(n_numbers)]
    if words and n_numbers > max(_MAX_NUMBERS_AS_LEVELS, len(levels) / 2):
        raise TableError(
            f"The column {name} has numbers and words, such as {words[0][1][:40]!r}; correct these to use it "
            "as numbers, or leave the column out."
        )


def _with_fill(raw: Preparation, rows: RowChunks, method: str) -> Preparation:
    """The same with fill values for missing numbers, from the rows that are not outliers."""
    chunk_moments = rows.each(partial(_fills, raw, method), [column.name for column in raw.columns])
    filled = []
    for place, column in enumerate(raw.columns):
        if isinstance(column, NumberColumn):
            moments = reduce(operator.add, (chunk[place] for chunk in chunk_moments))
            if not moments.count:
                raise TableError(f"The column {column.name} has only outliers; allow more deviations.")
            column = replace(column, fill=moments.mean)
        filled.append(column)
    return Preparation(tuple(filled))


def _fills(raw: Preparation, way: str, frame: pd.DataFrame) -> list[Moments]:
    """Moments of each column of numbers over rows that are not outliers, with the median as `mean` if that is
    the method; those of a category are ignored.
    """
    numbers = [
        number_values(frame[column.name]) if isinstance(column, NumberColumn) else np.zeros(len(frame))
        for column in raw.columns
    ]
    inside = np.ones(len(frame), dtype=bool)
    for column, values in zip(raw.columns, numbers, strict=True):
        if isinstance(column, NumberColumn):
            inside &= np.isnan(values) | ((values >= column.low) & (values <= column.high))
    found = []
    for values in numbers:
        present = values[inside & ~np.isnan(values)]
        moments = Moments.of(present)
        if way == "median" and len(present):
            moments = replace(moments, mean=float(np.median(present)))
        found.append(moments)
    return found


def _remaining(raw: Preparation, frame: pd.DataFrame) -> RemainingRows:
    prepared = raw.apply(frame)
    moments = tuple(Moments.of(column) for column in prepared.points.T)
    return RemainingRows(len(prepared.rows), prepared.missing, prepared.outliers, moments)


def _with_scale(raw: Preparation, remaining: Sequence[RemainingRows], scaling: str) -> Preparation:
    """The same with center and scale, from the points that remain, still in original units."""
    columns: list[NumberColumn | CategoryColumn] = []
    constant, place = [], 0
    for column in raw.columns:
        if isinstance(column, CategoryColumn):
            place += len(column.levels)
        else:
            moments = reduce(operator.add, (chunk.moments[place] for chunk in remaining))
            place += 1
            if moments.low == moments.high:
                constant.append(column.name)
            column = _scaled(column, moments, scaling)
        columns.append(column)
    notes = (f"The same in every row, so without effect: {join_names(constant)}.",) if constant else ()
    return Preparation(tuple(columns), notes)


def _scaled(column: NumberColumn, moments: Moments, scaling: str) -> NumberColumn:
    if scaling == "none":
        return column
    if moments.low == moments.high:
        return replace(column, center=moments.low)
    center, scale = (
        (moments.low, moments.high - moments.low) if scaling == "minmax" else (moments.mean, moments.std)
    )
    # Differences whose squares are 0 do not count.
    return replace(column, center=center, scale=scale or 1.0)


def _check_some_remain(remaining: Sequence[RemainingRows], n_rows: int) -> None:
    if any(chunk.count for chunk in remaining):
        return
    missing = sum(chunk.missing for chunk in remaining)
    outliers = sum(chunk.outliers for chunk in remaining)
    reasons = []
    if missing:
        reasons.append(f"{missing:,} lack a value (fill in the mean or median instead)")
    if outliers:
        reasons.append(f"{outliers:,} are outliers (allow more standard deviations)")
    if not n_rows:
        raise TableError("The table has columns but no rows; choose one with rows.")
    raise TableError(f"None of the {n_rows:,} rows remains: {' and '.join(reasons)}.")
