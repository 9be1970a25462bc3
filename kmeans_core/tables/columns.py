"""What the columns of a table contain: numbers, or levels of a category. It is found chunk by chunk and
merged, so that a table may be in many files on a cluster.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from kmeans_core.errors import TableError
from kmeans_core.types import FloatArray

NUMBER, YES_NO, CATEGORY, TEXT, DATE, ROW_NUMBER = (
    "number",
    "yes/no",
    "category",
    "text",
    "date",
    "row number",
)

MAX_LEVELS = 50
# Squares of larger numbers would not fit a float.
MAX_VALUE = 1e100
# What stands for a missing value among the levels of a category.
NO_LEVEL = "(missing)"


@dataclass(frozen=True)
class Moments:
    """Moments of some numbers.

    Attributes
    ----------
    count : int
    mean : float
    squares : float
        Sum of squared differences from the mean.
    low, high : float
        Lowest and highest; infinite without a number.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    @property
    def std(self) -> float:
        """Population standard deviation (divided by n)."""
        return math.sqrt(self.squares / self.count)

    @classmethod
    def of(cls, values: FloatArray) -> "Moments":
        """values: (n,) without nan."""
        if not len(values):
            return cls()
        mean = float(values.mean())
        squares = float(((values - mean) ** 2).sum())
        return cls(len(values), mean, squares, float(values.min()), float(values.max()))

    def __add__(self, other: "Moments") -> "Moments":
        """The moments of both together (Chan, Golub, LeVeque, *Updating formulae and a pairwise algorithm for
        computing sample variances*, 1979).
        """
        if not self.count or not other.count:
            return self if self.count else other
        count, difference = self.count + other.count, other.mean - self.mean
        return Moments(
            count,
            self.mean + difference * other.count / count,
            self.squares + other.squares + difference * difference * self.count * other.count / count,
            min(self.low, other.low),
            max(self.high, other.high),
        )


@dataclass(frozen=True)
class ColumnFacts:
    """What a chunk of rows says about a column.

    Attributes
    ----------
    content : str
        NUMBER, YES_NO, DATE or TEXT.
    n_rows, n_present : int
        Rows, and those with a value.
    moments : Moments
        Of its numbers.
    n_unusable : int
        Numbers that are infinite, or too large to be squared.
    words : frozenset of str
        Different levels, `NO_LEVEL` included, at most one more than a category may have.
    run : tuple of int or None
        First and last of whole numbers that count up by one.
    """

    content: str
    n_rows: int
    n_present: int
    moments: Moments = Moments()
    n_unusable: int = 0
    words: frozenset[str] = frozenset()
    run: tuple[int, int] | None = None

    @property
    def kind(self) -> str:
        """NUMBER, YES_NO, CATEGORY, TEXT, DATE or ROW_NUMBER."""
        if self.content == NUMBER and self.run is not None and self.run[0] in (0, 1) and self.n_rows >= 3:
            return ROW_NUMBER
        if self.content != TEXT:
            return self.content
        is_category = len(self.words - {NO_LEVEL}) <= min(MAX_LEVELS, max(2, self.n_present // 2))
        return CATEGORY if is_category else TEXT

    def __add__(self, other: "ColumnFacts") -> "ColumnFacts":
        """The facts about these rows and the next ones."""
        if not self.n_rows or not other.n_rows:
            return self if self.n_rows else other
        follows = self.run is not None and other.run is not None and other.run[0] == self.run[1] + 1
        return ColumnFacts(
            self.content if self.n_present else other.content,
            self.n_rows + other.n_rows,
            self.n_present + other.n_present,
            self.moments + other.moments,
            self.n_unusable + other.n_unusable,
            _limit_levels(sorted(self.words | other.words)),
            (self.run[0], other.run[1]) if follows and self.run and other.run else None,
        )


def column_facts(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> dict[str, ColumnFacts]:
    """Column → what these rows show of it; of all columns by default."""
    return {str(name): _facts(frame[name]) for name in (frame.columns if columns is None else columns)}


def merge_facts(chunks: Iterable[dict[str, ColumnFacts]]) -> dict[str, ColumnFacts]:
    """The facts about all chunks, from those of each."""
    return reduce(lambda a, b: {name: a[name] + b[name] for name in a}, chunks)


def column_kinds(frame: pd.DataFrame) -> dict[str, str]:
    """What the columns of a table hold.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    dict of str to str
        Column → NUMBER, YES_NO, CATEGORY, TEXT, DATE or ROW_NUMBER.
    """
    return {name: facts.kind for name, facts in column_facts(frame).items()}


def default_columns(kinds: Mapping[str, str]) -> list[str]:
    """The columns to cluster by if none are chosen: the numbers. kinds: of the columns."""
    return [name for name, kind in kinds.items() if kind == NUMBER]


def number_values(values: pd.Series) -> NDArray[np.float64]:
    """A column as numbers, nan where one is missing. Raises TableError if it holds something else."""
    if types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        raise TableError(f"The column {values.name} should have numbers and has dates; leave it out.")
    if not (types.is_numeric_dtype(values) or types.is_bool_dtype(values)):
        converted = pd.to_numeric(values, errors="coerce")
        broken = converted.isna() & values.notna()
        if broken.any():
            raise TableError(
                f"The column {values.name} should have numbers, but row {int(np.argmax(broken)) + 1:,} has "
                f"{str(values[broken].iloc[0])[:40]!r}; correct it, or leave the column out."
            )
        values = converted
    numbers: NDArray[np.float64] = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def level_values(values: pd.Series) -> list[str]:
    """A column as levels, `NO_LEVEL` where one is missing."""
    return [
        NO_LEVEL if missing else _level(value) for value, missing in zip(values, values.isna(), strict=True)
    ]


def _level(value: object) -> str:
    """The same for equal values, whatever type the column has in a file: 1, 1.0 and "1"."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    word = str(value).strip()
    return word.lower() if word.lower() in ("true", "false") else word


def _facts(values: pd.Series) -> ColumnFacts:
    known = ColumnFacts(_holds(values), len(values), int(values.notna().sum()))
    if known.content == DATE:
        return known
    if known.content == TEXT:
        levels = set(level_values(pd.Series(values.unique())))
        return replace(known, words=_limit_levels(sorted(levels)))
    numbers = number_values(values)
    numbers = numbers[~np.isnan(numbers)]
    n_unusable = np.abs(numbers) > MAX_VALUE
    return replace(
        known,
        moments=Moments.of(numbers[~n_unusable]),
        n_unusable=int(n_unusable.sum()),
        run=_counting_range(values),
    )


def _holds(values: pd.Series) -> str:
    if types.is_bool_dtype(values):
        return YES_NO
    if types.is_numeric_dtype(values):
        return NUMBER
    if types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        return DATE
    present = values.dropna()
    return YES_NO if len(present) and all(isinstance(value, bool) for value in present) else TEXT


def _limit_levels(words: Sequence[str]) -> frozenset[str]:
    """At most enough of them to see that there are too many, always with the missing one."""
    max_levels = MAX_LEVELS + 1
    levels = [word for word in words if word != NO_LEVEL][:max_levels]
    return frozenset([*levels, *([NO_LEVEL] if NO_LEVEL in words else [])])


def _counting_range(values: pd.Series) -> tuple[int, int] | None:
    """The first and the last value if the column only counts up, 7, 8, 9, …"""
    if not types.is_integer_dtype(values) or not len(values) or values.isna().any():
        return None
    first, last = int(values.iloc[0]), int(values.iloc[-1])
    if last - first != len(values) - 1 or abs(first) > 2**53:
        return None
    return (first, last) if bool((values.to_numpy() == np.arange(first, last + 1)).all()) else None
