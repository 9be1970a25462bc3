"""Tables that workers read in chunks: CSV and Parquet files, folders and patterns.

The driver reads one megabyte and lists the files. A chunk says what one task reads: bytes of text files, or
row groups of Parquet files.
"""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import pyarrow as pa

from kmeans_core.backends.distributed import Workers
from kmeans_core.errors import InputError, OptionError, TableError
from kmeans_core.tables.cells import CellCounts
from kmeans_core.tables.column_reading import Reading, find_readings, reading_notes
from kmeans_core.tables.delimited import TextFormat, find_format
from kmeans_core.tables.encodings import UTF_8, decode
from kmeans_core.tables.finding import find_files, is_parquet
from kmeans_core.tables.read_options import NOTHING_KNOWN, PARQUET, TEXT, ReadOptions
from kmeans_core.tables.reading import as_frame, empty_columns_note
from kmeans_core.tables.row_groups import read_row_groups, row_groups
from kmeans_core.tables.spans import Chunk, Span, into_chunks
from kmeans_core.tables.text_spans import count_chunk, first_lines, read_lines, scan_chunk

_MIN_BYTES, _MAX_BYTES = 2**20, 32 * 2**20
# So that several workers have work even if the files are small.
_DEFAULT_CHUNKS = 16

Result = TypeVar("Result")
Item = TypeVar("Item")


class TaskError(NamedTuple):
    """What a worker returns if it cannot do a task for a reason the user should know. An exception would
    count as a failure of the worker, and the task would be tried again.
    """

    message: str


@dataclass(frozen=True)
class ChunkedTable:
    """name: for messages. chunks: what to read. schema: name and type of each column. text: how lines become
    columns; None for Parquet. notes: what was guessed, as sentences. readings: what the columns of text files
    are read as."""

    name: str
    chunks: tuple[Chunk, ...]
    schema: pa.Schema
    text: TextFormat | None
    notes: tuple[str, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return list(self.schema.names)

    def read(
        self, chunk: Chunk, columns: Sequence[str] | None = None, *, as_it_was: bool = False
    ) -> pa.Table:
        """The rows of a chunk, of a text file without empty ones; all columns by default.

        as_it_was: cells of text that are read as numbers stay text. Raises TableError if the rows do not fit
        the schema.
        """
        schema = self.schema if columns is None else pa.schema([self.schema.field(name) for name in columns])
        tables = [self._read_span(span, schema, as_it_was) for span in chunk]
        return pa.concat_tables([part for part in tables if part.num_rows] or tables[:1])

    def _read_span(self, span: Span, schema: pa.Schema, as_it_was: bool) -> pa.Table:
        if self.text is None:
            return read_row_groups(span, schema)
        # A row is empty if all of its cells are, in whatever column.
        readings = {name: self.readings[name] for name in self.schema.names}
        return read_lines(span, self.text, readings, as_it_was=as_it_was).select(schema.names)


class ChunkedRows:
    """The rows of a chunked table as `RowChunks`, read by workers."""

    def __init__(self, table: ChunkedTable, workers: Workers) -> None:
        self.chunks = table.chunks
        self.table = replace(table, chunks=())  # which is sent with every task
        self.workers = workers
        self.names = table.names
        self.n_chunks = len(table.chunks)

    def each(
        self, function: Callable[[pd.DataFrame], Result], columns: Sequence[str] | None = None
    ) -> list[Result]:
        return map_items(self.workers, partial(_apply, self.table, function, columns), self.chunks)


def is_chunked(source: str, max_bytes: int) -> bool:
    """Whether a source can only be read in chunks.

    Parameters
    ----------
    source : str
        A path or an address.
    max_bytes : int
        The largest file that is read whole.

    Returns
    -------
    bool
        True for a folder, a pattern, an address, or a larger file.
    """
    path = Path(source)
    try:
        if path.is_dir():
            return True
        if path.exists():
            return path.stat().st_size > max_bytes
    except OSError:  # reported when it is read
        return False
    return "://" in source or any(letter in source for letter in "*?[")


def open_chunked(
    source: str,
    workers: Workers,
    options: ReadOptions = NOTHING_KNOWN,
    *,
    chunk_bytes: int | None = None,
) -> ChunkedTable:
    """Finds the files and what their columns hold, which takes one pass over text files.

    source: a file, a folder, a pattern such as `data/2024-*.csv`, or an address that fsspec knows; the
    workers must be able to read it too. options: what is known of the files. chunk_bytes: about how
    much is read at a time; by default 1 to 32 MiB, and the same however many workers there are.

    Raises TableError if there are no files, or files of several formats; OptionError for a chunk size below
    1.
    """
    if chunk_bytes is not None and chunk_bytes < 1:
        raise OptionError(f"chunk_bytes={chunk_bytes} is not allowed; give 1 or more.")
    try:
        return _open_chunked(source, workers, options, chunk_bytes)
    except (OSError, ValueError, ImportError) as error:
        if isinstance(error, InputError):
            raise
        raise TableError(f"{source} cannot be read: {error}.") from None


def _open_chunked(
    source: str, workers: Workers, options: ReadOptions, chunk_bytes: int | None
) -> ChunkedTable:
    files, sizes = find_files(source)
    name = posixpath.basename(source.rstrip("/")) or source
    chunk_bytes = chunk_bytes or min(max(sum(sizes.values()) // _DEFAULT_CHUNKS, _MIN_BYTES), _MAX_BYTES)
    if is_parquet(next(iter(sizes))):
        options.check_kind(PARQUET, name)
        groups = row_groups(files, list(sizes), name)
        chunks = into_chunks(groups.spans, groups.sizes, chunk_bytes)
        return ChunkedTable(name, tuple(chunks), groups.schema, None, groups.notes)
    options.check_kind(TEXT, name)
    text = _text_format(files, next(iter(sizes)), name, options)
    head_bytes = len(text.header.encode(text.encoding, errors="replace"))
    spans = [
        Span(url, start, min(stop, size))
        for url, size in sizes.items()
        # The lines of the header belong together.
        for start, stop in pairwise([0, *range(max(chunk_bytes, head_bytes), size, chunk_bytes), size])
    ]
    chunks = into_chunks(spans, [span.stop - span.start for span in spans], chunk_bytes)
    scans = map_items(workers, partial(scan_chunk, text), chunks)

    def count(names: list[str]) -> list[dict[str, CellCounts]]:
        return [
            one for found in map_items(workers, partial(count_chunk, text, names), chunks) for one in found
        ]

    readings = find_readings([one for found in scans for one in found], count, text.decimal, options)
    schema = pa.schema([(column, reading.type) for column, reading in readings.items()])
    notes = (*text.notes, *reading_notes(readings))
    return _without_empty_columns(ChunkedTable(name, tuple(chunks), schema, text, notes, readings))


def _text_format(files: Any, url: str, name: str, options: ReadOptions) -> TextFormat:
    """How lines become columns, by those of the first file."""
    head = first_lines(files, url)
    if b"\n" not in head and b"\r" in head:
        raise TableError(
            f"{name} has old Mac line endings (CR), which are not supported; save it again with "
            "standard ones."
        )
    decoded = decode(head, name, options.encoding)
    if decoded.encoding != UTF_8 and "\n".encode(decoded.encoding) != b"\n":
        raise TableError(
            f"{name} is {decoded.encoding.upper()}, which cannot be read in chunks; save it as UTF-8."
        )
    text = find_format(decoded, name, options)
    return replace(text, notes=(*decoded.notes, *text.notes))


def _without_empty_columns(table: ChunkedTable) -> ChunkedTable:
    empty = [column.name for column in table.schema if pa.types.is_null(column.type)]
    if len(empty) == len(table.schema):
        raise TableError(f"{table.name} has no values: every cell is empty; choose another file.")
    if not empty:
        return table
    schema = pa.schema([column for column in table.schema if column.name not in empty])
    return replace(table, schema=schema, notes=(*table.notes, empty_columns_note(empty)))


def map_items(workers: Workers, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Applies `function` to every item, each on some worker. Raises the first TableError."""
    results: list[Result] = []
    with closing(workers.map(partial(_without_raising, function), items)) as answers:
        for answer in answers:
            if isinstance(answer, TaskError):
                raise TableError(answer.message)
            results.append(answer)
    return results


def _without_raising(function: Callable[[Item], Result], item: Item) -> Result | TaskError:
    try:
        return function(item)
    except TableError as error:
        return TaskError(str(error))
    except OSError as error:
        return TaskError(
            f"A worker cannot read or write {error.filename or 'a file'} ({error.strerror or error}); put "
            "the files where every worker can reach them."
        )


def _apply(
    table: ChunkedTable,
    function: Callable[[pd.DataFrame], Result],
    columns: Sequence[str] | None,
    chunk: Chunk,
) -> Result:
    return function(as_frame(table.read(chunk, columns)))
