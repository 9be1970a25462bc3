"""Every step from the initial to the final centers, with assign and update apart, by the arithmetic of the
loop.
"""

from dataclasses import dataclass, replace

import numpy as np

from kmeans_core.clustering import kernels
from kmeans_core.clustering.kernels import FarPoint, PartialSums, Partition
from kmeans_core.clustering.lloyd import update
from kmeans_core.types import FloatArray, LabelArray, RealArray

# The longest walk over this project's data sets, with 12 random centers, takes 77 iterations.
MAX_ITER = 300

START, ASSIGN, UPDATE, END = "start", "assign", "update", "end"


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the walk.

    Attributes
    ----------
    kind : str
        START (initial centers), ASSIGN (points took the nearest center), UPDATE (centers moved to the mean of
        their points) or END (an assignment that changed nothing).
    iteration : int
        0 for the start, then from 1.
    centers : ndarray of float64, shape (k, d)
        After the step.
    labels : ndarray of int32, shape (n,)
        All -1 at the start.
    counts : ndarray of int32, shape (k,)
        Points per cluster.
    inertia : float or None
        Sum of squared distances between points and the centers of their clusters; None at the start.
    reassigned : int
        Points that changed cluster in this step.
    shift : float
        How far the center that moved most has moved.
    refilled : tuple of int
        Clusters that had no points and were given the farthest one.
    sums : ndarray of float64, shape (k, d), or None
        Sum of the points of each cluster; None at the start.
    """

    kind: str
    iteration: int
    centers: FloatArray
    labels: LabelArray
    counts: LabelArray
    inertia: float | None = None
    reassigned: int = 0
    shift: float = 0.0
    refilled: tuple[int, ...] = ()
    sums: FloatArray | None = None


def walk(points: RealArray, centers: FloatArray, *, max_iter: int = MAX_ITER) -> tuple[Step, ...]:
    """The steps from the initial centers until an assignment changes nothing.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Any real dtype; each has weight 1.
    centers : ndarray, shape (k, d)
        Initial centers.
    max_iter : int, default 300
        So many iterations at most.

    Returns
    -------
    tuple of Step
        The centers of iteration i are those of `cluster(..., backend="numpy", max_iter=i)`, to the last bit.
    """
    walk_points = _WalkPoints(points)
    unassigned = np.full(len(points), -1, dtype=np.int32)
    step = Step(START, 0, centers.astype(np.float64), unassigned, np.zeros(len(centers), dtype=np.int32))
    steps = [step]
    for iteration in range(1, max_iter + 1):
        (total,) = walk_points.assign_and_sum(step.centers)
        labels = walk_points.partition.labels.astype(np.int32)
        step = Step(
            ASSIGN,
            iteration,
            step.centers,
            labels,
            np.bincount(labels, minlength=len(centers)).astype(np.int32),
            walk_points.inertia(step.centers, labels),
            total.reassigned,
            sums=total.sums,
        )
        moved, shift, empty = update(total, walk_points, step.centers)
        if total.reassigned == 0 and not empty:
            steps.append(replace(step, kind=END))
            break
        steps.append(step)
        step = replace(
            step,
            kind=UPDATE,
            centers=moved,
            inertia=walk_points.inertia(moved, labels),
            reassigned=0,
            shift=shift,
            refilled=empty,
        )
        steps.append(step)
    return tuple(steps)


class _WalkPoints:
    """The points for the loop, in one partition."""

    def __init__(self, points: RealArray) -> None:
        self.points = points
        self.partition = Partition(points, np.ones(len(points)))

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        return [self.partition.assign_and_sum(centers)]

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        return self.partition.farthest(centers, count)

    def inertia(self, centers: FloatArray, labels: LabelArray) -> float:
        return kernels.inertia(self.points, self.partition.weights, centers, labels)
