"""Reading parts of text files. A line belongs to the part in which it begins, wherever the file is cut."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from kmeans_core.errors import TableError
from kmeans_core.tables.delimited import TextFormat, convert_options, parse_failure
from kmeans_core.tables.spans import Chunk, Span, file_name

_HEAD_BYTES = 2**20


def first_lines(files: Any, url: str) -> bytes:
    """Whole lines from the beginning of a file, up to a megabyte."""
    with files.open(url, "rb") as file:
        data: bytes = file.read(_HEAD_BYTES)
    whole, newline, _ = data.rpartition(b"\n")
    return whole + newline if len(data) == _HEAD_BYTES and newline else data


def text_schema(text: TextFormat, chunk: Chunk) -> pa.Schema:
    """The types that the values of a chunk have on their own; null where there are none."""
    found = [_parse(_lines(span, text), span, text, None).schema for span in chunk]
    return pa.schema([(name, common_type([one.field(name).type for one in found])) for name in text.names])


def read_lines(span: Span, text: TextFormat, schema: pa.Schema) -> pa.Table:
    """The rows of the lines that begin within the span, without those in which all cells are empty.

    text: how lines become columns. schema: name and type of each. Raises TableError if they do not fit.
    """
    return _without_empty_rows(_parse(_lines(span, text), span, text, schema))


def _lines(span: Span, text: TextFormat) -> bytes:
    """The lines of a text file that begin within the span, without its header."""
    import fsspec
    from fsspec.utils import read_block

    with fsspec.open(span.url, "rb") as file:
        data: bytes = read_block(file, span.start, span.stop - span.start, b"\n")
    if span.start or not text.header:
        return data.removeprefix(b"\xef\xbb\xbf") if not span.start else data
    header, _, rest = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").partition(b"\n")
    if header.strip() != text.header.encode().strip():
        raise TableError(
            f"{file_name(span.url)} begins with {header[:80].decode(errors='replace').strip()!r}, and the "
            f"first file with {text.header.strip()[:80]!r}; give files with the same columns."
        )
    return rest


def _parse(data: bytes, span: Span, text: TextFormat, schema: pa.Schema | None) -> pa.Table:
    """schema: None detects the types."""
    if not data.strip():
        return (schema or pa.schema([(name, pa.null()) for name in text.names])).empty_table()
    if data.count(b'"') % 2:
        raise TableError(
            f"{file_name(span.url)} has an unmatched quotation mark after byte {span.start:,}, or a value "
            "over several lines, which cannot be read in chunks; correct it, or use Parquet."
        )
    types = None if schema is None else {field.name: field.type for field in schema}
    try:
        return pa.csv.read_csv(
            pa.BufferReader(data),
            pa.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=list(text.names)),
            pa.csv.ParseOptions(delimiter=text.delimiter),
            convert_options(text, types),
        )
    except pa.ArrowInvalid as error:
        raise TableError(parse_failure(str(error), file_name(span.url), text.delimiter)) from None


def common_type(types: Iterable[pa.DataType]) -> pa.DataType:
    """The narrowest type that holds values of all of these."""
    kinds = set(types) - {pa.null()}
    if not kinds:
        return pa.null()
    if len(kinds) == 1:
        return kinds.pop()
    if all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds):
        return pa.float64()
    zones = {kind.tz for kind in kinds if pa.types.is_timestamp(kind)} - {None}
    if not zones and all(pa.types.is_date(kind) or pa.types.is_timestamp(kind) for kind in kinds):
        return pa.timestamp("ns" if pa.timestamp("ns") in kinds else "s")
    return pa.string()


def _without_empty_rows(table: pa.Table) -> pa.Table:
    if not all(column.null_count for column in table.columns):
        return table
    filled = table.column(0).is_valid()
    for column in table.columns[1:]:
        filled = pc.or_(filled, column.is_valid())
    return table.filter(filled)
