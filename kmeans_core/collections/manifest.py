"""The manifest: a row for each picture that was written, in Parquet."""

import io
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from kmeans_core.collections.files import PictureAt
from kmeans_core.collections.listing import Listing
from kmeans_core.collections.state import OutputFolder

MANIFEST = "manifest.parquet"
SCHEMA = pa.schema(
    [
        pa.field("path", pa.string()),
        pa.field("name", pa.string()),
        pa.field("modified", pa.string()),
        pa.field("palette", pa.string()),
        pa.field("output", pa.string()),
        pa.field("status", pa.string()),
        pa.field("error", pa.string()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("unique_colors", pa.int32()),
        pa.field("n_colors", pa.int32()),
        pa.field("mse", pa.float64()),
        pa.field("psnr", pa.float64()),
        pa.field("delta_e", pa.float64()),
        pa.field("input_bytes", pa.int64()),
        pa.field("output_bytes", pa.int64()),
        pa.field("group", pa.int32()),
    ]
)
_ROWS = 10_000


def write_manifest(folder: OutputFolder, listing: Listing) -> None:
    """Writes the rows of all pictures, in the order of their names. Raises OSError."""
    file = io.BytesIO()
    with pa.parquet.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        rows = ({**row, "group": group} for _, rows, group in listing.written() for row in json.loads(rows))
        while page := list(itertools.islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(page, SCHEMA))
    folder.write(MANIFEST, file.getvalue())


def manifest_rows(folder: OutputFolder, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The values of some columns, a page of rows at a time. Raises OSError if there is no manifest."""
    with folder.open(MANIFEST) as source, pa.parquet.ParquetFile(source) as file:
        for batch in file.iter_batches(_ROWS, columns=list(columns)):
            yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)


def members(folder: OutputFolder) -> Iterator[PictureAt]:
    """The pictures in a manifest, each once."""
    last = None
    for url, name, size, modified in manifest_rows(folder, "path", "name", "input_bytes", "modified"):
        if name != last:  # with palettes of both kinds, it has two rows
            yield PictureAt(url, name, size, modified)
        last = name
