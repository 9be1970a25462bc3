"""What the columns of a text file are read as: the types that PyArrow finds, and a second look at the rest.

PyArrow takes a column for text as soon as one cell is no number to it, and for numbers what begins with
zeros. So its columns of text are counted cell by cell (`cells.py`); those that are numbers become numbers,
and a note says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.errors import TableError
from kmeans_core.tables.cells import MAX_SLIPS, CellCounts, count_cells, shown_cell, without_marks
from kmeans_core.tables.number_spelling import to_numbers
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.tables.reading import join_names
from kmeans_core.wording import count_text

_MOSTLY = 0.5
_DECIMALS = ".,"
_ZERO, _POINT = map(ord, "0.")
# What a processor's cache has room for.
_BLOCK_BYTES = 2**17


@dataclass(frozen=True)
class ColumnScan:
    """What a chunk shows of a column. type: as PyArrow finds it. counts: of its cells, for a column of text.
    needs_counts: whether a number may lose digits: zeros at its beginning, or the last ones of many."""

    type: pa.DataType
    counts: CellCounts | None = None
    needs_counts: bool = False


@dataclass(frozen=True)
class Reading:
    """What a column is read as. type: of its values. decimal: the decimal mark of numbers that are read from
    text; "" for a column that PyArrow reads. notes: what is to be said about it, as sentences. style: what
    its numbers have besides digits. has_marks: whether words may stand for missing ones."""

    type: pa.DataType
    decimal: str = ""
    notes: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    has_marks: bool = True

    @property
    def stored(self) -> pa.DataType:
        """The type in which PyArrow is to read it."""
        return pa.string() if self.decimal else self.type


def cell_starts(data: bytes, delimiter: str) -> str:
    """What may stand before a cell of a text: a delimiter, the end of a line, and quotes if there are any."""
    return "".join(letter for letter in (delimiter, *'\n\r"') if letter.encode() in data)


def scan(table: pa.Table, letters: NDArray[np.uint8], starts: str) -> dict[str, ColumnScan]:
    """What each column of a chunk is. table: with the types that PyArrow finds. letters: of the text. starts:
    see `cell_starts()`."""
    has_whole = any(pa.types.is_integer(kind) for kind in table.schema.types)
    may_have_zeros = has_whole and _has_leading_zeros(letters, starts)
    apply = threads.map_threaded if len(letters) > _BLOCK_BYTES else map
    scans = apply(lambda name: _scan_column(table[name], may_have_zeros), table.column_names)
    return dict(zip(table.column_names, scans, strict=True))


def _scan_column(column: pa.ChunkedArray, may_have_zeros: bool) -> ColumnScan:
    if pa.types.is_string(column.type):
        return ColumnScan(column.type, count_cells(column))
    if pa.types.is_integer(column.type):
        return ColumnScan(column.type, needs_counts=may_have_zeros)
    if pa.types.is_floating(column.type):
        parts = [chunk.to_numpy(zero_copy_only=False) for chunk in column.chunks]
        is_large = any(bool(np.isfinite(part[part >= 2.0**63]).any()) for part in parts)
        return ColumnScan(column.type, needs_counts=is_large and not any((part < 0).any() for part in parts))
    return ColumnScan(column.type)


def _has_leading_zeros(letters: NDArray[np.uint8], starts: str) -> bool:
    """Whether a cell may begin with a zero and a digit, or with 0x."""
    follows = np.zeros(256, dtype=bool)
    follows[list(b"0123456789xX")] = True
    if len(letters) > 1 and letters[0] == _ZERO and follows[letters[1]]:
        return True

    def has_one(limits: tuple[int, int]) -> bool:
        zeros, found = np.empty((2, _BLOCK_BYTES), dtype=bool)
        for start in range(*limits, _BLOCK_BYTES):
            before = letters[start : start + _BLOCK_BYTES + 2][:-2]
            size = len(before)
            np.equal(letters[start + 1 : start + 1 + size], _ZERO, out=zeros[:size])
            # Most zeros at the beginning of a cell are those of 0.5, which need no closer look.
            np.not_equal(letters[start + 2 : start + 2 + size], _POINT, out=found[:size])
            np.logical_and(found[:size], zeros[:size], out=zeros[:size])
            for letter in starts:
                np.equal(before, ord(letter), out=found[:size])
                np.logical_and(found[:size], zeros[:size], out=found[:size])
                if found[:size].any() and follows[letters[start + 2 + np.flatnonzero(found[:size])]].any():
                    return True
        return False

    n_parts = min(threads.usable_cores(), -(-len(letters) // _BLOCK_BYTES))
    return any(threads.map_threaded(has_one, threads.split_range(len(letters), n_parts)))


def find_readings(
    chunks: Sequence[dict[str, ColumnScan]],
    count: Callable[[list[str]], Sequence[dict[str, CellCounts]]],
    hint: str,
    options: ReadOptions,
) -> dict[str, Reading]:
    """What the columns of a text are read as.

    chunks: what each shows. count: counts the cells of some columns, in each chunk. hint: the decimal mark of
    the file, which breaks ties. options: what is known better.
    """
    names = list(chunks[0])
    scans = {name: [chunk[name] for chunk in chunks] for name in names}
    kinds = {name: common_type([one.type for one in scans[name]]) for name in names}
    # All or none: a chunk of numbers has not been counted, and may be half of a column of text.
    again = [
        name
        for name in names
        if any(one.needs_counts for one in scans[name])
        or (options.decimal not in (None, hint) and pa.types.is_floating(kinds[name]))
        or (pa.types.is_string(kinds[name]) and any(one.counts is None for one in scans[name]))
    ]
    recounted = count(again) if again else []

    def counts(name: str) -> list[CellCounts]:
        if name in again:
            return [chunk[name] for chunk in recounted]
        return [one.counts for one in scans[name] if one.counts is not None]

    return {name: decide(name, kinds[name], counts(name), hint, options) for name in names}


def decide(
    name: str, kind: pa.DataType, counts: Sequence[CellCounts], hint: str, options: ReadOptions
) -> Reading:
    """What a column is read as. kind: the narrowest type of all its values. counts: of its chunks, in their
    order, where they were counted. hint: the decimal mark of the file, which breaks ties. options: what is
    known better."""
    if name in options.texts:
        return Reading(pa.string())
    is_number = name in options.numbers
    if is_number and not (counts or _is_numeric(kind) or pa.types.is_null(kind)):
        raise _no_numbers(name)
    if not counts:
        return Reading(kind)
    found = reduce(lambda one, other: one + other, counts)
    n_cells = found.n_rows - found.n_missing
    if not n_cells:
        return Reading(pa.null())
    place = 0 if found.n_numbers[0] > found.n_numbers[1] else 1
    if options.decimal or found.n_numbers[0] == found.n_numbers[1]:
        place = _DECIMALS.index(options.decimal or hint)
    n_numbers = found.n_numbers[place]
    if not n_numbers and pa.types.is_string(kind):
        if is_number:
            raise _no_numbers(name)
        return Reading(pa.string(), has_marks=found.n_missing > 0)
    n_words = n_cells - n_numbers
    if found.n_zeros and not is_number and (n_words <= MAX_SLIPS * n_cells or not pa.types.is_string(kind)):
        return Reading(pa.string(), notes=(f"Read {name} as text, because numbers in it begin with 0.",))
    if not pa.types.is_string(kind) and not n_words:
        is_large = found.is_unsigned and pa.types.is_floating(kind)
        return Reading(pa.uint64() if is_large else kind)
    first = ", ".join(shown_cell(*word) for word in found.words[place][:1])
    if n_words > MAX_SLIPS * n_cells and not is_number:
        if n_numbers <= _MOSTLY * n_cells:
            return Reading(pa.string(), has_marks=found.n_missing > 0)
        are = "is no number" if n_words == 1 else "are no numbers"
        note = f"Read {name} as text: {n_words:,} of {count_text(n_cells, 'cell')} {are}; {first}."
        return Reading(pa.string(), notes=(note,))
    notes = []
    if n_words:
        cells = "1 cell is no number" if n_words == 1 else f"{n_words:,} cells are no numbers"
        notes.append(f"In {name}, {cells} and left out as missing: {first}.")
    style = sorted(found.features)
    if found.n_groups[place]:
        style.append("separators of thousands")
    if _DECIMALS[place] == "," and found.n_fractions[place]:
        style.append("decimal commas")
    return Reading(pa.float64(), _DECIMALS[place], notes=tuple(notes), style=tuple(style))


def _is_numeric(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _no_numbers(name: str) -> TableError:
    return TableError(f"The column {name} is to be read as numbers, and has none; leave it out of these.")


def reading_notes(readings: dict[str, Reading]) -> tuple[str, ...]:
    """What is to be said about all columns together."""
    styles: dict[tuple[str, ...], list[str]] = {}
    for name, reading in readings.items():
        if reading.style:
            styles.setdefault(reading.style, []).append(name)
    notes = [
        f"Read as numbers, with {' and '.join(style)}: {join_names(names)}."
        for style, names in styles.items()
    ]
    return (*notes, *(note for reading in readings.values() for note in reading.notes))


def as_read(table: pa.Table, readings: dict[str, Reading]) -> pa.Table:
    """The values of columns that PyArrow has read as they are stored."""
    for place, name in enumerate(table.column_names):
        reading = readings[name]
        if reading.decimal:
            table = table.set_column(place, name, to_numbers(table[name], reading.decimal))
        elif pa.types.is_null(reading.type):
            table = table.set_column(place, name, pa.nulls(len(table)))
        elif pa.types.is_string(reading.type) and reading.has_marks:
            table = table.set_column(place, name, without_marks(table[name]))
    return table


def common_type(types: Iterable[pa.DataType]) -> pa.DataType:
    """The narrowest type that holds values of all of these; for times of day, text."""
    kinds = {pa.string() if pa.types.is_time(kind) else kind for kind in types} - {pa.null()}
    if not kinds:
        return pa.null()
    if len(kinds) == 1:
        return kinds.pop()
    if all(map(_is_numeric, kinds)):
        return pa.float64()
    zones = {kind.tz for kind in kinds if pa.types.is_timestamp(kind)} - {None}
    if not zones and all(pa.types.is_date(kind) or pa.types.is_timestamp(kind) for kind in kinds):
        return pa.timestamp("ns" if pa.timestamp("ns") in kinds else "s")
    return pa.string()
