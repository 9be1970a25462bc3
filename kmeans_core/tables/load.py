"""Reading tables: CSV, TSV, Parquet and Excel, from a path, bytes or an open file.

What is guessed (encoding, delimiter, decimal comma, header) is noted in the table's notes; an unreadable file
is one clear error message.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from kmeans_core.errors import TableError
from kmeans_core.tables.delimited import read_delimited
from kmeans_core.tables.packed import read_excel, read_parquet
from kmeans_core.tables.read_options import NOTHING_KNOWN, PARQUET, SPREADSHEET, TEXT, ReadOptions
from kmeans_core.tables.reading import check_columns, empty_columns_note, unique_names
from kmeans_core.wording import bytes_text, count_text

MAX_BYTES = 500_000_000

Source = str | Path | bytes | IO[bytes]


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it was read.

    Attributes
    ----------
    frame : DataFrame
        One row per row of the file.
    name : str
        Of the file.
    notes : tuple of str
        What was guessed and done, as sentences.
    sheets : tuple of str
        Names of all sheets of a spreadsheet.
    restyled : tuple of str
        Columns of numbers whose cells stand in the file as something else, such as "1,234".
    spelled : callable or None
        Takes names of columns, and returns their cells as they stand in the file; None if there is no text.
    is_text : bool
        Whether it was a text file, where every cell is spelled in some way.
    """

    frame: pd.DataFrame
    name: str
    notes: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    restyled: tuple[str, ...] = ()
    spelled: Callable[[Sequence[str]], pd.DataFrame] | None = None
    is_text: bool = False

    def with_labels(self, name: str, labels: pd.Series, *, as_text: bool = False) -> pd.DataFrame:
        """The rows as they came, with one more column.

        Parameters
        ----------
        name : str
            Of the column.
        labels : Series
            A cluster for each row.
        as_text : bool, default False
            All cells of a text file as they stand there, for writing them to one, where 1.50 is not 1.5.

        Returns
        -------
        DataFrame
        """
        columns = list(self.frame.columns) if as_text and self.is_text else list(self.restyled)
        frame = self.frame.copy(deep=False)
        if columns and self.spelled is not None:
            frame[columns] = self.spelled(columns)
        frame[name] = labels
        return frame


def load_table(
    source: Source,
    name: str = "",
    options: ReadOptions = NOTHING_KNOWN,
) -> Table:
    """Reads a table: CSV, TSV, Parquet or Excel, recognized by its first bytes.

    Parameters
    ----------
    source : str, Path, bytes or binary file
        Path of a file of at most 500 MB, its bytes, or an open file.
    name : str, default ""
        Of the file, if the source does not have it.
    options : ReadOptions, default NOTHING_KNOWN
        What is known of the file; the rest is found out, and the table's notes say what was guessed.

    Returns
    -------
    Table
        Column names are unique; empty columns and rows are left out, as its notes say.

    Raises
    ------
    TableError
        With what is wrong and what to do.
    OptionError
        For an option that means nothing for this kind of file, or names a column that it does not have.
    """
    data, name = _bytes_of(source, name)
    if not data or data.isspace():
        raise TableError(f"{name} is empty; choose a file with a header and rows.")
    sheets: tuple[str, ...] = ()
    restyled: tuple[str, ...] = ()
    spelled: Callable[[Sequence[str]], pd.DataFrame] | None = None
    notes: Sequence[str]
    kind = _kind(data)
    options.check_kind(kind, name)
    if kind == PARQUET:
        frame, notes = read_parquet(data, name)
    elif kind == SPREADSHEET:
        frame, _, sheets, originals, notes = read_excel(data, name, options)
        restyled, spelled = tuple(originals), partial(_chosen, originals)
    else:
        frame, spelled, restyled, notes = read_delimited(data, name, options)
    frame, tidy_notes = _tidied(frame, name)
    rows = frame.index
    frame.index = pd.RangeIndex(len(frame))
    return Table(
        frame,
        name,
        (*notes, *tidy_notes),
        sheets,
        tuple(column for column in restyled if column in frame.columns),
        partial(_in_rows, spelled, rows) if spelled else None,
        kind == TEXT,
    )


def _kind(data: bytes) -> str:
    if data[:4] == b"PAR1":
        return PARQUET
    is_book = data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    return SPREADSHEET if is_book else TEXT


def _chosen(cells: dict[str, pd.Series], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({column: cells[column] for column in columns})


def _in_rows(
    spelled: Callable[[Sequence[str]], pd.DataFrame], rows: pd.Index, columns: Sequence[str]
) -> pd.DataFrame:
    return spelled(columns).loc[rows].reset_index(drop=True)


def read_bytes(path: Path) -> bytes:
    """A file's bytes.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bytes

    Raises
    ------
    TableError
        If it is not there, a folder, not readable or larger than `MAX_BYTES`.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise TableError(f"{path} is a folder; give a file.")
        if size > MAX_BYTES:
            raise TableError(
                f"{path.name} has {bytes_text(size)}, more than can be read into memory "
                f"({bytes_text(MAX_BYTES)}); use a part of it."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"{path} does not exist; check the name.") from None
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}.") from None


def _bytes_of(source: Source, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name or "The table"
    if isinstance(source, str | Path):
        return read_bytes(Path(source)), name or Path(source).name
    return source.read(), name or Path(getattr(source, "name", "The table")).name


def _is_empty(values: pd.Series) -> bool:
    # A look at the first one spares most columns a look at all of them.
    return not len(values) or (bool(pd.isna(values.iloc[0])) and bool(values.isna().all()))


def _tidied(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Makes names unique, and drops empty columns and rows. Raises TableError for what is not a table."""
    notes = []
    check_columns(frame.shape[1], name)
    names = unique_names([str(column).strip() for column in frame.columns])
    if names != list(frame.columns):
        frame.columns = pd.Index(names)
    empty = [column for column in frame.columns if _is_empty(frame[column])]
    if len(frame) and len(empty) == frame.shape[1]:
        raise TableError(f"{name} has no values: every cell is empty; choose another file.")
    if empty:
        frame = frame.drop(columns=empty)
        notes.append(empty_columns_note(empty))
    filled = np.zeros(len(frame), dtype=bool)
    for column in frame.columns:
        filled |= frame[column].notna().to_numpy()
        if filled.all():
            break
    else:
        frame = frame[filled]
        # Whole numbers that have no gaps any more need no type that has them.
        without = {
            column: str(kind).lower()
            for column, kind in frame.dtypes.items()
            if isinstance(kind, pd.Int64Dtype | pd.UInt64Dtype) and frame[column].notna().all()
        }
        frame = frame.astype(without)
        notes.append(f"{count_text(int(np.count_nonzero(~filled)), 'empty row')} left out.")
    if frame.empty:
        raise TableError(f"{name} has a header but no rows; choose a file with rows.")
    return frame, notes
