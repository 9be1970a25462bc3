"""Where rows from files go with their clusters: a folder of Parquet files, all of them written or none."""

import posixpath
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from kmeans_core.backends.distributed import Workers
from kmeans_core.clustering import kernels
from kmeans_core.errors import OutputError
from kmeans_core.tables.chunks import ChunkedTable, map_items
from kmeans_core.tables.model import TableModel, free_name, label_column
from kmeans_core.tables.reading import as_frame
from kmeans_core.tables.spans import Chunk
from kmeans_core.types import IndexArray


class Written(NamedTuple):
    """The result for one chunk. rows: how many it has. sizes: (k,) of the clusters. inertia: of its rows.
    missing,
    outliers, unknown: of `Prepared`."""

    rows: int
    sizes: IndexArray
    inertia: float
    missing: int
    outliers: int
    unknown: int


class Target:
    """A new folder to write to. Raises OutputError if it exists or cannot be written."""

    def __init__(self, output: str) -> None:
        from fsspec.core import url_to_fs

        self.name = output
        try:
            self.files, self.path = url_to_fs(output)
            exists = self.files.exists(self.path)
        except (OSError, ValueError, ImportError) as error:
            raise OutputError(f"{output} cannot be written: {error}.") from None
        if exists:
            raise OutputError(f"{output} already exists; name another folder, or remove it.")
        self.url = self.files.unstrip_protocol(self.path)

    def make(self) -> None:
        try:
            self.files.makedirs(self.path, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.name} cannot be written: {error.strerror or error}.") from None

    def seal(self) -> None:
        """Marks the folder as complete for other readers."""
        try:
            self.files.touch(posixpath.join(self.path, "_SUCCESS"))
        except OSError as error:
            raise OutputError(f"{self.name} cannot be written: {error.strerror or error}.") from None

    def remove(self) -> None:
        self.files.rm(self.path, recursive=True)


def write_labelled(
    workers: Workers, table: ChunkedTable, model: TableModel, target: Target, precision: str = "float64"
) -> list[Written]:
    """Every chunk with its clusters as a Parquet file; all of them or none."""
    target.make()
    try:
        label = free_name(table.names)
        task = partial(_write_chunk, replace(table, chunks=()), model, precision, target.url, label)
        written = map_items(workers, task, list(enumerate(table.chunks)))
        target.seal()
    except BaseException:
        with suppress(OSError):  # the first error is the one to report
            target.remove()
        raise
    return written


# From here on: what runs on the workers.


def _write_chunk(
    table: ChunkedTable,
    model: TableModel,
    precision: str,
    folder: str,
    label: str,
    numbered: tuple[int, Chunk],
) -> Written:
    import fsspec

    number, chunk = numbered
    frame = as_frame(table.read(chunk, [column.name for column in model.preparation.columns]))
    prepared = model.preparation.apply(frame)
    points = prepared.points.astype(precision, copy=False)
    distances = np.empty(len(points))
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    labels = kernels.assign(columns, model.centers, distances)
    column = pa.array(label_column(labels, prepared.rows, len(frame)), pa.int32())
    with fsspec.open(posixpath.join(folder, f"part-{number:05d}.parquet"), "wb") as file:
        rows = table.read(chunk, as_it_was=True)
        pa.parquet.write_table(rows.append_column(label, column), file)
    return Written(
        len(frame),
        np.bincount(labels, minlength=len(model.centers)),
        float(distances.sum()),
        prepared.missing,
        prepared.outliers,
        prepared.unknown,
    )
