"""Mini-batch k-means: centers that learn from a few points at a time, for data that never lie in one place.

Source: Sculley, *Web-Scale K-Means Clustering*, WWW 2010. Each center is the mean of all points that it has
been given so far, so that it moves less and less. When to stop is scikit-learn's rule: a smoothed inertia
that has not fallen for ten batches.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from kmeans_core.clustering.kernels import Partition
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, Iteration, OnIteration, RealArray

BATCH = 4096
_PATIENCE = 10
# Less than this is no fall: with one batch, or few, a smoothed figure creeps on for ever.
_GAIN = 1e-4
# What a batch counts for in the smoothed figure, at least: it must be able to fall while the data lasts.
_MIN_SHARE = 0.02


class MiniBatch:
    """Centers, (k, d), that can be fitted further at any time.

    masses: (k,) weight of the points that each has been given.
    """

    def __init__(self, centers: FloatArray) -> None:
        self.centers = centers.copy()
        self.masses = np.zeros(len(centers))

    def partial_fit(self, points: RealArray, weights: RealArray | None = None) -> float:
        """Assigns a batch, (n, d), and moves the centers towards it. weights: (n,), 1 each by default.

        Returns the mean squared distance of the batch to the centers as they were.
        """
        weights = np.ones(len(points)) if weights is None else weights
        total = Partition(points, weights).step(self.centers)
        given = total.weights > 0
        self.masses += total.weights
        self.centers[given] += (total.sums - total.weights[:, None] * self.centers)[given] / self.masses[
            given, None
        ]
        return total.inertia / float(total.weights.sum())


@dataclass(frozen=True, eq=False)
class Learned:
    """Where the centers ended. history: an `Iteration` a batch, its inertia an estimate for all points."""

    centers: FloatArray
    converged: bool
    history: tuple[Iteration, ...]


def learn(
    batches: Iterable[tuple[RealArray, RealArray | None]],
    centers: FloatArray,
    total_weight: float,
    options: FitOptions,
    on_iteration: OnIteration | None = None,
) -> Learned:
    """Fits centers, (k, d), to one batch after the other, points and weights, until they have settled.

    batches: without end, or as many as there are. total_weight: of all points. Stops after `options.max_iter`
    batches; earlier, unless `options.early_stop` is off, when no center moves farther than `options.tol` or
    the smoothed inertia has stopped to fall.
    """
    model = MiniBatch(centers)
    history: list[Iteration] = []
    smoothed = best = np.inf
    waited, converged = 0, False
    clock = perf_counter()
    for points, weights in batches:
        before = model.centers.copy()
        mean = model.partial_fit(points, weights)
        mass = float(len(points) if weights is None else weights.sum())
        shift = float(np.sqrt(((model.centers - before) ** 2).sum(axis=1).max()))
        now = perf_counter()
        history.append(Iteration(len(history) + 1, mean * total_weight, shift, len(points), now - clock))
        clock = now
        if on_iteration is not None:
            on_iteration(history[-1])
        share = min(1.0, max(2 * mass / total_weight, _MIN_SHARE))
        smoothed = mean if np.isinf(smoothed) else smoothed * (1 - share) + mean * share
        if smoothed < best * (1 - _GAIN * share):
            best, waited = smoothed, 0
        else:
            waited += 1
        converged = shift <= options.tol or waited >= _PATIENCE
        if len(history) >= options.max_iter or (converged and options.early_stop):
            break
    return Learned(model.centers, converged, tuple(history))
