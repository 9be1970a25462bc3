"""Text files of rows and columns: CSV, TSV and their like."""

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from kmeans_core.errors import TableError
from kmeans_core.tables.reading import MISSING_MARKS, as_frame, check_columns, unique_names

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SAMPLE_LINES = 100


@dataclass(frozen=True)
class TextFormat:
    """How the lines of a text file become columns. header: its first line, "" if that is data already.

    names: of the columns, unique. notes: what was guessed, as sentences.
    """

    delimiter: str
    decimal: str
    header: str
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_delimited(data: bytes, name: str, delimiter: str | None) -> tuple[pd.DataFrame, list[str]]:
    """The table in the bytes of a text file, and what was guessed. delimiter: None finds out."""
    text, notes = decode(data, name)
    text_format = find_format(text, name, delimiter)
    return _parsed(text, name, text_format), [*notes, *text_format.notes]


def find_format(text: str, name: str, delimiter: str | None = None) -> TextFormat:
    """Looks at the first lines. Raises TableError if they are no table."""
    lines = [line for line in text[: 4 * 2**20].splitlines()[:_SAMPLE_LINES] if line.strip()]
    if not lines:
        raise TableError(f"{name} is empty; choose a file with a header and rows.")
    try:
        return _find_format(lines, name, delimiter)
    except csv.Error as error:
        raise TableError(f"{name} cannot be read as a table ({error}); check it in a text editor.") from None


def _find_format(lines: list[str], name: str, delimiter: str | None) -> TextFormat:
    notes = []
    best = _find_delimiter(lines)
    chosen = delimiter or best
    if delimiter is None and chosen != ",":
        notes.append(f"Columns are separated by {_DELIMITERS[chosen]}s.")
    decimal = _decimal(lines, chosen)
    if decimal == ",":
        notes.append("Commas in numbers were read as decimal commas.")
    cells = next(csv.reader(lines[:1], delimiter=chosen))
    check_columns(len(cells), name)
    if len(cells) == 1 and best != chosen:
        raise TableError(
            f"{name} has only one column when split at {chosen!r}; it seems to be separated by "
            f"{_DELIMITERS[best]}s."
        )
    if all(_is_number(cell, decimal) for cell in cells):
        notes.append("The first row has numbers, so it was read as data, and the columns are numbered.")
        names = [f"column {place}" for place in range(1, len(cells) + 1)]
        return TextFormat(chosen, decimal, "", tuple(names), tuple(notes))
    names = unique_names([cell.strip() for cell in cells])
    return TextFormat(chosen, decimal, lines[0], tuple(names), tuple(notes))


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), ["Read as UTF-16."]
        except UnicodeDecodeError:
            raise TableError(
                f"{name} is damaged: it starts like UTF-16, but is not; save it again."
            ) from None
    if b"\0" in data[:4096]:
        raise TableError(f"{name} is not a table; use CSV, TSV, Parquet or Excel.")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        if any(_is_utf8(letters) for letters in re.findall(rb"[\x80-\xff]{2,8}", data)):
            line = data.count(b"\n", 0, error.start) + 1
            raise TableError(
                f"{name} mixes encodings: line {line:,} is not UTF-8, and others are. Save it as UTF-8."
            ) from None
        return data.decode("cp1252", errors="replace"), ["Read as Windows-1252, because it is not UTF-8."]


def _is_utf8(letters: bytes) -> bool:
    try:
        letters.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _find_delimiter(lines: list[str]) -> str:
    """The one that cuts most lines into the same number of columns, more than one; a comma if none does."""

    def score(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count)
        return (counts.count(usual) / len(counts), usual) if usual > 1 else (0.0, 1)

    best = max(_DELIMITERS, key=score)
    return best if score(best)[1] > 1 else ","


def _decimal(lines: list[str], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    cells = [cell.strip() for line in lines[1:] for cell in line.split(delimiter)]
    commas = sum(re.fullmatch(r"[+-]?\d+,\d+", cell) is not None for cell in cells)
    points = sum(re.fullmatch(r"[+-]?\d+\.\d+", cell) is not None for cell in cells)
    return "," if commas > points else "."


def _is_number(cell: str, decimal: str) -> bool:
    try:
        float(cell.strip().replace(decimal, "."))
    except ValueError:
        return False
    return True


def _parsed(text: str, name: str, text_format: TextFormat) -> pd.DataFrame:
    data = text.encode()
    try:
        table = pa.csv.read_csv(
            io.BytesIO(data),
            # In one block, so that the type of a column is found from all of its values.
            pa.csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, autogenerate_column_names=not text_format.header
            ),
            pa.csv.ParseOptions(delimiter=text_format.delimiter, newlines_in_values=True),
            convert_options(text_format),
        )
    except pa.ArrowInvalid as error:
        raise TableError(parse_failure(str(error), name, text_format.delimiter)) from None
    return as_frame(table.rename_columns(list(text_format.names)))


def convert_options(text_format: TextFormat, types: dict[str, pa.DataType] | None = None) -> Any:
    """How cells become values. types: column → type; None finds them out."""
    return pa.csv.ConvertOptions(
        column_types=types,
        null_values=list(MISSING_MARKS),
        strings_can_be_null=True,
        decimal_point=text_format.decimal,
    )


def parse_failure(message: str, name: str, delimiter: str) -> str:
    """What PyArrow says of lines that it cannot read, as a sentence for people."""
    match = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", message)
    if match is None:
        first = message.splitlines()[0][:200]
        return f"{name} cannot be read as a table ({first}); check it in a text editor."
    row, wanted, got = (int(number) for number in match.groups())
    return (
        f"{name} is ragged: row {row:,} has {got:,} columns and the first row {wanted:,}. Correct that row, "
        f"or put values that contain a {_DELIMITERS.get(delimiter, delimiter)} in quotes."
    )
