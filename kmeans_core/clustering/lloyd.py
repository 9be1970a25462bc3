"""The loop that every own backend runs (Lloyd, *Least squares quantization in PCM*, 1982).

A backend only provides two things: the sums of one iteration over its points, and the points farthest from
their centers. When to stop, what becomes of empty clusters, which centers are fixed and what the history
records is decided here, once, so that a laptop and a cluster take the same path to the same centers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol

import numpy as np

from kmeans_core.clustering.distances import DISTANCES, Distance
from kmeans_core.clustering.kernels import FarPoint, PartialSums, merge
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, Iteration, OnIteration


class Points(Protocol):
    """Points in one or many partitions, here or on a cluster."""

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        """One iteration with these centers, (k, d): the sums of each partition, in a fixed order."""

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        """At least the `count` points of positive weight farthest from their nearest centers, if there
        are so many; in any order."""


@dataclass(frozen=True, eq=False)
class LloydResult:
    """The result of the loop.

    Attributes
    ----------
    centers : ndarray of float64, shape (k, d)
    converged : bool
        The last iteration changed no label, or moved no center farther than `tol`.
    history : tuple of Iteration
    """

    centers: FloatArray
    converged: bool
    history: tuple[Iteration, ...]


def run_lloyd(
    points: Points, centers: FloatArray, options: FitOptions, on_iteration: OnIteration | None = None
) -> LloydResult:
    """Iterates assign and update from the given centers.

    Stops when no label changes, when no center moves farther than `options.tol`, or after `options.max_iter`
    iterations; only then with `options.early_stop` off. An empty cluster takes over the point farthest from
    its center, see `_fill_empty_clusters`. The first `options.n_fixed` centers do not move, with points or
    without.

    Parameters
    ----------
    points : Points
        `assign_and_sum()` and `farthest()` of points in partitions; all that an own backend provides.
    centers : ndarray of float64, shape (k, d)
        Not modified.
    options : FitOptions
    on_iteration : OnIteration, optional
        Called after each iteration. An exception in it ends the loop and reaches the caller.

    Returns
    -------
    LloydResult

    References
    ----------
    Lloyd, *Least squares quantization in PCM*, IEEE Trans. Inf. Theory 28 (1982).
    """
    history: list[Iteration] = []
    converged = False
    for index in range(1, options.max_iter + 1):
        clock = perf_counter()
        total = merge(points.assign_and_sum(centers))
        centers, shift, refilled = update(
            total, points, centers, distance=options.distance, n_fixed=options.n_fixed
        )
        converged = (total.reassigned == 0 and not refilled) or shift <= options.tol
        history.append(Iteration(index, total.inertia, shift, total.reassigned, perf_counter() - clock))
        if on_iteration is not None:
            on_iteration(history[-1])
        if converged and options.early_stop:
            break
    return LloydResult(centers, converged, tuple(history))


def update(
    total: PartialSums, points: Points, centers: FloatArray, *, distance: str = "euclidean", n_fixed: int = 0
) -> tuple[FloatArray, float, tuple[int, ...]]:
    """The second half of an iteration: moves every center to the mean or median of its points.

    Parameters
    ----------
    total : PartialSums
        Of all partitions.
    points : Points
        Asked for far points where a cluster is empty.
    centers : ndarray of float64, shape (k, d)
        Not modified.
    distance : {"euclidean", "manhattan"}
    n_fixed : int, default 0
        So many centers, the first, do not move.

    Returns
    -------
    centers : ndarray of float64, shape (k, d)
    shift : float
        How far the one that moved most has moved.
    refilled : tuple of int
        Clusters that had lost all their points and were given another.
    """
    metric = DISTANCES[distance]
    if not n_fixed and total.weights.all():  # mostly, and for a few centers the rest takes as long as all
        moved = metric.centers_of(total)
        return moved, metric.farthest_move(centers, moved), ()
    empty = [int(i) for i in np.flatnonzero(total.weights == 0) if i >= n_fixed]
    if empty:
        total = _fill_empty_clusters(total, points, centers, empty, metric)
    moved = centers.copy()
    movable = np.flatnonzero(total.weights)  # a center without points stays where it is
    movable = movable[movable >= n_fixed]
    moved[movable] = metric.centers_of(
        replace(total, sums=total.sums[movable], weights=total.weights[movable])
    )
    return moved, metric.farthest_move(centers, moved), tuple(empty)


def _fill_empty_clusters(
    total: PartialSums, points: Points, centers: FloatArray, empty: Sequence[int], metric: Distance
) -> PartialSums:
    """Gives each empty cluster, in order, the point farthest from its own center; lowest index on a tie.

    The point leaves its old cluster's sums; of equal points only that one moves. It is skipped if its cluster
    has no other, or if it equals one that was given away already. `cluster()` asks for no more centers than
    there are distinct points, so enough points remain.
    """
    sums, weights = total.sums.copy(), total.weights.copy()
    empty_left = list(empty)
    reassigned: list[FloatArray] = []
    # Every cluster may hold back one candidate; duplicates may hold back more, then the search widens.
    count = 2 * len(centers)
    while empty_left:
        candidates = sorted(
            points.farthest(centers, count), key=lambda candidate: (-candidate.distance, candidate.index)
        )
        for candidate in candidates:
            if not empty_left:
                break
            # Fractional weights do not cancel exactly: a rounding residue is not a weight.
            is_last = weights[candidate.label] - candidate.weight <= 1e-9 * total.weights[candidate.label]
            if is_last or any(np.array_equal(candidate.point, other) for other in reassigned):
                continue
            target = empty_left.pop(0)
            reassigned.append(candidate.point)
            terms = candidate.weight * metric.terms(candidate.point)
            sums[candidate.label] -= terms
            weights[candidate.label] -= candidate.weight
            sums[target] = terms
            weights[target] = candidate.weight
        if len(candidates) < count:
            break  # every point has been considered
        count *= 4
    return PartialSums(sums, weights, total.inertia, total.reassigned)
