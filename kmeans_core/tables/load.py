"""Reading tables: CSV, TSV, Parquet and Excel, from a path, bytes or an open file.

What is guessed (encoding, delimiter, decimal comma, header) is noted in the table's notes; an unreadable file
is one clear error message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pandas as pd

from kmeans_core.errors import TableError
from kmeans_core.tables.delimited import read_delimited
from kmeans_core.tables.packed import read_excel, read_parquet
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
    originals : mapping of str to Series
        Column → its cells as they stand in the file, where they were read as something else.
    """

    frame: pd.DataFrame
    name: str
    notes: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    originals: Mapping[str, pd.Series] = field(default_factory=dict)

    def with_labels(self, name: str, labels: pd.Series) -> pd.DataFrame:
        """The rows as they came, with one more column.

        Parameters
        ----------
        name : str
            Of the column.
        labels : Series
            A cluster for each row.

        Returns
        -------
        DataFrame
        """
        return self.frame.assign(**self.originals, **{name: labels})


def load_table(
    source: Source,
    name: str = "",
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Table:
    """Reads a table: CSV, TSV, Parquet or Excel, recognized by its first bytes.

    Parameters
    ----------
    source : str, Path, bytes or binary file
        Path of a file of at most 500 MB, its bytes, or an open file.
    name : str, default ""
        Of the file, if the source does not have it.
    delimiter : str, optional
        Of a text file; detected by default.
    encoding : str, optional
        Of a text file, such as "cp1251"; by default UTF-8 or UTF-16 where it is one, else a guess.
    sheet : str, optional
        Of a spreadsheet; the first one that is not hidden by default.

    Returns
    -------
    Table
        Column names are unique; empty columns and rows are left out, as its notes say.

    Raises
    ------
    TableError
        With what is wrong and what to do.
    OptionError
        For an unknown encoding.
    """
    data, name = _bytes_of(source, name)
    if not data or data.isspace():
        raise TableError(f"{name} is empty; choose a file with a header and rows.")
    sheets: tuple[str, ...] = ()
    originals: dict[str, pd.Series] = {}
    notes: Sequence[str]
    if data[:4] == b"PAR1":
        frame, notes = read_parquet(data, name)
    elif data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        frame, _, sheets, originals, notes = read_excel(data, name, sheet)
    else:
        frame, originals, notes = read_delimited(data, name, delimiter, encoding)
    frame, tidy_notes = _tidied(frame, name)
    kept = {column: cells[frame.index] for column, cells in originals.items() if column in frame.columns}
    originals = {column: cells.reset_index(drop=True) for column, cells in kept.items()}
    return Table(frame.reset_index(drop=True), name, (*notes, *tidy_notes), sheets, originals)


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


def _tidied(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Makes names unique, and drops empty columns and rows. Raises TableError for what is not a table."""
    notes = []
    check_columns(frame.shape[1], name)
    frame.columns = pd.Index(unique_names([str(column).strip() for column in frame.columns]))
    empty = [column for column in frame.columns if frame[column].isna().all()]
    if len(frame) and len(empty) == frame.shape[1]:
        raise TableError(f"{name} has no values: every cell is empty; choose another file.")
    if empty:
        frame = frame.drop(columns=empty)
        notes.append(empty_columns_note(empty))
    blank = frame.isna().all(axis=1)
    if blank.any():
        frame = frame[~blank]
        notes.append(f"{count_text(int(blank.sum()), 'empty row')} left out.")
    if frame.empty:
        raise TableError(f"{name} has a header but no rows; choose a file with rows.")
    return frame, notes
