"""Reads a sheet of a spreadsheet, always by a process with limits.

Two cells in far corners make calamine ask for half a terabyte. When it does not get it, it ends its process,
which must not be this one.
"""

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from kmeans_core.errors import TableError
from kmeans_core.readers.pool import ReaderPool
from kmeans_core.readers.reader import is_reader
from kmeans_core.tables.cells import count_cells
from kmeans_core.tables.column_reading import Reading, decide, reading_notes
from kmeans_core.tables.header import NO_HEADER, NUMBERS_AS_NAMES, is_header, names_are_numbers
from kmeans_core.tables.number_spelling import MISSING_MARKS, to_numbers
from kmeans_core.tables.packed_frames import pack_frame, unpack_frame
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.tables.reading import Sheet, join_names, unique_names

# Where no server has to live beside it: a table of 500 MB takes several times as much.
_MEGABYTES, _SECONDS = 6000, 120


def read_sheet(data: bytes, name: str, options: ReadOptions) -> Sheet:
    """The sheet that the options name, or the first that is not hidden. name: of the file.

    Raises TableError, or OptionError for a column that it does not have.
    """
    if is_reader():
        return _sheet(data, name, options)
    with closing(ReaderPool(1, _MEGABYTES, _SECONDS)) as pool:
        found = pool.read(
            f"{__name__}:_packed_sheet",
            {"data": data, "name": name, "options": asdict(options)},
            name=name,
            error=TableError,
            advice="save it as CSV",
        )
    frame, originals = unpack_frame(found.pop("frame")), unpack_frame(found.pop("originals"))
    return Sheet(frame, **found, originals={column: originals[column] for column in originals.columns})


def _packed_sheet(data: bytes, name: str, options: dict[str, Any]) -> dict[str, Any]:
    sheet = _sheet(data, name, ReadOptions(**options))
    frames = {"frame": pack_frame(sheet.frame), "originals": pack_frame(pd.DataFrame(sheet.originals))}
    return {"title": sheet.title, "titles": sheet.titles, "notes": sheet.notes, **frames}


def _sheet(data: bytes, name: str, options: ReadOptions) -> Sheet:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        titles = tuple(book.sheet_names)
        visible = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
        title = options.sheet if options.sheet is not None else (*visible, *titles)[0]
        rows = book.get_sheet_by_name(title).to_python(skip_empty_area=True) if title in titles else None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - calamine has its own kinds for what is wrong with a file
        raise TableError(
            f"{name} cannot be read as a spreadsheet ({str(error)[:150]}); save it as CSV."
        ) from None
    if rows is None:
        raise TableError(f"{name} has no sheet {title!r}; use one of: {join_names(titles, 20)}.")
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
