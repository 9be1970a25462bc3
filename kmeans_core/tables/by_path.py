"""Tables that lie in files too large for one machine: read, prepared, clustered and written by workers.

What comes back to this process are sums, a sample of rows and some figures a chunk, so its memory does not
grow with the rows. Each pass reads the files anew; only the points themselves are kept, where they were made.
"""

import itertools
import math
import posixpath
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from kmeans_core.backends import capable_backends, get_backend
from kmeans_core.backends.pieces import InTurn, KeepingWorkers, Piece, PiecePoints, Workers
from kmeans_core.clustering import kernels, seeding
from kmeans_core.clustering.candidates import uniform_at
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.clustering.minibatch import learn
from kmeans_core.errors import OptionError, OutputError, TableError
from kmeans_core.fitting import check_options, cluster
from kmeans_core.model_selection import MOST_SILHOUETTE_POINTS, silhouette
from kmeans_core.tables.chunks import Chunk, ChunkedTable, RowsInChunks, ask_all, open_chunked
from kmeans_core.tables.clustered import check_silhouette, checked_precision, too_large_for
from kmeans_core.tables.model import TableModel, free_name, left_out, spread
from kmeans_core.tables.preparation import Preparation
from kmeans_core.tables.prepare import PrepareOptions, Remaining, fit_preparation_to
from kmeans_core.tables.reading import as_frame
from kmeans_core.types import FitOptions, FloatArray, IndexArray, Iteration, LabelArray, OnIteration
from kmeans_core.wording import count_text

# Mini-batch k-means starts from the best of some clusterings of a sample: so many rows for each center.
_SEED_ROWS, _MOST_SEED_ROWS = 1000, 50_000
_SAMPLE_STARTS, _SAMPLE_ROUNDS = 8, 20
# The random numbers that draw rows, apart from those of k-means||, which are numbered by its passes.
_SAMPLE = 2**32

OnStage = Callable[[str], None]


class Written(NamedTuple):
    """What became of a chunk. rows: it has. sizes: (k,) of the clusters. inertia: of its rows. missing,
    outliers, unknown: of `Prepared`."""

    rows: int
    sizes: IndexArray
    inertia: float
    missing: int
    outliers: int
    unknown: int


@dataclass(frozen=True, eq=False)
class ClusteredFiles:
    """What `cluster_files()` has done. preparation, centers: the model, with centers in the coordinates of
    the points. written: of each chunk. silhouette: on `silhouette_rows` rows, by `silhouette_distance`."""

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
        """Centers in the units of the table, one row a cluster."""
        return self.preparation.to_original(self.centers)

    def model(self) -> TableModel:
        """What labels new rows as these were."""
        report = self.report()
        names = ("table", "backend", "inertia", "converged")
        about = {name: report[name] for name in names}
        about |= {"rows": report["clustered_rows"], "iterations": report["n_iter"]}
        return TableModel(self.preparation, self.centers, about)

    def report(self) -> dict[str, Any]:
        """All figures, ready for JSON, named as those of a table in memory. Centers are in the units of the
        table."""
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
    n_clusters: int,
    *,
    columns: Sequence[str] | None = None,
    options: PrepareOptions | None = None,
    backend: str = "dask",
    max_iter: int = 100,
    tol: float = 0.0,
    seed: int = 0,
    precision: str = "float64",
    silhouette_of: str = "sample",
    delimiter: str | None = None,
    chunk_bytes: int | None = None,
    on_stage: OnStage | None = None,
    on_iteration: OnIteration | None = None,
) -> ClusteredFiles:
    """Clusters the rows of CSV or Parquet files, and writes them with their clusters as a folder of Parquet.

    source: a file, a folder, a pattern or an address, which every worker must be able to read. output: a
    folder that does not exist, or an address, which every worker must be able to write to.
    columns, options: of `fit_preparation()`; the median needs all rows in one place.
    backend: "spark-rdd" or "dask", which seed with k-means||, or "minibatch", which reads one chunk after the
    other in this process and starts from the best of eight clusterings of a sample.
    precision: of the points that are kept. silhouette_of: of `cluster_table()`; "all" reads the files again.
    delimiter, chunk_bytes: of `open_chunked()`. The others are those of `cluster()`.
    on_stage: called with what is done next, a few words.

    Raises TableError, OptionError and OutputError, and what `cluster()` raises. Nothing stays written then.
    """
    _, fit = check_options(
        n_clusters, backend=backend, init="k-means||", max_iter=max_iter, tol=tol, early_stop=True, seed=seed
    )
    checked_precision(precision)
    check_silhouette(silhouette_of, backend)
    tell = on_stage or (lambda _: None)
    target = _Target(output)
    clock = perf_counter()
    tell("starting")
    workers = _workers(backend)
    seconds = {"start": perf_counter() - clock}

    clock = perf_counter()
    tell("looking at the files")
    table = open_chunked(source, workers, delimiter=delimiter, chunk_bytes=chunk_bytes)
    tell(f"preparing {count_text(len(table.chunks), 'chunk')}")
    preparation, remaining = fit_preparation_to(
        RowsInChunks(table, workers), columns, options or PrepareOptions()
    )
    points = _Points(table, preparation, precision, [run.count for run in remaining])
    _check(points, remaining, fit.n_clusters)
    seconds["prepare"] = perf_counter() - clock

    if isinstance(workers, InTurn):
        found = _by_batches(workers, points, fit, tell, on_iteration)
    else:
        found = _by_rounds(workers, points, fit, tell, on_iteration)
    seconds |= found.seconds

    clock = perf_counter()
    tell("writing")
    written = _write(workers, table, TableModel(preparation, found.centers, {}), target, precision)
    seconds["write"] = perf_counter() - clock
    clock = perf_counter()
    if silhouette_of == "all":
        from kmeans_core.backends.spark_silhouette import silhouette_of as spark_silhouette_of

        tell("measuring the silhouette")
        placed = points.placed()
        nearest = partial(_labelled, points.light(), found.centers, placed)
        score = spark_silhouette_of(nearest, len(placed))
        silhouette_rows, distance = sum(points.counts), "squared euclidean"
    else:
        score = silhouette(found.sample, kernels.nearest_labels(found.sample, found.centers))
        silhouette_rows, distance = min(len(found.sample), MOST_SILHOUETTE_POINTS), "euclidean"
    seconds["silhouette"] = perf_counter() - clock
    return ClusteredFiles(
        table,
        preparation,
        found.centers,
        written,
        backend,
        found.history,
        found.converged,
        score,
        silhouette_rows,
        distance,
        seconds,
        found.notes,
    )


class LabelledFiles(NamedTuple):
    """What `label_files()` has done."""

    table: ChunkedTable
    written: Sequence[Written]

    def report(self) -> dict[str, Any]:
        """All figures, ready for JSON."""
        sizes = np.sum([chunk.sizes for chunk in self.written], axis=0)
        missing, outliers, unknown = (
            sum(getattr(chunk, name) for chunk in self.written) for name in ("missing", "outliers", "unknown")
        )
        return {
            "rows": sum(chunk.rows for chunk in self.written),
            "clustered_rows": int(sizes.sum()),
            "sizes": [int(size) for size in sizes],
            "notes": [*self.table.notes, *left_out(missing, outliers, unknown)],
        }


def label_files(
    source: str,
    output: str,
    model: TableModel,
    *,
    backend: str = "dask",
    delimiter: str | None = None,
    chunk_bytes: int | None = None,
    on_stage: OnStage | None = None,
) -> LabelledFiles:
    """Writes the rows of files with their clusters by a saved model. Arguments as those of
    `cluster_files()`."""
    get_backend(backend)
    tell = on_stage or (lambda _: None)
    target = _Target(output)
    tell("starting")
    workers = _workers(backend)
    tell("looking at the files")
    table = open_chunked(source, workers, delimiter=delimiter, chunk_bytes=chunk_bytes)
    tell(f"labelling {count_text(len(table.chunks), 'chunk')}")
    return LabelledFiles(table, _write(workers, table, model, target))


class _Points(NamedTuple):
    """Which points the rows of each chunk become. counts: of each chunk."""

    table: ChunkedTable
    preparation: Preparation
    precision: str
    counts: Sequence[int]

    def of(self, chunk: Chunk) -> FloatArray:
        """The points of a chunk, (n, d)."""
        columns = [column.name for column in self.preparation.columns]
        prepared = self.preparation.apply(as_frame(self.table.read(chunk, columns)))
        return prepared.points.astype(self.precision, copy=False)

    def light(self) -> "_Points":
        """The same without what a task that travels has no use for."""
        return self._replace(table=replace(self.table, chunks=()), counts=())

    def placed(self) -> list[tuple[Chunk, int]]:
        """Every chunk that has points, with the position of its first one among all."""
        offsets = itertools.accumulate(self.counts, initial=0)
        return [
            (chunk, offset)
            for chunk, offset, count in zip(self.table.chunks, offsets, self.counts, strict=False)
            if count
        ]

    def share(self, rows: int) -> float:
        """The share of all points that `rows` of them are."""
        return min(1.0, rows / sum(self.counts))


class _Found(NamedTuple):
    """sample: points drawn at random, (n, d)."""

    centers: FloatArray
    history: tuple[Iteration, ...]
    converged: bool
    sample: FloatArray
    seconds: dict[str, float]
    notes: tuple[str, ...]


def _by_rounds(
    workers: KeepingWorkers,
    points: _Points,
    options: FitOptions,
    tell: OnStage,
    on_iteration: OnIteration | None,
) -> _Found:
    """Lloyd's algorithm over all points, which stay with the workers."""
    seconds, clock = {}, perf_counter()
    tell("reading")
    engine = workers.hold(partial(_piece, points.light()), points.placed())
    try:
        held = PiecePoints(engine)
        seconds["transfer"] = perf_counter() - clock
        clock = perf_counter()
        tell("choosing the first centers")
        start = seeding.kmeans_parallel(held, options.n_clusters, options.seed)
        seconds["seed"] = perf_counter() - clock
        clock = perf_counter()
        end = run_lloyd(held, start, options, on_iteration)
        seconds["fit"] = perf_counter() - clock
        share = points.share(MOST_SILHOUETTE_POINTS)
        sample = np.concatenate(engine.map(partial(_drawn, share, options.seed)))
    finally:
        engine.close()
    few = f"Only {len(start):,} distinct points, fewer than {options.n_clusters:,} clusters."
    notes = (few,) if len(start) < options.n_clusters else ()
    return _Found(end.centers, end.history, end.converged, sample, seconds, notes)


def _by_batches(
    workers: Workers,
    points: _Points,
    options: FitOptions,
    tell: OnStage,
    on_iteration: OnIteration | None,
) -> _Found:
    """Mini-batch k-means over one chunk after the other, none of which is kept."""
    clock = perf_counter()
    tell("choosing the first centers")
    rows = min(_SEED_ROWS * options.n_clusters, _MOST_SEED_ROWS)
    share = points.share(max(MOST_SILHOUETTE_POINTS, rows))
    few = partial(_drawn_from, points.light(), share, options.seed)
    sample = np.concatenate(ask_all(workers, few, points.placed()))
    notes = []
    distinct = seeding.distinct_points(sample, np.ones(len(sample)), options.n_clusters)
    if len(distinct) < options.n_clusters:
        notes.append(
            f"Only {len(distinct):,} distinct points in a sample, fewer than {options.n_clusters:,} clusters."
        )
    tries = [
        cluster(
            sample,
            len(distinct),
            backend="numpy",
            max_iter=_SAMPLE_ROUNDS,
            seed=(options.seed + number) % 2**63,
        )
        for number in range(_SAMPLE_STARTS)
    ]
    start = min(tries, key=lambda one: one.inertia).centers
    seconds = {"seed": perf_counter() - clock}
    clock = perf_counter()
    end = learn(_batches(points, options.seed), start, sum(points.counts), options, on_iteration)
    seconds["fit"] = perf_counter() - clock
    notes.append(
        f"An iteration is one of {count_text(len(points.table.chunks), 'chunk')}, not a round over all rows."
    )
    return _Found(end.centers, end.history, end.converged, sample, seconds, tuple(notes))


def _batches(points: _Points, seed: int) -> Iterator[tuple[FloatArray, None]]:
    """Without end: the points of every chunk, in random order, then again in another."""
    chunks = [chunk for chunk, _ in points.placed()]
    rng = np.random.default_rng(seed)
    while True:
        for place in rng.permutation(len(chunks)):
            yield ask_all(InTurn(), points.light().of, [chunks[place]])[0], None


def _workers(backend: str) -> InTurn | KeepingWorkers:
    """Starts what it takes."""
    runner = get_backend(backend)
    if not runner.traits.reads_files:
        able = [other.name for other in capable_backends(lambda traits: traits.reads_files)]
        raise OptionError(
            f"backend={backend!r} does not read files in pieces; use one of: {', '.join(able)}."
        )
    return runner.workers()


def _check(points: _Points, remaining: Sequence[Remaining], n_clusters: int) -> None:
    n_points = sum(points.counts)
    if n_clusters > n_points:
        raise TableError(
            f"n_clusters={n_clusters:,} is more than the {n_points:,} rows to cluster; use fewer clusters, "
            "or drop fewer rows."
        )
    reach = [
        max(max(abs(low), abs(high)) for low, high in ends)
        for ends in zip(
            *[[(one.low, one.high) for one in run.moments] for run in remaining if run.count], strict=True
        )
    ]
    ends = points.preparation.coordinates_of(np.array([reach, [-value for value in reach]]))
    if np.abs(ends).max() > np.finfo(points.precision).max:
        raise too_large_for(points.precision)


class _Target:
    """A folder to write to, which nobody has written to before. Raises OutputError if it cannot be."""

    def __init__(self, output: str) -> None:
        from fsspec.core import url_to_fs

        self.name = output
        try:
            self.files, self.path = url_to_fs(output)
            exists = self.files.exists(self.path)
        except (OSError, ValueError, ImportError) as error:
            raise OutputError(f"{output} cannot be written: {error}.") from None
        if exists:
            raise OutputError(f"{output} exists already; name another folder, or remove it.")
        self.url = self.files.unstrip_protocol(self.path)

    def make(self) -> None:
        try:
            self.files.makedirs(self.path, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.name} cannot be written: {error.strerror or error}.") from None

    def seal(self) -> None:
        """Says to other readers that all of it is there."""
        try:
            self.files.touch(posixpath.join(self.path, "_SUCCESS"))
        except OSError as error:
            raise OutputError(f"{self.name} cannot be written: {error.strerror or error}.") from None

    def remove(self) -> None:
        self.files.rm(self.path, recursive=True)


def _write(
    workers: Workers, table: ChunkedTable, model: TableModel, target: _Target, precision: str = "float64"
) -> list[Written]:
    """Every chunk with its clusters as a Parquet file; all of them or none."""
    target.make()
    try:
        label = free_name(table.names)
        task = partial(_write_chunk, replace(table, chunks=()), model, precision, target.url, label)
        written = ask_all(workers, task, list(enumerate(table.chunks)))
        target.seal()
    except BaseException:
        with suppress(OSError):  # what went wrong first is what counts
            target.remove()
        raise
    return written


# From here on: what runs where the files are read.


def _piece(points: _Points, placed: tuple[Chunk, int]) -> Piece:
    chunk, offset = placed
    table = points.of(chunk)
    return Piece(offset, table, np.ones(len(table)))


def _labelled(
    points: _Points, centers: FloatArray, placed: Sequence[tuple[Chunk, int]], number: int
) -> tuple[FloatArray, LabelArray]:
    found = points.of(placed[number][0])
    return found - centers.mean(axis=0), kernels.nearest_labels(found, centers)


def _drawn(share: float, seed: int, piece: Piece) -> FloatArray:
    """About so large a share of the points, the same ones however they are split."""
    return piece.points[uniform_at(seed, _SAMPLE, piece.offset, len(piece.points)) < share]


def _drawn_from(points: _Points, share: float, seed: int, placed: tuple[Chunk, int]) -> FloatArray:
    return _drawn(share, seed, _piece(points, placed))


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
    rows = table.read(chunk)
    frame = as_frame(rows.select([column.name for column in model.preparation.columns]))
    prepared = model.preparation.apply(frame)
    points = prepared.points.astype(precision, copy=False)
    distances = np.empty(len(points))
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    labels = kernels.assign(columns, model.centers, distances)
    column = pa.array(spread(labels, prepared.rows, len(frame)), pa.int32())
    with fsspec.open(posixpath.join(folder, f"part-{number:05d}.parquet"), "wb") as file:
        pa.parquet.write_table(rows.append_column(label, column), file)
    return Written(
        len(frame),
        np.bincount(labels, minlength=len(model.centers)),
        float(distances.sum()),
        prepared.missing,
        prepared.outliers,
        prepared.unknown,
    )
