"""What the readers of different kinds of files share."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
import pandas as pd
import pyarrow as pa

from kmeans_core.errors import TableError
from kmeans_core.tables.cells import is_repetitive

MAX_COLUMNS = 1000
_FEW_ROWS = 1000


class Sheet(NamedTuple):
    """One sheet of a spreadsheet. frame: its rows. title: its name. titles: of all sheets. originals: column
    → its cells as they were, where they were read as something else. notes: what was guessed."""

    frame: pd.DataFrame
    title: str
    titles: tuple[str, ...]
    originals: dict[str, pd.Series]
    notes: tuple[str, ...]


def check_columns(count: int, name: str) -> None:
    """Raises TableError for a table with too many columns."""
    if count > MAX_COLUMNS:
        raise TableError(
            f"{name} has {count:,} columns; at most {MAX_COLUMNS:,} are read. Keep those that matter."
        )


def join_names(names: Sequence[str], max_names: int = 5) -> str:
    """["a", "b", "c"] → "a, b, c", or "a, b and 1 more" if at most two are wanted."""
    text = ", ".join(names[:max_names])
    return text if len(names) <= max_names else f"{text} and {len(names) - max_names} more"


def empty_columns_note(names: Sequence[str]) -> str:
    """The note about columns without values."""
    return f"Left out {join_names(names)}, which {'has' if len(names) == 1 else 'have'} no values."


def unique_names(names: Sequence[str]) -> list[str]:
    """["x", "", "x"] → ["x", "column 2", "x (2)"]"""
    found: dict[str, None] = {}
    numbers: dict[str, int] = {}  # the last one that a name got
    for place, name in enumerate(names, 1):
        unique = wanted = name or f"column {place}"
        while unique in found:
            numbers[wanted] = numbers.get(wanted, 1) + 1
            unique = f"{wanted} ({numbers[wanted]})"
        found[unique] = None
    return list(found)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """The table for pandas: words as objects, whole numbers whole even where some are missing, decimals as
    floats, times without a zone."""
    columns = {place: _values(column) for place, column in enumerate(table.columns)}
    frame = pd.DataFrame(columns, copy=False)
    frame.columns = pd.Index(table.column_names)
    return frame


def _values(column: pa.ChunkedArray) -> pd.Series | np.ndarray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(pa.timestamp(kind.unit))
    elif pa.types.is_integer(kind) and column.null_count:
        whole = pd.UInt64Dtype() if pa.types.is_unsigned_integer(kind) else pd.Int64Dtype()
        return cast(pd.Series, column.to_pandas(types_mapper=lambda _: whole))
    # Equal words are one object where that is worth the search.
    try:
        if pa.types.is_string(kind) and len(column) > _FEW_ROWS and is_repetitive(column):
            return cast(pd.Series, column.to_pandas(deduplicate_objects=True))
        if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
            return cast(np.ndarray, column.to_numpy())  # the same, without the time that a series takes
        return cast(pd.Series, column.to_pandas(date_as_object=False))
    except pa.ArrowException as error:
        if "Wrapping" in str(error):  # what Arrow says when Python has no memory for another text
            raise MemoryError from error
        raise
