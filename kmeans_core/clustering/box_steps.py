"""Iterations over points in blocks, with what `jit_blocks.py` keeps from one to the next."""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit_blocks import BLOCKS_PER_GROUP, UNLABELED, step_groups
from kmeans_core.clustering.jit_centers import moves
from kmeans_core.clustering.jit_layout import Boxes
from kmeans_core.types import FloatArray, LabelArray, RealArray

# New candidates hold for this many times the last shift, but at most for so many units. Those of groups hold
# longer by this factor, because those of their blocks are made from them repeatedly.
_SLACK_MOVES, _MAX_SLACK, _GROUP_FACTOR = 4.0, 1.0, 4.0
# In units: then candidates are found anew, because small moves would be lost in the sum.
_MAX_DRIFT = 1e3
# In units: more than a sum of moves up to that loses with each.
_LOST = 1e-12


class BoxSteps:
    """Points in blocks, with their labels and candidates.

    columns, weights: (m, 3, size) coordinates and (m, size), block by block. n_points: without the padding of
    the last block. corners, totals: (m, 6), (m, 5) of each block, see `Boxes`. unit: a length that is small,
    but not tiny, for these points.
    """

    def __init__(
        self,
        columns: RealArray,
        weights: FloatArray,
        n_points: int,
        corners: FloatArray,
        totals: FloatArray,
        n_clusters: int,
        unit: float = 1.0,
    ) -> None:
        self.columns, self.weights, self.n_points, self.unit = columns, weights, n_points, unit
        starts: NDArray[np.intp] = np.arange(0, len(corners), BLOCKS_PER_GROUP)
        low = np.minimum.reduceat(corners[:, :3], starts)
        high = np.maximum.reduceat(corners[:, 3:], starts)
        self.blocks = _boxes(corners, totals, n_clusters)
        self.groups = _boxes(np.hstack([low, high]), np.add.reduceat(totals, starts), n_clusters)
        self.labels = np.full(weights.shape, -1, dtype=np.float32)
        self.centers: FloatArray | None = None
        self.moved = np.empty(0)
        self.drift = self.slack = self.group_slack = 0.0

    @property
    def n_groups(self) -> int:
        return len(self.groups.label)

    def move_to(self, centers: FloatArray) -> None:
        """To be called before the steps of an iteration. centers: (k, 3)."""
        self.slack, self.group_slack, self.moved = 0.0, 0.0, np.ones(len(centers))
        if self.centers is not None:
            farthest = moves(self.centers, centers, self.moved)
            self.drift += farthest * (1 + 1e-9) + (_LOST * self.unit if farthest else 0.0)
            self.slack = _slack(farthest, _SLACK_MOVES, _MAX_SLACK * self.unit)
            self.group_slack = _slack(
                farthest, _GROUP_FACTOR * _SLACK_MOVES, _GROUP_FACTOR * _MAX_SLACK * self.unit
            )
            if not self.drift < _MAX_DRIFT * self.unit:
                self.drift, self.slack, self.group_slack = 0.0, 0.0, 0.0
                self.blocks.valid_until[:] = -1.0
                self.groups.valid_until[:] = -1.0
        self.centers = centers.copy()

    def step(self, first_group: int, end_group: int, gained: FloatArray) -> int:
        """Assigns the points of some groups; how many changed cluster. gained: (k, 5) gets what clusters have
        gained and lost, exactly for whole numbers."""
        assert self.centers is not None
        return step_groups(
            self.columns,
            self.weights,
            self.labels,
            self.n_points,
            self.blocks,
            self.groups,
            np.ascontiguousarray(self.centers.T),
            self.moved,
            self.drift,
            self.slack,
            self.group_slack,
            first_group,
            end_group,
            gained,
        )

    def labels_of(self, order: NDArray[np.integer]) -> LabelArray:
        """The label of each point, (n,). order: (n,) which of them stand in the blocks, one after another."""
        labels = np.empty(len(order), dtype=np.int32)
        labels[order] = self.labels.reshape(-1)[: len(labels)]
        return labels


def _slack(farthest: float, n_moves: float, max_slack: float) -> float:
    """Slack of new candidates after such a shift; 0 if they would not outlive the next one."""
    return min(n_moves * farthest, max_slack) if farthest < max_slack else 0.0


def _boxes(corners: FloatArray, totals: FloatArray, n_clusters: int) -> Boxes:
    count = len(corners)
    return Boxes(
        corners,
        totals,
        np.full(count, UNLABELED, dtype=np.int32),
        np.empty((count, n_clusters), dtype=np.int32),
        np.zeros(count, dtype=np.int32),
        np.full(count, -1.0),
    )
