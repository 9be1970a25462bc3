"""8-bit colors with whole weights as the loop sees them, worked on by `jit_blocks.py`."""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.clustering.jit_blocks import (
    BLOCKS_A_GROUP,
    UNLABELED,
    Boxes,
    inertia_from_sums,
    lay_out,
    morton_order,
    moves,
    second_moments,
    step_groups,
)
from kmeans_core.clustering.kernels import FarPoint, PartialSums, Partition
from kmeans_core.types import FloatArray, LabelArray, RealArray

# Below, brute force is done before the blocks are laid out.
_LEAST_DISTANCES = 20_000
# Lists take a 4-byte entry for each center and block of 64: 256 MB at most.
_MOST_LISTED = 2**32
# Points of a block: where few centers are left anyway, what a block costs by itself counts.
_FEW_LARGE, _MANY_SMALL, _FEW_CENTERS = 256, 64, 16
# How many times the last move new lists should bear, and how far at most, in levels.
_SLACK_MOVES, _MOST_SLACK = 4.0, 1.0
_MOST_DRIFT = 1e5
# A round takes about as long as points times the square root of centers; so many that a thread has done
# before another one is awake.
_WORK_A_THREAD = 1_000_000


class ColorBlocks:
    """Weighted colors, (n, 3) uint8, in one place.

    threads: number of threads, by default as many as the points keep busy.
    """

    def __init__(
        self, colors: RealArray, weights: FloatArray, n_clusters: int, n_threads: int | None = None
    ) -> None:
        # Writable: compiled code for arrays that are not would be compiled once more.
        self.colors = np.require(colors, np.uint8, ["C", "W"])
        self.weights = np.require(weights, np.float64, ["C", "W"])
        n_points = len(colors)
        self.n_clusters = n_clusters
        self.order = morton_order(self.colors)
        self.columns = np.empty((4, n_points))
        self.block_size = _FEW_LARGE if n_clusters <= _FEW_CENTERS else _MANY_SMALL
        self.blocks = _boxes(-(-n_points // self.block_size), n_clusters)
        lay_out(self.colors, self.weights, self.order, self.block_size, self.columns, self.blocks)
        self.groups = _groups(self.blocks, n_clusters)
        self.labels = np.full(n_points, -1, dtype=np.float32)
        self.sums = np.zeros((n_clusters, 5))
        self.centers: FloatArray | None = None
        self.drift = 0.0
        wanted = n_threads or min(threads.usable_cores(), int(n_points * n_clusters**0.5) // _WORK_A_THREAD)
        self.ranges = threads.ranges(len(self.groups.cluster), wanted)

    @staticmethod
    def suits(points: RealArray, weights: FloatArray, n_clusters: int) -> bool:
        """Whether sums of these points are sums of integers that floats hold exactly, and the work is worth
        the layout."""
        return (
            points.dtype == np.uint8
            and points.shape[1] == 3
            and len(points) * n_clusters <= _MOST_LISTED
            and len(points) * n_clusters >= _LEAST_DISTANCES
            and bool((weights == np.rint(weights)).all())
            and float(weights.sum()) * 3 * 255**2 < 2**53
        )

    def step(self, centers: FloatArray) -> list[PartialSums]:
        """As `Points.step`, with what all threads found as one sum."""
        slack, moved = 0.0, np.ones(len(centers))
        if self.centers is not None:
            farthest = moves(self.centers, centers, moved)
            self.drift += farthest * (1 + 1e-9)
            slack = min(_SLACK_MOVES * farthest, _MOST_SLACK)
            if not self.drift < _MOST_DRIFT:  # small moves would be lost in the sum
                self.drift, slack = 0.0, 0.0
                self.blocks.valid_until[:] = -1.0
                self.groups.valid_until[:] = -1.0
        self.centers = centers.copy()
        columns = np.ascontiguousarray(centers.T)

        def step_range(limits: tuple[int, int]) -> tuple[FloatArray, int]:
            gained = np.zeros((self.n_clusters, 5))
            changed = step_groups(
                self.columns,
                self.labels,
                self.block_size,
                self.blocks,
                self.groups,
                columns,
                moved,
                self.drift,
                slack,
                *limits,
                gained,
            )
            return gained, changed

        reassigned = 0
        for gained, changed in threads.each(step_range, self.ranges):
            self.sums += gained
            reassigned += changed
        inertia = inertia_from_sums(self.sums, centers)
        return [PartialSums(self.sums[:, 1:4].copy(), self.sums[:, 0].copy(), inertia, reassigned)]

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        # Clusters lose all their points a few times a fit at most: the NumPy way is fast enough.
        return Partition(self.colors, self.weights).farthest(centers, count)

    def scatter(self) -> FloatArray:
        """As `Splittable.scatter`."""
        means = self.sums[:, 1:4] / np.maximum(self.sums[:, :1], 1e-300)
        moments = np.zeros((self.n_clusters, 6))
        second_moments(self.columns, self.labels, means, moments)
        return moments[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)

    def labels_for(self, centers: FloatArray) -> LabelArray:
        self.step(centers)
        labels = np.empty(len(self.labels), dtype=np.int32)
        labels[self.order] = self.labels
        return labels


def _boxes(count: int, n_clusters: int) -> Boxes:
    return Boxes(
        np.empty((count, 6)),
        np.empty((count, 5)),
        np.full(count, UNLABELED, dtype=np.int32),
        np.empty((count, n_clusters), dtype=np.int32),
        np.zeros(count, dtype=np.int32),
        np.full(count, -1.0),
    )


def _groups(blocks: Boxes, n_clusters: int) -> Boxes:
    starts: NDArray[np.intp] = np.arange(0, len(blocks.cluster), BLOCKS_A_GROUP)
    groups = _boxes(len(starts), n_clusters)
    groups.corners[:, :3] = np.minimum.reduceat(blocks.corners[:, :3], starts)
    groups.corners[:, 3:] = np.maximum.reduceat(blocks.corners[:, 3:], starts)
    groups.totals[:] = np.add.reduceat(blocks.totals, starts)
    return groups
