"""Text files of rows and columns: CSV, TSV and their like."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from kmeans_core.errors import TableError
from kmeans_core.tables.cells import CellCounts, count_cells
from kmeans_core.tables.column_reading import as_read, cell_starts, find_readings, reading_notes, scan
from kmeans_core.tables.encodings import HEAD_BYTES, UTF_8, Decoded, decode
from kmeans_core.tables.header import NO_HEADER, NUMBERS_AS_NAMES, is_header, names_are_numbers
from kmeans_core.tables.line_blocks import are_blocks_whole
from kmeans_core.tables.number_spelling import MISSING_MARKS
from kmeans_core.tables.read_options import NOTHING_KNOWN, ReadOptions
from kmeans_core.tables.reading import as_frame, check_columns, unique_names

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SAMPLE_LINES = 100
_BLOCK_BYTES = 4 * 2**20
# Where threads save no time.
_SMALL_BYTES = 2**14


@dataclass(frozen=True)
class TextFormat:
    """How the lines of a text file become columns. header: its first row as it stands there, with the line
    end and what is before it; "" if that is data already.

    names: of the columns, unique. notes: what was guessed, as sentences. encoding: of the bytes.
    options: what was known.
    """

    delimiter: str
    decimal: str
    header: str
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    encoding: str = UTF_8
    options: ReadOptions = NOTHING_KNOWN


class TextColumns(NamedTuple):
    """The columns of a text file. frame: their values. spelled: gives the cells of columns as they stand in
    the file. restyled: columns whose numbers stand there as something else. notes: what was guessed."""

    frame: pd.DataFrame
    spelled: Callable[[Sequence[str]], pd.DataFrame]
    restyled: tuple[str, ...]
    notes: tuple[str, ...]


class _Rows(NamedTuple):
    """text: of a file, as UTF-8. start: where its rows begin, after the header."""

    text: bytes
    start: int


def read_delimited(data: bytes, name: str, options: ReadOptions) -> TextColumns:
    """The table in the bytes of a text file."""
    decoded = decode(data, name, options.encoding)
    text_format = find_format(decoded, name, options)
    found = _parsed(_rows(decoded, data, text_format), name, text_format)
    return found._replace(notes=(*decoded.notes, *text_format.notes, *found.notes))


def find_format(decoded: Decoded, name: str, options: ReadOptions) -> TextFormat:
    """Looks at the first lines. Raises TableError if they are no table, OptionError for columns that are not
    there."""
    text = decoded.text
    # Lines end where a reader of CSV ends them, and with what ends them: U+2028 is a letter here.
    first = io.StringIO(text[:HEAD_BYTES], newline="")
    filled = itertools.dropwhile(lambda line: not line.strip(), first)
    lines = list(itertools.islice(filled, _SAMPLE_LINES))
    if not lines:
        raise TableError(f"{name} is empty; choose a file with a header and rows.")
    try:
        found = _find_format(lines, name, options)
    except csv.Error as error:
        raise TableError(f"{name} cannot be read as a table ({error}); check it in a text editor.") from None
    options.check_names(found.names, name)
    return replace(found, encoding=decoded.encoding, options=options)


def _find_format(lines: list[str], name: str, options: ReadOptions) -> TextFormat:
    notes, delimiter = [], options.delimiter
    # Excel's own way to say how columns are separated, in a line before the header.
    said = re.fullmatch(r"sep=(.)\s*", lines[0])
    before, lines = (lines[0], lines[1:]) if said and len(lines) > 1 else ("", lines)
    best = said[1] if said and before else _find_delimiter(lines)
    chosen = delimiter or best
    if delimiter is None and chosen != ",":
        notes.append(f"Columns are separated by {_named(chosen)}.")
    decimal = _decimal(lines, chosen, options.decimal)
    if decimal == "," and options.decimal is None:
        notes.append("Commas in numbers were read as decimal commas.")
    rows = csv.reader(lines, delimiter=chosen)
    cells = next(rows)
    header = before + "".join(lines[: rows.line_num])
    check_columns(len(cells), name)
    if len(cells) == 1 < min(len(row) for row in csv.reader(lines, delimiter=best) if row):
        raise TableError(
            f"{name} has only one column when split at {chosen!r}; it seems to be separated by "
            f"{_named(best)}."
        )
    first_row = options.first_row
    if first_row is None:
        has_names = is_header([cells, *itertools.islice(rows, _SAMPLE_LINES)])
        first_row = "names" if has_names else "values"
        if not has_names:
            notes.append(NO_HEADER)
        elif names_are_numbers(cells):
            notes.append(NUMBERS_AS_NAMES)
    if first_row == "values":
        return TextFormat(chosen, decimal, before, tuple(unique_names([""] * len(cells))), tuple(notes))
    names = unique_names([cell.strip() for cell in cells])
    return TextFormat(chosen, decimal, header, tuple(names), tuple(notes))


def _rows(decoded: Decoded, data: bytes, text_format: TextFormat) -> _Rows:
    """What follows the header. Blank lines before it, which are no part of it, go with it."""
    header, text = text_format.header, decoded.text
    before = text[: text.index(header) + len(header)] if header else ""
    if decoded.encoding != UTF_8:
        return _Rows(text[len(before) :].encode(), 0)
    mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    return _Rows(data, mark + len(before.encode()))


def _named(delimiter: str) -> str:
    return f"{_DELIMITERS[delimiter]}s" if delimiter in _DELIMITERS else repr(delimiter)


def _find_delimiter(lines: list[str]) -> str:
    """The one that cuts most lines into the same number of columns, more than one; a comma if none does.

    Of two that do it equally well it is the other one, since commas may be in numbers.
    """

    def score(delimiter: str) -> tuple[float, bool, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        usual = max(set(counts), key=counts.count)
        return (counts.count(usual) / len(counts), delimiter != ",", usual) if usual > 1 else (0.0, False, 1)

    best = max(_DELIMITERS, key=score)
    return best if score(best)[0] else ","


def _decimal(lines: list[str], delimiter: str, known: str | None) -> str:
    """For PyArrow: where commas separate columns, those in numbers are in quotes, and not for it."""
    if delimiter == ",":
        return "."
    if known is not None:
        return known
    cells = [cell.strip() for line in lines[1:] for cell in line.split(delimiter)]
    commas = sum(re.fullmatch(r"[+-]?\d+,\d+", cell) is not None for cell in cells)
    points = sum(re.fullmatch(r"[+-]?\d+\.\d+", cell) is not None for cell in cells)
    return "," if commas > points else "."


def _parsed(rows: _Rows, name: str, text_format: TextFormat) -> TextColumns:
    data = pa.py_buffer(rows.text).slice(rows.start)
    if _is_blank(data):
        empty = pd.DataFrame(columns=list(text_format.names))
        return TextColumns(empty, lambda columns: empty[list(columns)], (), ())

    are_whole = are_blocks_whole(*rows, _BLOCK_BYTES)

    def parse(
        types: dict[str, pa.DataType] | None = None,
        *,
        only: Sequence[str] = (),
        in_parallel: bool = len(data) > _SMALL_BYTES,
    ) -> pa.Table:
        try:
            return pa.csv.read_csv(
                pa.BufferReader(data),
                pa.csv.ReadOptions(
                    use_threads=in_parallel,
                    block_size=_BLOCK_BYTES if in_parallel else len(data) + 1,
                    column_names=list(text_format.names),
                ),
                pa.csv.ParseOptions(
                    delimiter=text_format.delimiter, newlines_in_values=not (in_parallel and are_whole)
                ),
                convert_options(text_format, types, only),
            )
        except pa.ArrowInvalid as error:
            if in_parallel:  # only one thread knows the number of a row
                return parse(types, only=only, in_parallel=False)
            raise TableError(parse_failure(str(error), name, text_format)) from None

    def count(names: list[str]) -> list[dict[str, CellCounts]]:
        as_text = parse(dict.fromkeys(names, pa.string()), only=names)
        return [{column: count_cells(as_text[column]) for column in names}]

    def spelled(columns: Sequence[str]) -> pd.DataFrame:
        return as_frame(parse(dict.fromkeys(columns, pa.string()), only=columns))

    table = parse()
    found = scan(table, np.frombuffer(data, np.uint8), cell_starts(rows.text, text_format.delimiter))
    readings = find_readings([found], count, text_format.decimal, text_format.options)
    wanted = {
        column: reading.stored for column, reading in readings.items() if not pa.types.is_null(reading.type)
    }
    if any(table.schema.field(column).type != kind for column, kind in wanted.items()):
        table = parse(wanted)
    frame = as_frame(as_read(table, readings))
    restyled = tuple(column for column, reading in readings.items() if reading.decimal)
    return TextColumns(frame, spelled, restyled, reading_notes(readings))


def _is_blank(data: pa.Buffer) -> bool:
    return not data[:_BLOCK_BYTES].to_pybytes().strip() and not data.to_pybytes().strip()


def convert_options(
    text_format: TextFormat, types: dict[str, pa.DataType] | None = None, only: Sequence[str] = ()
) -> Any:
    """How cells become values. types: column → type; None finds them out. only: columns; none for all."""
    return pa.csv.ConvertOptions(
        column_types=types,
        include_columns=list(only),
        null_values=list(MISSING_MARKS),
        strings_can_be_null=False,
        decimal_point=text_format.decimal,
    )


def parse_failure(message: str, name: str, text: TextFormat) -> str:
    """What PyArrow says of lines that it cannot read, as a sentence for people."""
    match = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", message)
    if match is None:
        first = message.splitlines()[0][:200]
        return f"{name} cannot be read as a table ({first}); check it in a text editor."
    row, wanted, got = (int(number) for number in match.groups())
    row += bool(text.header)
    return (
        f"{name} is ragged: row {row:,} has {got:,} columns and the first row {wanted:,}. Correct that row, "
        f"or put values that contain a {_DELIMITERS.get(text.delimiter, text.delimiter)} in quotes."
    )
