"""Our distributed Lloyd on dask.distributed: the pieces of `pieces.py` in the memory of Dask's workers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from kmeans_core.backends import dask_session
from kmeans_core.backends.base import HEAD_TO_HEAD, BackendBase, Fit, Traits
from kmeans_core.backends.dask_session import guarded
from kmeans_core.backends.pieces import Item, Piece, PiecePoints, Reply, cut, fit_pieces
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, OnIteration, RealArray


class DaskBackend(BackendBase):
    """partitions: number of partitions, by default one for each thread of each worker."""

    name = "dask"
    title = "Dask"
    summary = "Our distributed Lloyd on Dask: partitions of arrays in worker processes."
    traits = Traits(
        own=True,
        distributed=True,
        reads_files=True,
        seeds_in_fit=("k-means||",),
        distances=tuple(DISTANCES),
    )
    order = 80
    color = "#7d70d6"
    rival = "paper-rdd"
    compared_on = ("tables", HEAD_TO_HEAD)
    engine = "Dask"
    start_title = "Start Dask"
    packages = ("dask", "distributed")
    extra = "dask"

    def __init__(self, partitions: int | None = None) -> None:
        self.partitions = partitions

    def missing(self) -> str | None:
        return dask_session.why_no_dask()

    def version(self) -> str:
        return dask_session.dask_version()

    def address(self) -> str:
        return dask_session.scheduler()

    def start(self) -> None:
        dask_session.dask_client()

    def workers(self) -> "DaskWorkers":
        return DaskWorkers()

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        client = dask_session.dask_client()
        clock = perf_counter()
        engine = _send(client, cut(points, weights, self.partitions or dask_session.worker_threads(client)))
        transfer = perf_counter() - clock
        fit = fit_pieces(PiecePoints(engine, options.distance), centers, options, on_iteration)
        shown = dask_session.dashboard()
        notes = (f"What Dask's workers do shows at {shown} on the machine that runs this.",) if shown else ()
        return replace(fit.with_seconds(transfer=transfer), notes=notes)


@guarded()
def _send(client: Any, pieces: list[Piece]) -> "DaskEngine":
    return DaskEngine(client, client.scatter(pieces, hash=False))


class DaskWorkers:
    """Dask's workers, here or at `KMEANS_DASK_SCHEDULER`."""

    def __init__(self) -> None:
        self.client = dask_session.dask_client()

    @guarded()
    def map(self, function: Callable[[Item], Reply], items: Sequence[Item]) -> list[Reply]:
        replies: list[Reply] = self.client.gather(self.client.map(function, items, pure=False))
        return replies

    @guarded()
    def hold(self, function: Callable[[Item], Piece], items: Sequence[Item]) -> "DaskEngine":
        from distributed import wait

        pieces = self.client.map(function, items, pure=False)
        wait(pieces)
        return DaskEngine(self.client, pieces)


class DaskEngine:
    """Pieces as futures. Their memory is freed when this object goes."""

    def __init__(self, client: Any, pieces: list[Any]) -> None:
        self.client = client
        self.pieces = pieces

    @guarded()
    def map(self, function: Callable[[Piece], Reply]) -> list[Reply]:
        # What a task notes about its piece is kept where the piece is, so no result may stand in for another.
        asked = self.client.map(function, self.pieces, pure=False)
        replies: list[Reply] = self.client.gather(asked)
        return replies

    def close(self) -> None:
        self.pieces = []
