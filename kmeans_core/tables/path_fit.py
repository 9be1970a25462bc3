"""Clustering the rows of files: Lloyd's algorithm on points that stay with the workers, or mini-batches."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import NamedTuple

import numpy as np

from kmeans_core.backends.pieces import InTurn, KeepingWorkers, Piece, PiecePoints, Workers
from kmeans_core.clustering import kernels, seeding
from kmeans_core.clustering.candidates import uniform_at
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.clustering.minibatch import learn
from kmeans_core.fitting import fit_points
from kmeans_core.model_selection import MAX_SILHOUETTE_POINTS
from kmeans_core.options import FitOptions
from kmeans_core.tables.chunks import Chunk, ChunkedTable, ask_all
from kmeans_core.tables.preparation import Preparation
from kmeans_core.tables.reading import as_frame
from kmeans_core.types import FloatArray, Iteration, LabelArray, OnIteration
from kmeans_core.wording import count_text

# Mini-batch k-means starts from the best of some clusterings of a sample: so many rows for each center.
_SEED_ROWS, _MAX_SEED_ROWS = 1000, 50_000
_SAMPLE_STARTS, _SAMPLE_ITERATIONS = 8, 20
# The random numbers that draw rows, apart from those of k-means||, which are numbered by its passes.
_SAMPLE = 2**32

OnStage = Callable[[str], None]


class PathPoints(NamedTuple):
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

    def light(self) -> "PathPoints":
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


class PathFit(NamedTuple):
    """sample: points drawn at random, (n, d)."""

    centers: FloatArray
    history: tuple[Iteration, ...]
    converged: bool
    sample: FloatArray
    seconds: dict[str, float]
    notes: tuple[str, ...]


def fit_by_iterations(
    workers: KeepingWorkers,
    points: PathPoints,
    options: FitOptions,
    on_stage: OnStage,
    on_iteration: OnIteration | None,
) -> PathFit:
    """Lloyd's algorithm over all points, which stay with the workers."""
    seconds, clock = {}, perf_counter()
    on_stage("reading")
    engine = workers.hold(partial(_piece, points.light()), points.placed())
    try:
        held = PiecePoints(engine)
        seconds["transfer"] = perf_counter() - clock
        clock = perf_counter()
        on_stage("choosing the first centers")
        start = seeding.kmeans_parallel(held, options.n_clusters, options.seed)
        seconds["seed"] = perf_counter() - clock
        clock = perf_counter()
        end = run_lloyd(held, start, options, on_iteration)
        seconds["fit"] = perf_counter() - clock
        share = points.share(MAX_SILHOUETTE_POINTS)
        sample = np.concatenate(engine.map(partial(_drawn, share, options.seed)))
    finally:
        engine.close()
    few = f"Only {len(start):,} distinct points, fewer than {options.n_clusters:,} clusters."
    notes = (few,) if len(start) < options.n_clusters else ()
    return PathFit(end.centers, end.history, end.converged, sample, seconds, notes)


def fit_by_batches(
    workers: Workers,
    points: PathPoints,
    options: FitOptions,
    on_stage: OnStage,
    on_iteration: OnIteration | None,
) -> PathFit:
    """Mini-batch k-means over one chunk after the other, none of which is kept."""
    clock = perf_counter()
    on_stage("choosing the first centers")
    rows = min(_SEED_ROWS * options.n_clusters, _MAX_SEED_ROWS)
    share = points.share(max(MAX_SILHOUETTE_POINTS, rows))
    few = partial(_drawn_from, points.light(), share, options.seed)
    sample = np.concatenate(ask_all(workers, few, points.placed()))
    notes = []
    distinct = seeding.distinct_points(sample, np.ones(len(sample)), options.n_clusters)
    if len(distinct) < options.n_clusters:
        notes.append(
            f"Only {len(distinct):,} distinct points in a sample, fewer than {options.n_clusters:,} clusters."
        )
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
    end = learn(_batches(points, options.seed), start, sum(points.counts), options, on_iteration)
    seconds["fit"] = perf_counter() - clock
    notes.append(
        f"An iteration is one of {count_text(len(points.table.chunks), 'chunk')}, not a round over all rows."
    )
    return PathFit(end.centers, end.history, end.converged, sample, seconds, tuple(notes))


def _batches(points: PathPoints, seed: int) -> Iterator[tuple[FloatArray, None]]:
    """Without end: the points of every chunk, in random order, then again in another."""
    chunks = [chunk for chunk, _ in points.placed()]
    rng = np.random.default_rng(seed)
    while True:
        for place in rng.permutation(len(chunks)):
            yield ask_all(InTurn(), points.light().of, [chunks[place]])[0], None


# From here on: what runs where the files are read.


def _piece(points: PathPoints, placed: tuple[Chunk, int]) -> Piece:
    chunk, offset = placed
    table = points.of(chunk)
    return Piece(offset, table, np.ones(len(table)))


def labelled_points(
    points: PathPoints, centers: FloatArray, placed: Sequence[tuple[Chunk, int]], number: int
) -> tuple[FloatArray, LabelArray]:
    found = points.of(placed[number][0])
    return found - centers.mean(axis=0), kernels.nearest_labels(found, centers)


def _drawn(share: float, seed: int, piece: Piece) -> FloatArray:
    """About so large a share of the points, the same ones however they are split."""
    return piece.points[uniform_at(seed, _SAMPLE, piece.offset, len(piece.points)) < share]


def _drawn_from(points: PathPoints, share: float, seed: int, placed: tuple[Chunk, int]) -> FloatArray:
    return _drawn(share, seed, _piece(points, placed))
