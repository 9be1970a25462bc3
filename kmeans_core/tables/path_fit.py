"""Clustering the rows of files: Lloyd's algorithm on points that stay with the workers, or mini-batches."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import NamedTuple

import numpy as np

from kmeans_core.backends.distributed import (
    CachingWorkers,
    DistributedPoints,
    PartitionData,
    SequentialWorkers,
    Workers,
)
from kmeans_core.clustering import seeding
from kmeans_core.clustering.candidates import uniform_at
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.clustering.minibatch import fit_minibatch
from kmeans_core.clustering.quick_kernels import nearest_labels
from kmeans_core.fitting import fit_points
from kmeans_core.model_selection import MAX_SILHOUETTE_POINTS
from kmeans_core.options import FitOptions
from kmeans_core.tables.chunks import ChunkedTable, map_items
from kmeans_core.tables.preparation import Preparation
from kmeans_core.tables.reading import as_frame
from kmeans_core.tables.spans import Chunk
from kmeans_core.types import FloatArray, Iteration, LabelArray, OnIteration
from kmeans_core.wording import count_text

# Mini-batch k-means starts from the best of several fits to a sample with so many rows per center.
_SEED_ROWS_PER_CENTER, _MAX_SEED_ROWS = 1000, 50_000
_SAMPLE_STARTS, _SAMPLE_ITERATIONS = 8, 20
# The stream of random numbers that draws rows; those of k-means|| are numbered by its passes.
_SAMPLE_STREAM = 2**32

OnProgress = Callable[[str], None]


class PathPoints(NamedTuple):
    """How the rows of each chunk become points. counts: number of points per chunk."""

    table: ChunkedTable
    preparation: Preparation
    precision: str
    counts: Sequence[int]

    def of(self, chunk: Chunk) -> FloatArray:
        """The points of a chunk, (n, d)."""
        columns = [column.name for column in self.preparation.columns]
        prepared = self.preparation.apply(as_frame(self.table.read(chunk, columns)))
        return prepared.points.astype(self.precision, copy=False)

    def light(self) -> "PathPoints":
        """A copy to send with every task, without what tasks do not need."""
        return self._replace(table=replace(self.table, chunks=()), counts=())

    def chunks_with_offsets(self) -> list[tuple[Chunk, int]]:
        """Every chunk that has points, with the position of its first point among all."""
        offsets = itertools.accumulate(self.counts, initial=0)
        return [
            (chunk, offset)
            for chunk, offset, count in zip(self.table.chunks, offsets, self.counts, strict=False)
            if count
        ]

    def share(self, rows: int) -> float:
        """The share of all points that `rows` of them are."""
        return min(1.0, rows / sum(self.counts))


class PathFit(NamedTuple):
    """sample: points drawn at random, (n, d)."""

    centers: FloatArray
    history: tuple[Iteration, ...]
    converged: bool
    sample: FloatArray
    seconds: dict[str, float]
    notes: tuple[str, ...]


def fit_by_iterations(
    workers: CachingWorkers,
    points: PathPoints,
    options: FitOptions,
    on_stage: OnProgress,
    on_iteration: OnIteration | None,
) -> PathFit:
    """Lloyd's algorithm over all points, which stay with the workers."""
    seconds, clock = {}, perf_counter()
    on_stage("reading")
    engine = workers.load_partitions(partial(_load_partition, points.light()), points.chunks_with_offsets())
    try:
        held = DistributedPoints(engine)
        seconds["transfer"] = perf_counter() - clock
        clock = perf_counter()
        on_stage("choosing initial centers")
        start = seeding.kmeans_parallel(held, options.n_clusters, options.seed)
        seconds["seed"] = perf_counter() - clock
        clock = perf_counter()
        end = run_lloyd(held, start, options, on_iteration)
        seconds["fit"] = perf_counter() - clock
        share = points.share(MAX_SILHOUETTE_POINTS)
        sample = np.concatenate(engine.map(partial(_sample, share, options.seed)))
    finally:
        engine.close()
    few = len(start) < options.n_clusters
    notes = (seeding.few_points_note(len(start), options.n_clusters),) if few else ()
    return PathFit(end.centers, end.history, end.converged, sample, seconds, notes)


def fit_by_batches(
    workers: Workers,
    points: PathPoints,
    options: FitOptions,
    on_stage: OnProgress,
    on_iteration: OnIteration | None,
) -> PathFit:
    """Mini-batch k-means, one chunk after the other; none is kept in memory."""
    clock = perf_counter()
    on_stage("choosing initial centers")
    rows = min(_SEED_ROWS_PER_CENTER * options.n_clusters, _MAX_SEED_ROWS)
    share = points.share(max(MAX_SILHOUETTE_POINTS, rows))
    few = partial(_sample_chunk, points.light(), share, options.seed)
    sample = np.concatenate(map_items(workers, few, points.chunks_with_offsets()))
    notes = []
    distinct = seeding.distinct_points(sample, np.ones(len(sample)), options.n_clusters)
    if len(distinct) < options.n_clusters:
        notes.append(seeding.few_points_note(len(distinct), options.n_clusters, " in a sample"))
    tries = [
        fit_points(
            sample,
            FitOptions(
                len(distinct),
                backend="numpy",
                max_iter=_SAMPLE_ITERATIONS,
                seed=(options.seed + number) % 2**63,
            ),
        )
        for number in range(_SAMPLE_STARTS)
    ]
    start = min(tries, key=lambda one: one.inertia).centers
    seconds = {"seed": perf_counter() - clock}
    clock = perf_counter()
    end = fit_minibatch(_batches(points, options.seed), start, sum(points.counts), options, on_iteration)
    seconds["fit"] = perf_counter() - clock
    notes.append(
        f"An iteration is one of {count_text(len(points.table.chunks), 'chunk')}, not a pass over all rows."
    )
    return PathFit(end.centers, end.history, end.converged, sample, seconds, tuple(notes))


def _batches(points: PathPoints, seed: int) -> Iterator[tuple[FloatArray, None]]:
    """Endless: the points of every chunk, chunks in random order, then again in another order."""
    chunks = [chunk for chunk, _ in points.chunks_with_offsets()]
    rng = np.random.default_rng(seed)
    while True:
        for place in rng.permutation(len(chunks)):
            yield map_items(SequentialWorkers(), points.light().of, [chunks[place]])[0], None


# From here on: what runs where the files are read.


def _load_partition(points: PathPoints, chunk_with_offset: tuple[Chunk, int]) -> PartitionData:
    chunk, offset = chunk_with_offset
    table = points.of(chunk)
    return PartitionData(offset, table, np.ones(len(table)))


def labelled_points(
    points: PathPoints, centers: FloatArray, placed: Sequence[tuple[Chunk, int]], number: int
) -> tuple[FloatArray, LabelArray]:
    found = points.of(placed[number][0])
    return found - centers.mean(axis=0), nearest_labels(found, centers)


def _sample(share: float, seed: int, partition: PartitionData) -> FloatArray:
    """A random share of the points, the same ones however they are split."""
    return partition.points[uniform_at(seed, _SAMPLE_STREAM, partition.offset, len(partition.points)) < share]


def _sample_chunk(
    points: PathPoints, share: float, seed: int, chunk_with_offset: tuple[Chunk, int]
) -> FloatArray:
    return _sample(share, seed, _load_partition(points, chunk_with_offset))
