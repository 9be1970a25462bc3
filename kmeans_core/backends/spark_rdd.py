"""Our distributed Lloyd on Spark's oldest interface, the RDD.

The points are a few large arrays that stay with the executors, and a round is one job without a shuffle, see
`pieces.py`.
That the paper's version needs a shuffle and one Python call per point is the difference between its 46
seconds and our 3 (see `make bench`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from time import perf_counter
from typing import Any

from kmeans_core.backends import spark_session
from kmeans_core.backends.base import HEAD_TO_HEAD, Fit, Traits
from kmeans_core.backends.pieces import Item, Piece, PiecePoints, Reply, cut, fit_pieces
from kmeans_core.backends.spark_session import OnSpark, guarded
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, OnIteration, RealArray

# More is streamed in every round rather than held by every process.
_MAX_SENT_BYTES = 256 * 2**20


class SparkRddBackend(OnSpark):
    """partitions: number of partitions, by default as many as Spark has cores."""

    name = "spark-rdd"
    title = "Spark RDD"
    summary = "Our distributed Lloyd: partitions of arrays, one shuffle-free job an iteration."
    traits = Traits(
        own=True,
        distributed=True,
        reads_files=True,
        full_silhouette=True,
        seeds_in_fit=("k-means||",),
        distances=tuple(DISTANCES),
    )
    order = 60
    color = "#d55e00"
    rival = "paper-rdd"
    compared_on = ("quick", "paper", "pixels", "colors", "cores", "tables", HEAD_TO_HEAD)

    def __init__(self, partitions: int | None = None) -> None:
        self.partitions = partitions

    def workers(self) -> "SparkWorkers":
        return SparkWorkers()

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        context = spark_session.spark_session().sparkContext
        clock = perf_counter()
        engine = _send(context, cut(points, weights, self.partitions or context.defaultParallelism))
        transfer = perf_counter() - clock
        try:
            fit = fit_pieces(PiecePoints(engine, options.distance), centers, options, on_iteration)
        finally:
            engine.close()
        return fit.with_seconds(transfer=transfer)


@guarded()
def _send(context: Any, pieces: list[Piece]) -> "SentEngine | RddEngine":
    if sum(piece.points.nbytes for piece in pieces) <= _MAX_SENT_BYTES:
        return SentEngine(context, [context.broadcast(piece) for piece in pieces])
    engine = RddEngine(context.parallelize(pieces, len(pieces)).cache())
    engine.rdd.count()
    return engine


class SentEngine:
    """Pieces as broadcasts: a Python process of an executor reads one when it first works on it, and keeps
    it, so that in time each may hold all of them. The partitions of an RDD, even of a cached one, are
    streamed to Python in every round: a million rows of 10 columns took 8.5 s for 20 rounds so, and take 2.7.
    """

    def __init__(self, context: Any, pieces: list[Any]) -> None:
        self.pieces = pieces
        self.numbers = context.parallelize(list(range(len(pieces))), len(pieces))

    @guarded()
    def map(self, function: Callable[[Piece], Reply]) -> list[Reply]:
        replies: list[Reply] = self.numbers.map(partial(_of_sent, function, self.pieces)).collect()
        return replies

    def close(self) -> None:
        if spark_session.is_alive():
            for piece in self.pieces:
                piece.destroy()


def _of_sent(function: Callable[[Piece], Reply], pieces: list[Any], number: int) -> Reply:
    return function(pieces[number].value)


class SparkWorkers:
    """Spark's executors. Pieces that find no room in their memory go to their disks."""

    def __init__(self) -> None:
        self.context = spark_session.spark_session().sparkContext

    @guarded()
    def map(self, function: Callable[[Item], Reply], items: Sequence[Item]) -> list[Reply]:
        replies: list[Reply] = self.context.parallelize(items, len(items)).map(function).collect()
        return replies

    @guarded()
    def hold(self, function: Callable[[Item], Piece], items: Sequence[Item]) -> "RddEngine":
        from pyspark import StorageLevel

        made = self.context.parallelize(items, len(items)).map(function)
        engine = RddEngine(made.persist(StorageLevel.MEMORY_AND_DISK))
        engine.rdd.count()
        return engine


class RddEngine:
    """Pieces in an RDD, made where they are."""

    def __init__(self, rdd: Any) -> None:
        self.rdd = rdd

    @guarded()
    def map(self, function: Callable[[Piece], Reply]) -> list[Reply]:
        replies: list[Reply] = self.rdd.mapPartitions(partial(_map, function)).collect()
        return replies

    def close(self) -> None:
        if spark_session.is_alive():
            self.rdd.unpersist()


def _map(function: Callable[[Piece], Reply], pieces: Iterable[Piece]) -> Iterator[Reply]:
    return map(function, pieces)
