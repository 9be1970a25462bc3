"""What the columns of a table hold, as numbers or as words."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from kmeans_core.errors import TableError

NUMBER, YES_NO, CATEGORY, TEXT, DATE, ROW_NUMBER = (
    "number",
    "yes/no",
    "category",
    "text",
    "date",
    "row number",
)

MOST_LEVELS = 50
# What stands for a missing value among the levels of a category.
NO_LEVEL = "(missing)"


def column_kinds(frame: pd.DataFrame) -> dict[str, str]:
    """Column → NUMBER, YES_NO, CATEGORY, TEXT, DATE or ROW_NUMBER."""
    return {str(name): _kind(frame[name]) for name in frame.columns}


def usual_columns(frame: pd.DataFrame) -> list[str]:
    """What people cluster by unless they say otherwise: the numbers."""
    return [name for name, kind in column_kinds(frame).items() if kind == NUMBER]


def number_values(values: pd.Series) -> NDArray[np.float64]:
    """A column as numbers, nan where one is missing. Raises TableError if it holds something else."""
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


def word_values(values: pd.Series) -> list[str]:
    """A column as words, `NO_LEVEL` where one is missing."""
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
