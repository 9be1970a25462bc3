"""What the readers of different kinds of files share."""

from collections.abc import Sequence
from typing import cast

import pandas as pd
import pyarrow as pa

from kmeans_core.errors import TableError

MOST_COLUMNS = 1000
# What people write where they have no value.
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "-", "#N/A")


def check_columns(count: int, name: str) -> None:
    """Raises TableError for a table too wide to be looked at."""
    if count > MOST_COLUMNS:
        raise TableError(
            f"{name} has {count:,} columns; at most {MOST_COLUMNS:,} are read. Keep those that matter."
        )


def listed(names: Sequence[str], most: int = 5) -> str:
    """["a", "b", "c"] → "a, b, c", or "a, b and 1 more" if at most two are wanted."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def as_frame(table: pa.Table) -> pd.DataFrame:
    return cast(pd.DataFrame, table.to_pandas(date_as_object=False))
