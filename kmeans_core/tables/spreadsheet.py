"""Reads a sheet in a process of its own: `python -m kmeans_core.tables.spreadsheet`, started by `packed.py`.

Two cells in far corners make the reader ask for half a terabyte. When it does not get it, it kills its
process, which must not be the server's. Input: how to read and the file's bytes. Output: a `Sheet`,
or a sentence about what is wrong.
"""

import io
import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from kmeans_core.errors import InputError, TableError
from kmeans_core.tables.cells import count_cells
from kmeans_core.tables.column_reading import Reading, decide, reading_notes
from kmeans_core.tables.header import NO_HEADER, NUMBERS_AS_NAMES, is_header, names_are_numbers
from kmeans_core.tables.number_spelling import MISSING_MARKS, to_numbers
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.tables.reading import Sheet, join_names, unique_names

# Of address space. Reading a table of 500 MB takes several times as much.
_MAX_BYTES = 6_000_000_000


def main() -> None:
    with suppress(ImportError):  # Windows has no such limits
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = _MAX_BYTES if hard == resource.RLIM_INFINITY else min(_MAX_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    options, data = pickle.load(sys.stdin.buffer)
    try:
        result: Sheet | InputError = _sheet(data, options)
    except InputError as error:
        result = error
    except Exception as error:  # noqa: BLE001 - the reader has its own kinds for what is wrong with a file
        text = f"cannot be read as a spreadsheet ({str(error)[:150]}); save it as CSV."
        result = TableError(text)
    pickle.dump(result, sys.stdout.buffer)


def _sheet(data: bytes, options: ReadOptions) -> Sheet:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    titles, sheet_name = tuple(book.sheet_names), options.sheet
    if sheet_name is not None and sheet_name not in titles:
        raise TableError(f"has no sheet {sheet_name!r}; use one of: {join_names(titles, 20)}.")
    visible = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
    title = sheet_name if sheet_name is not None else (*visible, *titles)[0]
    rows = book.get_sheet_by_name(title).to_python(skip_empty_area=True)
    others = [other if other in visible else f"{other} (hidden)" for other in titles if other != title]
    notes = [f"Read the sheet {title}; there are also {join_names(others)}."] if others else []
    return _from_rows(rows, title, titles, notes, options)


def _from_rows(
    rows: list[list[Any]], title: str, titles: tuple[str, ...], notes: list[str], options: ReadOptions
) -> Sheet:
    while rows and not any(map(_is_filled, rows[0])):
        rows = rows[1:]
    above = []
    while len(rows) > 1 and sum(map(_is_filled, rows[0])) == 1 < sum(map(_is_filled, rows[1])):
        above.append(next(str(cell) for cell in rows[0] if _is_filled(cell)))
        rows = rows[1:]
    if above:
        notes.append(f"Left out above the table: {join_names(above)}.")
    if not rows:
        return Sheet(pd.DataFrame(), title, titles, {}, tuple(notes))
    has_names = is_header(rows) if options.first_row is None else options.first_row == "names"
    names = unique_names([_name(cell) if has_names else "" for cell in rows[0]])
    if options.first_row is None and not has_names:
        notes.append(NO_HEADER)
    elif options.first_row is None and names_are_numbers(rows[0]):
        notes.append(NUMBERS_AS_NAMES)
    rows = rows[1:] if has_names else rows
    options.check_names(tuple(names), f"the sheet {title}")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    readings = {name: _reading(name, cells, options) for name, cells in columns.items()}
    frame = pd.DataFrame(
        {
            name: _values(cells, readings[name], as_text=name in options.texts)
            for name, cells in columns.items()
        }
    )
    originals = {
        name: pd.Series([cell if _is_filled(cell) else None for cell in cells], dtype=object)
        for name, cells in columns.items()
        if readings[name].decimal
    }
    return Sheet(frame, title, titles, originals, (*notes, *reading_notes(readings)))


def _is_filled(cell: Any) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _name(cell: Any) -> str:
    return _text(cell).strip()


def _text(cell: Any) -> str:
    """A cell as people see it: 3.0 is 3."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _reading(name: str, cells: Sequence[Any], options: ReadOptions) -> Reading:
    """What a column is read as; one without texts is what it is."""
    has_words = any(isinstance(cell, str) and cell.strip() for cell in cells)
    if not has_words and name not in (*options.numbers, *options.texts):
        return Reading(pa.null())
    counts = count_cells(pa.chunked_array([pa.array([_text(cell) for cell in cells], pa.string())]))
    reading = decide(name, pa.string(), [counts], ".", options)
    return Reading(pa.string()) if pa.types.is_null(reading.type) else reading


def _values(cells: Sequence[Any], reading: Reading, *, as_text: bool) -> pd.Series:
    if reading.decimal:
        texts = pa.array([_text(cell) for cell in cells], pa.string())
        return pd.Series(to_numbers(texts, reading.decimal).to_pandas())
    if pa.types.is_string(reading.type):
        words = [None if _is_missing(cell) else _text(cell) if as_text else cell for cell in cells]
        return pd.Series(words, dtype=object)
    present = [cell for cell in cells if _is_filled(cell)]
    if present and all(isinstance(cell, float) and cell.is_integer() for cell in present):
        whole = [int(cell) if _is_filled(cell) else None for cell in cells]
        return pd.Series(whole, dtype="Int64" if len(present) < len(cells) else "int64")
    values = pd.Series([cell if _is_filled(cell) else None for cell in cells], dtype=object)
    if present and all(isinstance(cell, date) for cell in present):
        return pd.to_datetime(values)
    return values.infer_objects()


def _is_missing(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip() in MISSING_MARKS


if __name__ == "__main__":
    main()
