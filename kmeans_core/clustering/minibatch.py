"""Mini-batch k-means: centers updated by a few points at a time, for data that never are in one place.

Source: Sculley, *Web-Scale K-Means Clustering*, WWW 2010. Each center is the mean of all points that it has
been given so far, so that it moves less and less. It stops by scikit-learn's rule: when a smoothed inertia
has not fallen for ten batches.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from kmeans_core.clustering.quick_kernels import new_partition
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, Iteration, OnIteration, RealArray

BATCH_SIZE = 4096
_PATIENCE = 10
# A smaller gain does not count: with few batches, the smoothed inertia would fall by a little for ever.
_MIN_GAIN = 1e-4
# The smallest share of a batch in the smoothed inertia, so that it can fall before the data end.
_MIN_SHARE = 0.02


class MiniBatch:
    """Centers, (k, d), that can be fitted further at any time. weights: (k,) of the points that each center
    has seen.
    """

    def __init__(self, centers: FloatArray) -> None:
        self.centers = centers.copy()
        self.weights = np.zeros(len(centers))

    def partial_fit(self, points: RealArray, weights: RealArray | None = None) -> float:
        """Assigns a batch, (n, d), and moves the centers towards it. weights: (n,), 1 each by default.

        Returns the mean squared distance of the batch to the centers as they were.
        """
        weights = np.ones(len(points)) if weights is None else weights
        total = new_partition(points, weights, len(self.centers)).assign_and_sum(self.centers)
        has_points = total.weights > 0
        self.weights += total.weights
        self.centers[has_points] += (total.sums - total.weights[:, None] * self.centers)[
            has_points
        ] / self.weights[has_points, None]
        return total.inertia / float(total.weights.sum())


@dataclass(frozen=True, eq=False)
class MiniBatchResult:
    """The result of mini-batch k-means.

    Attributes
    ----------
    centers : ndarray of float64, shape (k, d)
    converged : bool
    history : tuple of Iteration
        One per batch; its inertia is an estimate for all points, and all points of the batch count as
        reassigned.
    """

    centers: FloatArray
    converged: bool
    history: tuple[Iteration, ...]


def fit_minibatch(
    batches: Iterable[tuple[RealArray, RealArray | None]],
    centers: FloatArray,
    total_weight: float,
    options: FitOptions,
    on_iteration: OnIteration | None = None,
) -> MiniBatchResult:
    """Fits centers to one batch after the other, until they converge.

    Parameters
    ----------
    batches : iterable of tuple
        Points, (n, d), and weights, (n,) or None for 1 each; endless or finite.
    centers : ndarray of float64, shape (k, d)
        Not modified.
    total_weight : float
        Of all points.
    options : FitOptions
        Stops after `max_iter` batches; earlier, unless `early_stop` is off, when no center moves farther than
        `tol` or the smoothed inertia stops falling.
    on_iteration : OnIteration, optional
        Called after each batch.

    Returns
    -------
    MiniBatchResult

    References
    ----------
    Sculley, *Web-Scale K-Means Clustering*, WWW 2010.
    """
    model = MiniBatch(centers)
    history: list[Iteration] = []
    smoothed = best = np.inf
    n_without_gain, converged = 0, False
    clock = perf_counter()
    for points, weights in batches:
        before = model.centers.copy()
        mean = model.partial_fit(points, weights)
        batch_weight = float(len(points) if weights is None else weights.sum())
        shift = float(np.sqrt(((model.centers - before) ** 2).sum(axis=1).max()))
        now = perf_counter()
        history.append(Iteration(len(history) + 1, mean * total_weight, shift, len(points), now - clock))
        clock = now
        if on_iteration is not None:
            on_iteration(history[-1])
        share = min(1.0, max(2 * batch_weight / total_weight, _MIN_SHARE))
        smoothed = mean if np.isinf(smoothed) else smoothed * (1 - share) + mean * share
        if smoothed < best * (1 - _MIN_GAIN * share):
            best, n_without_gain = smoothed, 0
        else:
            n_without_gain += 1
        converged = shift <= options.tol or n_without_gain >= _PATIENCE
        if len(history) >= options.max_iter or (converged and options.early_stop):
            break
    return MiniBatchResult(model.centers, converged, tuple(history))
