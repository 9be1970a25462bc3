"""Every step from the first centers to the last, assign and update apart, by the loop's own arithmetic."""

from dataclasses import dataclass, replace

import numpy as np

from kmeans_core.clustering import kernels
from kmeans_core.clustering.kernels import FarPoint, PartialSums, Partition
from kmeans_core.clustering.lloyd import update
from kmeans_core.types import FloatArray, LabelArray, RealArray

# The longest walk over this project's data sets, 12 centers drawn at random, takes 77 rounds.
MAX_ROUNDS = 300

START, ASSIGN, UPDATE, END = "start", "assign", "update", "end"


@dataclass(frozen=True, eq=False)
class Step:
    """One picture of the walk.

    kind: START (centers lie there), ASSIGN (points took the nearest center), UPDATE (centers moved to the
    mean of their points) or END (an assignment that changed nothing).
    round: 0 for the start, then from 1.
    centers: (k, d) after the step. labels: (n,) int32, all -1 at the start. counts: (k,) points a cluster.
    inertia: sum of squared distances between points and the centers of their clusters; None at the start.
    reassigned: points that changed cluster in this step. shift: how far the center that moved most has moved.
    refilled: clusters that had no points and were given the farthest one.
    sums: (k, d) sum of the points of each cluster; None at the start.
    """

    kind: str
    round: int
    centers: FloatArray
    labels: LabelArray
    counts: LabelArray
    inertia: float | None = None
    reassigned: int = 0
    shift: float = 0.0
    refilled: tuple[int, ...] = ()
    sums: FloatArray | None = None


def walk(points: RealArray, centers: FloatArray, *, most_rounds: int = MAX_ROUNDS) -> tuple[Step, ...]:
    """The steps from the first centers, (k, d), until an assignment changes nothing or `most_rounds` is over.

    points: (n, d). The centers of round i are those of `cluster(..., max_iter=i)`, to the last bit.
    """
    table = _Table(points)
    nobody = np.full(len(points), -1, dtype=np.int32)
    step = Step(START, 0, centers.astype(np.float64), nobody, np.zeros(len(centers), dtype=np.int32))
    steps = [step]
    for number in range(1, most_rounds + 1):
        (total,) = table.step(step.centers)
        labels = table.partition.labels.astype(np.int32)
        step = Step(
            ASSIGN,
            number,
            step.centers,
            labels,
            np.bincount(labels, minlength=len(centers)).astype(np.int32),
            table.inertia(step.centers, labels),
            total.reassigned,
            sums=total.sums,
        )
        moved, shift, empty = update(total, table, step.centers)
        if total.reassigned == 0 and not empty:
            steps.append(replace(step, kind=END))
            break
        steps.append(step)
        step = replace(
            step,
            kind=UPDATE,
            centers=moved,
            inertia=table.inertia(moved, labels),
            reassigned=0,
            shift=shift,
            refilled=empty,
        )
        steps.append(step)
    return tuple(steps)


class _Table:
    """The points as the loop sees them, in one partition."""

    def __init__(self, points: RealArray) -> None:
        self.points = points
        self.partition = Partition(points, np.ones(len(points)))

    def step(self, centers: FloatArray) -> list[PartialSums]:
        return [self.partition.step(centers)]

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        return self.partition.farthest(centers, count)

    def inertia(self, centers: FloatArray, labels: LabelArray) -> float:
        return kernels.inertia(self.points, self.partition.weights, centers, labels)
