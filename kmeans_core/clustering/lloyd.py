"""The loop that every own backend runs (Lloyd, *Least squares quantization in PCM*, 1982).

A backend only answers two questions about its points: what one round over them sums up to, and which lie
farthest from their centers. When to stop, where empty clusters go, which centers stay and what is remembered
is decided here, once, so that a laptop and a cluster take the same path to the same centers.
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

    def step(self, centers: FloatArray) -> list[PartialSums]:
        """One round with these centers, (k, d): a sum per partition, in a fixed order."""

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        """At least the `count` points of positive weight farthest from their nearest centers, if there
        are so many; in any order."""


@dataclass(frozen=True, eq=False)
class Lloyd:
    """Where the loop ended.

    converged: the last round moved no center farther than `tol`.
    """

    centers: FloatArray
    converged: bool
    history: tuple[Iteration, ...]


def run_lloyd(
    points: Points, centers: FloatArray, options: FitOptions, on_iteration: OnIteration | None = None
) -> Lloyd:
    """Runs rounds of assign and update from the given centers, (k, d), which are left as they are.

    Stops when no label changes, when no center moves farther than `options.tol`, or after
    `options.max_iter` rounds; with `options.early_stop` off only then. A cluster without weight takes over
    the point farthest from its center, see `_fill_empty_clusters`. The first `options.n_fixed` centers stay
    where they are, with points or without.

    on_iteration: called after each round. What it raises ends the loop and reaches the caller.
    """
    history: list[Iteration] = []
    converged = False
    for index in range(1, options.max_iter + 1):
        began = perf_counter()
        total = merge(points.step(centers))
        centers, shift, refilled = update(
            total, points, centers, distance=options.distance, n_fixed=options.n_fixed
        )
        converged = (total.reassigned == 0 and not refilled) or shift <= options.tol
        history.append(Iteration(index, total.inertia, shift, total.reassigned, perf_counter() - began))
        if on_iteration is not None:
            on_iteration(history[-1])
        if converged and options.early_stop:
            break
    return Lloyd(centers, converged, tuple(history))


def update(
    total: PartialSums,
    points: Points,
    centers: FloatArray,
    *,
    distance: str = "euclidean",
    n_fixed: int = 0,
) -> tuple[FloatArray, float, tuple[int, ...]]:
    """The second half of a round: every center but the first `n_fixed` to the middle of its cluster.

    Returns the new centers, how far the one that moved most has moved, and the clusters that had lost all
    their points and were given another.
    """
    measure = DISTANCES[distance]
    empty = [int(i) for i in np.flatnonzero(total.weights == 0) if i >= n_fixed]
    if empty:
        total = _fill_empty_clusters(total, points, centers, empty, measure)
    moved = centers.copy()
    free = np.flatnonzero(total.weights)  # whoever has nothing, and found nothing, stays
    free = free[free >= n_fixed]
    moved[free] = measure.centers_of(replace(total, sums=total.sums[free], weights=total.weights[free]))
    return moved, measure.farthest_move(centers, moved), tuple(empty)


def _fill_empty_clusters(
    total: PartialSums, points: Points, centers: FloatArray, empty: Sequence[int], measure: Distance
) -> PartialSums:
    """Gives each empty cluster, in order, the point farthest from its own center; lowest index on a tie.

    The point leaves its old cluster's sums; of equal points only that one moves. It is passed over if it is
    all that its cluster has, or if it equals one already given away. `cluster()` asks for no more centers
    than there are distinct points, so enough points remain.
    """
    sums, weights = total.sums.copy(), total.weights.copy()
    waiting = list(empty)
    given: list[FloatArray] = []
    # Every cluster may hold back one candidate; duplicates may hold back more, then the search widens.
    count = 2 * len(centers)
    while waiting:
        candidates = sorted(points.farthest(centers, count), key=lambda far: (-far.distance, far.index))
        for far in candidates:
            if not waiting:
                break
            # A residue of rounding is no weight: fractional weights do not cancel exactly.
            is_last = weights[far.label] - far.weight <= 1e-9 * total.weights[far.label]
            if is_last or any(np.array_equal(far.point, other) for other in given):
                continue
            target = waiting.pop(0)
            given.append(far.point)
            terms = far.weight * measure.terms(far.point)
            sums[far.label] -= terms
            weights[far.label] -= far.weight
            sums[target] = terms
            weights[target] = far.weight
        if len(candidates) < count:
            break  # every point has been looked at
        count *= 4
    return PartialSums(sums, weights, total.inertia, total.reassigned)
