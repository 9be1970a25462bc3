"""Tables that are read in pieces, by whoever has a hand free: CSV and Parquet files, folders and patterns.

The driver reads one megabyte and lists the files. A chunk is an order for a worker: these bytes of these
files, or these row groups. A line belongs to the chunk in which it begins.
"""

import posixpath
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from kmeans_core.backends.pieces import Workers
from kmeans_core.errors import KMeansError, OptionError, TableError
from kmeans_core.tables.delimited import TextFormat, convert_options, decoded, find_format, parse_failure
from kmeans_core.tables.reading import as_frame, check_columns, listed

_LEAST_BYTES, _MOST_BYTES = 2**20, 32 * 2**20
# So that several workers have something to do with files that are not large.
_USUAL_CHUNKS = 16
_HEAD_BYTES = 2**20
_TEXT_ENDINGS = (".csv", ".tsv", ".txt")
_ENDINGS = (*_TEXT_ENDINGS, ".parquet")
_PACKED = (".gz", ".bz2", ".zip", ".xz", ".zst")

Answer = TypeVar("Answer")
Item = TypeVar("Item")


class Span(NamedTuple):
    """A part of a file. start, stop: bytes of a text file, row groups of a Parquet file."""

    url: str
    start: int
    stop: int


Chunk = tuple[Span, ...]


class Broken(NamedTuple):
    """What a worker answers that could not do its task for a reason that concerns the user. An exception
    would be taken for a failure of the worker, and the task tried again."""

    message: str


@dataclass(frozen=True)
class ChunkedTable:
    """name: for messages. chunks: what to read. schema: name and type of each column. text: how lines become
    columns; None for Parquet. notes: what was guessed, as sentences."""

    name: str
    chunks: tuple[Chunk, ...]
    schema: pa.Schema
    text: TextFormat | None
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return list(self.schema.names)

    def read(self, chunk: Chunk, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a chunk, of a text file without empty ones; all columns by default.

        Raises TableError if they do not fit the schema.
        """
        schema = self.schema if columns is None else pa.schema([self.schema.field(name) for name in columns])
        parts = [self._read_span(span, schema) for span in chunk]
        return pa.concat_tables([part for part in parts if part.num_rows] or parts[:1])

    def _read_span(self, span: Span, schema: pa.Schema) -> pa.Table:
        if self.text is None:
            return _read_groups(span, schema)
        # A row is empty if all of its cells are, in whatever column.
        whole = _parse(_lines(span, self.text), span, self.text, self.schema)
        return _without_empty_rows(whole).select(schema.names)


class RowsInChunks:
    """The rows of a chunked table as `prepare.Rows`, asked by workers where they read them."""

    def __init__(self, table: ChunkedTable, workers: Workers) -> None:
        self.chunks = table.chunks
        self.table = replace(table, chunks=())  # which travels with every task
        self.workers = workers
        self.names = table.names
        self.runs = len(table.chunks)

    def each(
        self, ask: Callable[[pd.DataFrame], Answer], columns: Sequence[str] | None = None
    ) -> list[Answer]:
        return ask_all(self.workers, partial(_ask, self.table, ask, columns), self.chunks)


def is_chunked(source: str, most_bytes: int) -> bool:
    """Whether a source can only be read in pieces: a folder, a pattern, an address, or a file with more than
    `most_bytes`."""
    path = Path(source)
    try:
        if path.is_dir():
            return True
        if path.exists():
            return path.stat().st_size > most_bytes
    except OSError:  # said when it is read
        return False
    return "://" in source or any(letter in source for letter in "*?[")


def open_chunked(
    source: str, workers: Workers, *, delimiter: str | None = None, chunk_bytes: int | None = None
) -> ChunkedTable:
    """Finds the files and what their columns hold, which takes one pass over text files.

    source: a file, a folder, a pattern such as `data/2024-*.csv`, or an address that fsspec knows; the
    workers must be able to read it too. delimiter: of text files; None finds out. chunk_bytes: about how
    much is read at a time; by default 1 to 32 MiB, and the same however many workers there are.

    Raises TableError if there are none, or they are not of one kind, OptionError for no size of a chunk.
    """
    if chunk_bytes is not None and chunk_bytes < 1:
        raise OptionError(f"chunk_bytes={chunk_bytes} is not allowed; give 1 or more.")
    try:
        return _open_chunked(source, workers, delimiter, chunk_bytes)
    except (OSError, ValueError, ImportError) as error:
        if isinstance(error, KMeansError):
            raise
        raise TableError(f"{source} cannot be read: {error}.") from None


def _open_chunked(
    source: str, workers: Workers, delimiter: str | None, chunk_bytes: int | None
) -> ChunkedTable:
    files, found_files = _found(source)
    urls, sizes = list(found_files), list(found_files.values())
    name = posixpath.basename(source.rstrip("/")) or source
    chunk_bytes = chunk_bytes or min(max(sum(sizes) // _USUAL_CHUNKS, _LEAST_BYTES), _MOST_BYTES)
    if _is_parquet(urls[0]):
        return _parquet_table(files, urls, name, chunk_bytes)
    head = _head(files, urls[0])
    if b"\n" not in head and b"\r" in head:
        raise TableError(f"{name} has line ends of a kind that no longer is in use; save it anew.")
    text, notes = decoded(head, name)
    if notes:
        raise TableError(f"{name} is not UTF-8; save it as UTF-8, or give one file of less than 500 MB.")
    found = find_format(text, name, delimiter)
    spans = [
        Span(url, start, min(start + chunk_bytes, size))
        for url, size in zip(urls, sizes, strict=True)
        for start in range(0, size, chunk_bytes)
    ]
    chunks = _packed(spans, [span.stop - span.start for span in spans], chunk_bytes)
    schemas = ask_all(workers, partial(_schema, found), chunks)
    schema = pa.schema(
        [(column, _common([schema.field(column).type for schema in schemas])) for column in found.names]
    )
    table = ChunkedTable(name, tuple(chunks), schema, found, found.notes)
    return _without_empty_columns(table)


def ask_all(workers: Workers, ask: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
    """What `ask` says of every item, each by some worker. Raises the first TableError that one meets."""
    answers: list[Answer] = []
    for answer in workers.map(partial(_without_raising, ask), items):
        if isinstance(answer, Broken):
            raise TableError(answer.message)
        answers.append(answer)
    return answers


def _without_raising(ask: Callable[[Item], Answer], item: Item) -> Answer | Broken:
    try:
        return ask(item)
    except TableError as error:
        return Broken(str(error))
    except OSError as error:
        return Broken(
            f"A worker cannot read or write {error.filename or 'a file'} ({error.strerror or error}); the "
            "files must lie where every worker reaches them."
        )


def _ask(
    table: ChunkedTable,
    ask: Callable[[pd.DataFrame], Answer],
    columns: Sequence[str] | None,
    chunk: Chunk,
) -> Answer:
    return ask(as_frame(table.read(chunk, columns)))


def _found(source: str) -> tuple[Any, dict[str, int]]:
    """The file system, and addresses of the files with their sizes, in the order of their names."""
    from fsspec.core import url_to_fs

    files, path = url_to_fs(source)
    if files.isdir(path):
        found = {
            name: about for name, about in files.find(path, detail=True).items() if not _is_hidden(name, path)
        }
    elif files.exists(path):
        found = {path: files.info(path)}
    else:
        found = files.glob(path, detail=True)
    names = sorted(name for name, about in found.items() if about["type"] == "file")
    if not names:
        raise TableError(f"{source} does not exist, or holds no files; check the name.")
    known = [name for name in names if name.lower().endswith(_ENDINGS)]
    if not known:
        packed = any(name.lower().endswith(_PACKED) for name in names)
        advice = "unpack them first, or write Parquet" if packed else f"it may hold {listed(_ENDINGS)}"
        raise TableError(f"{source} holds no file that can be read in pieces; {advice}.")
    if len({_is_parquet(name) for name in known}) > 1:
        raise TableError(f"{source} holds both Parquet and text files; give one kind, such as '*.parquet'.")
    sizes = {files.unstrip_protocol(name): int(found[name]["size"]) for name in known if found[name]["size"]}
    if not sizes:
        raise TableError(f"{source} is empty; choose a file with a header and rows.")
    return files, sizes


def _is_parquet(name: str) -> bool:
    return name.lower().endswith(".parquet")


def _is_hidden(found: str, folder: str) -> bool:
    """Whether a file or a folder below `folder` is named as one that readers should leave out."""
    below = posixpath.relpath(found, folder).split("/")
    return any(part.startswith(("_", ".")) for part in below)


def _packed(spans: Sequence[Span], sizes: Sequence[int], chunk_bytes: int) -> list[Chunk]:
    """Neighbors together while they stay within the size of a chunk: small files cost a task each else."""
    chunks: list[list[Span]] = []
    room = 0
    for span, size in zip(spans, sizes, strict=True):
        if size > room:
            chunks.append([])
            room = chunk_bytes
        chunks[-1].append(span)
        room -= size
    return [tuple(chunk) for chunk in chunks]


def _head(files: Any, url: str) -> bytes:
    """Whole lines from the beginning of a file."""
    with files.open(url, "rb") as file:
        data: bytes = file.read(_HEAD_BYTES)
    whole, newline, _ = data.rpartition(b"\n")
    return whole + newline if len(data) == _HEAD_BYTES and newline else data


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
            f"{_short(span.url)} begins with {header[:80].decode(errors='replace').strip()!r}, and the first "
            f"file with {text.header.strip()[:80]!r}; give files with the same columns."
        )
    return rest


def _parse(data: bytes, span: Span, text: TextFormat, schema: pa.Schema | None) -> pa.Table:
    """schema: None finds the types out."""
    if not data.strip():
        return (schema or pa.schema([(name, pa.null()) for name in text.names])).empty_table()
    if data.count(b'"') % 2:
        raise TableError(
            f"{_short(span.url)} has a quotation mark without its counterpart after byte {span.start:,}, or "
            "a value over several lines, which cannot be read in pieces; correct it, or write Parquet."
        )
    wanted = None if schema is None else {field.name: field.type for field in schema}
    try:
        return pa.csv.read_csv(
            pa.BufferReader(data),
            pa.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=list(text.names)),
            pa.csv.ParseOptions(delimiter=text.delimiter),
            convert_options(text, wanted),
        )
    except pa.ArrowInvalid as error:
        raise TableError(parse_failure(str(error), _short(span.url), text.delimiter)) from None


def _schema(text: TextFormat, chunk: Chunk) -> pa.Schema:
    """The types that the values of a chunk have on their own."""
    found = [_parse(_lines(span, text), span, text, None).schema for span in chunk]
    return pa.schema([(name, _common([one.field(name).type for one in found])) for name in text.names])


def _common(types: Iterable[pa.DataType]) -> pa.DataType:
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


def _without_empty_columns(table: ChunkedTable) -> ChunkedTable:
    empty = [field.name for field in table.schema if pa.types.is_null(field.type)]
    if len(empty) == len(table.schema):
        raise TableError(f"{table.name} has no values: every cell is empty; choose another file.")
    if not empty:
        return table
    schema = pa.schema([field for field in table.schema if field.name not in empty])
    return replace(table, schema=schema, notes=(*table.notes, f"Without {listed(empty)}: no values."))


def _without_empty_rows(table: pa.Table) -> pa.Table:
    if not all(column.null_count for column in table.columns):
        return table
    filled = table.column(0).is_valid()
    for column in table.columns[1:]:
        filled = pc.or_(filled, column.is_valid())
    return table.filter(filled)


def _parquet_table(files: Any, urls: Sequence[str], name: str, chunk_bytes: int) -> ChunkedTable:
    spans, sizes = [], []
    schema: pa.Schema | None = None
    for url in urls:
        try:
            with files.open(url, "rb") as file:
                meta = pa.parquet.read_metadata(file)
        except (pa.ArrowException, OSError) as error:
            first = str(error).splitlines()[0][:150]
            raise TableError(f"{_short(url)} is a damaged Parquet file ({first}); write it anew.") from None
        found = meta.schema.to_arrow_schema().remove_metadata()
        if schema is not None and not found.equals(schema):
            raise TableError(
                f"{_short(url)} has other columns than {_short(urls[0])}; give files of one table."
            )
        schema = found
        for group in range(meta.num_row_groups):
            spans.append(Span(url, group, group + 1))
            sizes.append(int(meta.row_group(group).total_byte_size))
    assert schema is not None
    flat = pa.schema([field for field in schema if not pa.types.is_nested(field.type)])
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if not len(flat):
        raise TableError(f"{name} has only nested columns; flatten them first.")
    check_columns(len(flat), name)
    twice = sorted({column for column in flat.names if flat.names.count(column) > 1})
    if twice:
        raise TableError(f"{name} has several columns of the name {listed(twice)}; rename them.")
    if not spans:
        raise TableError(f"{name} has columns but no rows; choose files with rows.")
    notes = (f"Without the nested columns {listed(nested)}.",) if nested else ()
    return ChunkedTable(name, tuple(_packed(spans, sizes, chunk_bytes)), flat, None, notes)


def _read_groups(span: Span, schema: pa.Schema) -> pa.Table:
    import fsspec

    with fsspec.open(span.url, "rb") as file:
        try:
            parquet = pa.parquet.ParquetFile(file)
            groups = list(range(span.start, span.stop))
            found = parquet.read_row_groups(groups, schema.names, use_threads=False)
            return found.select(schema.names).cast(schema)
        except pa.ArrowException as error:
            first = str(error).splitlines()[0][:150]
            raise TableError(f"{_short(span.url)} is damaged ({first}); write it anew.") from None


def _short(url: str) -> str:
    return posixpath.basename(url)
