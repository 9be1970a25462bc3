"""Reading parts of text files. A line belongs to the part in which it begins, wherever the file is cut."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from kmeans_core.errors import TableError
from kmeans_core.tables.cells import CellCounts, count_cells
from kmeans_core.tables.column_reading import ColumnScan, Reading, as_read, cell_starts, scan
from kmeans_core.tables.delimited import TextFormat, convert_options, parse_failure
from kmeans_core.tables.encodings import UTF_8
from kmeans_core.tables.spans import Chunk, Span, file_name

_HEAD_BYTES = 2**20


def first_lines(files: Any, url: str) -> bytes:
    """Whole lines from the beginning of a file, up to a megabyte."""
    with files.open(url, "rb") as file:
        data: bytes = file.read(_HEAD_BYTES)
    whole, newline, _ = data.rpartition(b"\n")
    return whole + newline if len(data) == _HEAD_BYTES and newline else data


def scan_chunk(text: TextFormat, chunk: Chunk) -> list[dict[str, ColumnScan]]:
    """What the columns are on their own, in each span of a chunk."""
    found = []
    for span in chunk:
        data = _lines(span, text)
        table = _parse(data, span, text, None)
        if any(pa.types.is_binary(kind) for kind in table.schema.types):
            raise TableError(
                f"{file_name(span.url)} is not UTF-8 after byte {span.start:,}, and its first lines are; say "
                "which encoding it has, or save it as UTF-8."
            )
        found.append(scan(table, np.frombuffer(data, np.uint8), cell_starts(data, text.delimiter)))
    return found


def count_chunk(text: TextFormat, names: Sequence[str], chunk: Chunk) -> list[dict[str, CellCounts]]:
    """What the cells of some columns are, as text, in each span of a chunk."""
    words = {name: pa.string() for name in names}
    found = []
    for span in chunk:
        table = _parse(_lines(span, text), span, text, words)
        found.append({name: count_cells(table[name]) for name in names})
    return found


def read_lines(
    span: Span, text: TextFormat, readings: dict[str, Reading], *, as_it_was: bool = False
) -> pa.Table:
    """The rows of the lines that begin within the span, without those in which all cells are empty.

    text: how lines become columns. readings: what each is read as. as_it_was: what was read as numbers in
    spite of what else is in it stays text. Raises TableError if they do not fit.
    """
    stored = {name: reading.stored for name, reading in readings.items()}
    table = _parse(_lines(span, text), span, text, stored).select(list(readings))
    values = as_read(table, readings)
    filled = _filled_rows(values)
    if as_it_was:
        for place, (name, reading) in enumerate(readings.items()):
            if reading.decimal:
                values = values.set_column(place, name, table[name])
    return values if filled is None else values.filter(filled)


def _lines(span: Span, text: TextFormat) -> bytes:
    """The lines of a text file that begin within the span, without its header, as UTF-8."""
    import fsspec
    from fsspec.utils import read_block

    with fsspec.open(span.url, "rb") as file:
        data: bytes = read_block(file, span.start, span.stop - span.start, b"\n")
    data = _in_utf8(data, span, text)
    if span.start or not text.header:
        return data
    expected = text.header.encode().removesuffix(b"\n").split(b"\n")
    while data and not data.partition(b"\n")[0].strip():
        data = data.partition(b"\n")[2]
    lines = data.split(b"\n", len(expected))
    found, rest = lines[: len(expected)], b"".join(lines[len(expected) :])
    if [line.strip() for line in found] != [line.strip() for line in expected]:
        begins = b"".join(found)[:80].decode(errors="replace").strip()
        raise TableError(
            f"{file_name(span.url)} begins with {begins!r}, and the first file with "
            f"{text.header.strip()[:80]!r}; give files with the same columns."
        )
    return rest


def _in_utf8(data: bytes, span: Span, text: TextFormat) -> bytes:
    if text.encoding == UTF_8:
        return data if span.start else data.removeprefix(b"\xef\xbb\xbf")
    # What was asked for has to fit; a guess may be wrong in places, as in memory.
    errors = "strict" if text.options.encoding else "replace"
    try:
        return data.decode(text.encoding, errors).encode()
    except UnicodeDecodeError as error:
        raise TableError(
            f"{file_name(span.url)} is not in the encoding {text.encoding} at byte "
            f"{span.start + error.start:,}; choose another one."
        ) from None


def _parse(data: bytes, span: Span, text: TextFormat, types: dict[str, pa.DataType] | None) -> pa.Table:
    """types: column → type; None detects them."""
    if not data.strip():
        return pa.schema([(name, (types or {}).get(name, pa.null())) for name in text.names]).empty_table()
    if data.count(b'"') % 2:
        raise TableError(
            f"{file_name(span.url)} has an unmatched quotation mark after byte {span.start:,}, or a value "
            "over several lines, which cannot be read in chunks; correct it, or use Parquet."
        )
    try:
        return pa.csv.read_csv(
            pa.BufferReader(data),
            pa.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=list(text.names)),
            pa.csv.ParseOptions(delimiter=text.delimiter),
            convert_options(text, types),
        )
    except pa.ArrowInvalid as error:
        raise TableError(parse_failure(str(error), file_name(span.url), text)) from None


def _filled_rows(table: pa.Table) -> Any:
    """Which rows have a value; None if all have."""
    if not all(column.null_count for column in table.columns):
        return None
    filled = table.column(0).is_valid()
    for column in table.columns[1:]:
        filled = pc.or_(filled, column.is_valid())
    return filled
