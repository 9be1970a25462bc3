"""Mini-batch k-means on points in memory: a few thousand at a time, in random order."""

from collections.abc import Iterator

import numpy as np

from kmeans_core.backends.base import BackendBase, Fit, Traits
from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.clustering.minibatch import BATCH_SIZE, fit_minibatch
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, OnIteration, RealArray


class MinibatchBackend(BackendBase):
    name = "minibatch"
    title = "Mini-batch"
    summary = (
        f"Uses {BATCH_SIZE:,} points per iteration; slightly less exact, for data that do not fit into "
        "memory."
    )
    traits = Traits(own=False, reads_files=True)
    order = 90
    color = "#4f8a2b"
    compared_on: tuple[str, ...] = ()  # one of its iterations is not a look at every point
    packages = ("numpy",)

    def workers(self) -> SequentialWorkers:
        return SequentialWorkers()

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        assert centers is not None
        batches = _batches(points, weights, options.seed)
        end = fit_minibatch(batches, centers, float(weights.sum()), options, on_iteration)
        n_points = min(BATCH_SIZE, len(points))
        note = f"An iteration is one batch of {n_points:,} points, not a pass over all of them."
        return Fit(end.centers, None, len(end.history), end.converged, end.history, notes=(note,))


def _batches(points: RealArray, weights: RealArray, seed: int) -> Iterator[tuple[RealArray, RealArray]]:
    """Endless: every point once in random order, then again in another order."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(points))
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            if weights[batch].any():
                yield points[batch], weights[batch]
