"""Reading Parquet files by row groups."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet

from kmeans_core.errors import TableError
from kmeans_core.tables.reading import check_columns, join_names
from kmeans_core.tables.spans import Span, file_name


class RowGroups(NamedTuple):
    """The row groups of some files, one span each. sizes: their bytes. schema: of the columns that are read.
    notes: what is left out, as sentences."""

    spans: list[Span]
    sizes: list[int]
    schema: pa.Schema
    notes: tuple[str, ...]


def row_groups(files: Any, urls: Sequence[str], name: str) -> RowGroups:
    """Looks at the ends of Parquet files, where they say what is in them.

    files: the file system. name: of the table, for messages. Raises TableError if a file is damaged, or they
    are not of one table that can be clustered.
    """
    spans, sizes = [], []
    schema: pa.Schema | None = None
    for url in urls:
        try:
            with files.open(url, "rb") as file:
                meta = pa.parquet.read_metadata(file)
        except (pa.ArrowException, OSError) as error:
            first = str(error).splitlines()[0][:150]
            raise TableError(
                f"{file_name(url)} is a damaged Parquet file ({first}); write it again."
            ) from None
        found = meta.schema.to_arrow_schema().remove_metadata()
        if schema is not None and not found.equals(schema):
            raise TableError(
                f"{file_name(url)} has other columns than {file_name(urls[0])}; give files of the same table."
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
        raise TableError(f"{name} has several columns named {join_names(twice)}; rename them.")
    if not spans:
        raise TableError(f"{name} has columns but no rows; choose files with rows.")
    notes = (f"Left out the nested columns {join_names(nested)}.",) if nested else ()
    return RowGroups(spans, sizes, flat, notes)


def read_row_groups(span: Span, schema: pa.Schema) -> pa.Table:
    """The rows of a span, with the columns of the schema. Raises TableError if the file is damaged."""
    import fsspec

    with fsspec.open(span.url, "rb") as file:
        try:
            parquet = pa.parquet.ParquetFile(file)
            groups = list(range(span.start, span.stop))
            found = parquet.read_row_groups(groups, schema.names, use_threads=False)
            return found.select(schema.names).cast(schema)
        except pa.ArrowException as error:
            first = str(error).splitlines()[0][:150]
            raise TableError(f"{file_name(span.url)} is damaged ({first}); write it again.") from None
