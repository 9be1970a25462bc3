"""Tables in files too large for one machine: read, prepared, clustered and written by workers.

This process receives sums, a sample of rows and a few numbers per chunk, so its memory does not grow with the
rows. Each pass reads the files again; only the points are kept, on the workers that made them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kmeans_core.backends import capable_backends, get_backend
from kmeans_core.backends.base import Backend
from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.clustering import kernels
from kmeans_core.errors import OptionError, TableError
from kmeans_core.fitting.fit import checked_options
from kmeans_core.model_selection import MAX_SILHOUETTE_POINTS, silhouette
from kmeans_core.tables.chunks import ChunkedRows, ChunkedTable, open_chunked
from kmeans_core.tables.clustered import check_silhouette, too_large_for
from kmeans_core.tables.model import TableModel, unlabelled_notes
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.path_fit import (
    OnProgress,
    PathPoints,
    fit_by_batches,
    fit_by_iterations,
    labelled_points,
)
from kmeans_core.tables.path_output import Target, Written, write_labelled
from kmeans_core.tables.preparation import Preparation
from kmeans_core.tables.preparation_fit import RemainingRows, fit_preparation_to
from kmeans_core.tables.read_options import NOTHING_KNOWN, ReadOptions
from kmeans_core.types import FloatArray, Iteration, OnIteration
from kmeans_core.validation import checked
from kmeans_core.wording import count_text


@dataclass(frozen=True, eq=False)
class ClusteredFiles:
    """The result of `cluster_files()`.

    Attributes
    ----------
    table, preparation, centers, written
        What was read; the model, with centers in the coordinates of the points; the result of each chunk.
    backend, history, converged, seconds, notes
        As in `KMeansResult`.
    silhouette, silhouette_rows, silhouette_distance : float, int, str
        Measured on so many rows, by that distance.
    """

    table: ChunkedTable
    preparation: Preparation
    centers: FloatArray
    written: Sequence[Written]
    backend: str
    history: tuple[Iteration, ...]
    converged: bool
    silhouette: float
    silhouette_rows: int
    silhouette_distance: str
    seconds: dict[str, float]
    notes: tuple[str, ...] = field(default=())

    @property
    def original_centers(self) -> pd.DataFrame:
        """Centers in the units of the table, one row per cluster."""
        return self.preparation.to_original(self.centers)

    def model(self) -> TableModel:
        """A model that labels new rows as these were labelled."""
        report = self.report()
        names = ("table", "backend", "inertia", "converged")
        about = {name: report[name] for name in names}
        about |= {"rows": report["clustered_rows"], "iterations": report["n_iter"]}
        return TableModel(self.preparation, self.centers, about)

    def report(self) -> dict[str, Any]:
        """All values, ready for JSON, under the same names as for a table in memory. Centers are in the units
        of the table.
        """
        sizes = np.sum([chunk.sizes for chunk in self.written], axis=0)
        return {
            "table": self.table.name,
            "rows": sum(chunk.rows for chunk in self.written),
            "clustered_rows": int(sizes.sum()),
            "dropped_missing": sum(chunk.missing for chunk in self.written),
            "dropped_outliers": sum(chunk.outliers for chunk in self.written),
            "columns": self.preparation.names,
            "backend": self.backend,
            "n_clusters": len(self.centers),
            "inertia": math.fsum(chunk.inertia for chunk in self.written),
            "silhouette": None if np.isnan(self.silhouette) else self.silhouette,
            "silhouette_rows": self.silhouette_rows,
            "silhouette_distance": self.silhouette_distance,
            "n_iter": len(self.history),
            "converged": self.converged,
            "sizes": [int(size) for size in sizes],
            "centers": self.original_centers.to_dict("records"),
            "seconds": self.seconds,
            "chunks": len(self.table.chunks),
            "notes": [*self.table.notes, *self.preparation.notes, *self.notes],
        }


def cluster_files(
    source: str,
    output: str,
    options: TableOptions,
    *,
    columns: Sequence[str] | None = None,
    reading: ReadOptions = NOTHING_KNOWN,
    chunk_bytes: int | None = None,
    on_stage: OnProgress | None = None,
    on_iteration: OnIteration | None = None,
) -> ClusteredFiles:
    """Clusters the rows of CSV or Parquet files, and writes them with their clusters as a folder of Parquet.

    Parameters
    ----------
    source : str
        A file, a folder, a pattern or an address, which every worker must be able to read.
    output : str
        A folder that does not exist, or an address, which every worker must be able to write to.
    options : TableOptions
        Their backend reads files, such as "spark-rdd" or "dask", which seed with k-means||, or "minibatch",
        which reads one chunk after the other in this process and starts from the best of eight clusterings of
        a sample. `init` and `starts` are not looked at; the median needs all rows in memory, and the
        silhouette of all rows reads the files again.
    columns : sequence of str, optional
        As of `fit_preparation()`.
    reading : ReadOptions, default NOTHING_KNOWN
        What is known of the files.
    chunk_bytes : int, optional
        About how much is read at a time; by default 1 to 32 MiB.
    on_stage : callable, optional
        Called with a few words about what is done next.
    on_iteration : OnIteration, optional
        As of `cluster()`.

    Returns
    -------
    ClusteredFiles

    Raises
    ------
    TableError, OptionError, OutputError
        And what `cluster()` raises. Then nothing is left behind.
    """
    options = checked(options)
    runner, fit_options = checked_options(replace(options.fit, init="k-means||"))
    check_silhouette(options, runner)
    check_reads_files(runner)
    say = on_stage or (lambda _: None)
    output_folder = Target(output)
    clock = perf_counter()
    say("starting")
    workers = runner.workers()
    seconds = {"start": perf_counter() - clock}

    clock = perf_counter()
    say("inspecting the files")
    table = open_chunked(source, workers, reading, chunk_bytes=chunk_bytes)
    say(f"preparing {count_text(len(table.chunks), 'chunk')}")
    preparation, remaining = fit_preparation_to(ChunkedRows(table, workers), columns, options.prepare)
    points = PathPoints(table, preparation, options.precision, [chunk.count for chunk in remaining])
    _check(points, remaining, fit_options.n_clusters)
    seconds["prepare"] = perf_counter() - clock

    if isinstance(workers, SequentialWorkers):
        found = fit_by_batches(workers, points, fit_options, say, on_iteration)
    else:
        found = fit_by_iterations(workers, points, fit_options, say, on_iteration)
    seconds |= found.seconds

    clock = perf_counter()
    say("writing")
    written = write_labelled(
        workers, table, TableModel(preparation, found.centers, {}), output_folder, options.precision
    )
    seconds["write"] = perf_counter() - clock
    clock = perf_counter()
    if options.silhouette == "all":
        from kmeans_core.backends.spark_silhouette import evaluate_silhouette

        say("computing the silhouette")
        chunks_with_offsets = points.chunks_with_offsets()
        nearest = partial(labelled_points, points.light(), found.centers, chunks_with_offsets)
        score = evaluate_silhouette(nearest, len(chunks_with_offsets))
        silhouette_rows, distance = sum(points.counts), "squared euclidean"
    else:
        score = silhouette(found.sample, kernels.nearest_labels(found.sample, found.centers))
        silhouette_rows, distance = min(len(found.sample), MAX_SILHOUETTE_POINTS), "euclidean"
    seconds["silhouette"] = perf_counter() - clock
    return ClusteredFiles(
        table,
        preparation,
        found.centers,
        written,
        runner.name,
        found.history,
        found.converged,
        score,
        silhouette_rows,
        distance,
        seconds,
        found.notes,
    )


class LabelledFiles(NamedTuple):
    """The result of `label_files()`."""

    table: ChunkedTable
    written: Sequence[Written]

    def report(self) -> dict[str, Any]:
        """All values, ready for JSON."""
        sizes = np.sum([chunk.sizes for chunk in self.written], axis=0)
        missing, outliers, unknown = (
            sum(getattr(chunk, name) for chunk in self.written) for name in ("missing", "outliers", "unknown")
        )
        return {
            "rows": sum(chunk.rows for chunk in self.written),
            "clustered_rows": int(sizes.sum()),
            "sizes": [int(size) for size in sizes],
            "notes": [*self.table.notes, *unlabelled_notes(missing, outliers, unknown)],
        }


def label_files(
    source: str,
    output: str,
    model: TableModel,
    *,
    backend: str = "dask",
    reading: ReadOptions = NOTHING_KNOWN,
    chunk_bytes: int | None = None,
    on_stage: OnProgress | None = None,
) -> LabelledFiles:
    """Writes the rows of files with their clusters by a saved model.

    Parameters
    ----------
    source, output, reading, chunk_bytes, on_stage
        As of `cluster_files()`, whose errors these are.
    model : TableModel
    backend : str, default "dask"
        One that reads files.

    Returns
    -------
    LabelledFiles
    """
    runner = get_backend(backend)
    check_reads_files(runner)
    say = on_stage or (lambda _: None)
    output_folder = Target(output)
    say("starting")
    workers = runner.workers()
    say("inspecting the files")
    table = open_chunked(source, workers, reading, chunk_bytes=chunk_bytes)
    say(f"labelling {count_text(len(table.chunks), 'chunk')}")
    return LabelledFiles(table, write_labelled(workers, table, model, output_folder))


def check_reads_files(runner: Backend) -> None:
    """Raises OptionError for a backend that cannot, naming those that can."""
    if not runner.traits.reads_files:
        able = [other.name for other in capable_backends(lambda traits: traits.reads_files)]
        raise OptionError(
            f"backend={runner.name!r} does not read files in chunks; use one of: {', '.join(able)}."
        )


def _check(points: PathPoints, remaining: Sequence[RemainingRows], n_clusters: int) -> None:
    n_points = sum(points.counts)
    if n_clusters > n_points:
        raise TableError(
            f"n_clusters={n_clusters:,} is more than the {n_points:,} rows to cluster; use fewer clusters, "
            "or drop fewer rows."
        )
    extremes = [
        max(max(abs(low), abs(high)) for low, high in ends)
        for ends in zip(
            *[[(one.low, one.high) for one in chunk.moments] for chunk in remaining if chunk.count],
            strict=True,
        )
    ]
    ends = points.preparation.to_coordinates(np.array([extremes, [-value for value in extremes]]))
    if np.abs(ends).max() > np.finfo(points.precision).max:
        raise too_large_for(points.precision)
