"""8-bit colors with whole weights as the loop sees them, worked on by `jit_blocks.py`.

Measured on one core against brute force on two, raccoon from random colors: 10 centers, 50 rounds, 11 ms
against 34; 64 centers, 100 rounds, 51 against 160; 256 centers, 100 rounds, 112 against 480. Blocks of 16, 32
or 128 were slower, groups of 16 or 32 blocks no faster. Bounds for each point (Hamerly 2010) do not pay here:
a distance in vector lanes takes 0.3 ns, less than to load and compare a bound.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.clustering.counted import are_counted
from kmeans_core.clustering.jit_blocks import BLOCKS_A_GROUP, UNLABELED, step_groups
from kmeans_core.clustering.jit_centers import inertia_from_sums, moves
from kmeans_core.clustering.jit_layout import Boxes, lay_out, morton_order
from kmeans_core.clustering.jit_search import removal_costs, second_moments
from kmeans_core.clustering.kernels import FarPoint, PartialSums, Partition
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray

Part = TypeVar("Part")
Result = TypeVar("Result")

# Below, brute force is done before the blocks are laid out.
_MIN_DISTANCES = 20_000
# Lists take a 4-byte entry for each center and block of 64: 256 MB at most.
_MAX_LISTED = 2**32
# Points of a block: where few centers are left anyway, what a block costs by itself counts.
_FEW_LARGE, _MANY_SMALL, _FEW_CENTERS = 256, 64, 16
# How many times the last move new lists should bear, and how far at most, in levels; those of groups so many
# times as much, for those of their blocks are made from them again and again.
_SLACK_MOVES, _MAX_SLACK, _GROUP_TIMES = 4.0, 1.0, 4.0
_MAX_DRIFT = 1e5
_PARTS = 2
# A round takes about as long as points times the square root of centers; so many are worth a thread.
_WORK_A_THREAD = 400_000
# Seconds of one thread below which others are left asleep: waking one takes a tenth of a millisecond.
_MIN_SHARED = 0.6e-3


class Layout:
    """Weighted colors, (n, 3) uint8, in an order in which neighbors are near each other; never changed.

    order: (n,) their positions as given. columns, masses: (m, 3, size) coordinates and (m, size) weights,
    block by block. blocks, groups: corners and totals of each, see `Boxes`.
    """

    def __init__(self, colors: RealArray, weights: FloatArray, n_clusters: int) -> None:
        # Writable: compiled code for arrays that are not would be compiled once more.
        self.colors = np.require(colors, np.uint8, ["C", "W"])
        self.weights = np.require(weights, np.float64, ["C", "W"])
        size = _FEW_LARGE if n_clusters <= _FEW_CENTERS else _MANY_SMALL
        self.order = morton_order(self.colors)
        n_blocks = -(-len(colors) // size)
        self.columns = np.empty((n_blocks, 3, size), dtype=np.float32)
        self.masses = np.empty((n_blocks, size))
        corners, totals = np.empty((n_blocks, 6)), np.empty((n_blocks, 5))
        lay_out(self.colors, self.weights, self.order, self.columns, self.masses, corners, totals)
        self.blocks = corners, totals
        starts: NDArray[np.intp] = np.arange(0, n_blocks, BLOCKS_A_GROUP)
        low = np.minimum.reduceat(corners[:, :3], starts)
        high = np.maximum.reduceat(corners[:, 3:], starts)
        self.groups = np.hstack([low, high]), np.add.reduceat(totals, starts)


class ColorBlocks:
    """Weighted colors on their way through the loop.

    n_threads: number of threads, by default as many as the points keep busy; rounds that take as little as
    waking them are done by one.
    """

    def __init__(self, layout: Layout, n_clusters: int, n_threads: int | None = None) -> None:
        self.layout = layout
        self.columns = layout.columns
        self.n_clusters = n_clusters
        self.blocks = _boxes(*layout.blocks, n_clusters)
        self.groups = _boxes(*layout.groups, n_clusters)
        n_points = len(layout.order)
        self.labels = np.full(layout.masses.shape, -1, dtype=np.float32)
        self.sums = np.zeros((n_clusters, 5))
        self.centers: FloatArray | None = None
        self.drift = 0.0
        wanted = n_threads or min(threads.usable_cores(), int(n_points * n_clusters**0.5) // _WORK_A_THREAD)
        self.ranges = threads.ranges(len(self.groups.cluster), wanted)
        self.busy_seconds = np.inf  # of all threads together, in the round before

    @staticmethod
    def suits(points: RealArray, weights: FloatArray, n_clusters: int) -> bool:
        """Whether these are counted colors, and the work is worth the layout."""
        return _MIN_DISTANCES <= len(points) * n_clusters <= _MAX_LISTED and are_counted(points, weights)

    def step(self, centers: FloatArray) -> list[PartialSums]:
        """As `Points.step`, with what all threads found as one sum."""
        slack, group_slack, moved = 0.0, 0.0, np.ones(len(centers))
        if self.centers is not None:
            farthest = moves(self.centers, centers, moved)
            self.drift += farthest * (1 + 1e-9)
            slack = _slack(farthest, _SLACK_MOVES, _MAX_SLACK)
            group_slack = _slack(farthest, _GROUP_TIMES * _SLACK_MOVES, _GROUP_TIMES * _MAX_SLACK)
            if not self.drift < _MAX_DRIFT:  # small moves would be lost in the sum
                self.drift, slack, group_slack = 0.0, 0.0, 0.0
                self.blocks.valid_until[:] = -1.0
                self.groups.valid_until[:] = -1.0
        self.centers = centers.copy()
        columns = np.ascontiguousarray(centers.T)

        def step_range(limits: tuple[int, int]) -> tuple[FloatArray, int, float]:
            clock = perf_counter()
            gained = np.zeros((self.n_clusters, 5))
            changed = step_groups(
                self.columns,
                self.layout.masses,
                self.labels,
                len(self.layout.order),
                self.blocks,
                self.groups,
                columns,
                moved,
                self.drift,
                slack,
                group_slack,
                *limits,
                gained,
            )
            return gained, changed, perf_counter() - clock

        share_out = threads.each if self.busy_seconds > _MIN_SHARED else _in_turn
        reassigned, self.busy_seconds = 0, 0.0
        for gained, changed, seconds in share_out(step_range, self.ranges):
            self.sums += gained
            reassigned += changed
            self.busy_seconds += seconds
        inertia = inertia_from_sums(self.sums, centers)
        return [PartialSums(self.sums[:, 1:4].copy(), self.sums[:, 0].copy(), inertia, reassigned)]

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        # Clusters lose all their points a few times a fit at most: the NumPy way is fast enough.
        return Partition(self.layout.colors, self.layout.weights).farthest(centers, count)

    @property
    def counted_sums(self) -> FloatArray:
        """Of the clusters of the last round, as `counted.cluster_sums`."""
        return self.sums

    def scatter(self) -> FloatArray:
        """Weighted sums of products of the differences from each cluster's mean, (k, 3, 3)."""
        means = self.sums[:, 1:4] / np.maximum(self.sums[:, :1], 1e-300)

        def add(limits: tuple[int, int]) -> FloatArray:
            part = np.zeros((self.n_clusters, 6))
            second_moments(self.columns, self.layout.masses, self.labels, means, *limits, part)
            return part

        moments = np.sum(threads.each(add, self._halves()), axis=0)
        scatter: FloatArray = moments[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)
        return scatter

    def removal_costs(self, centers: FloatArray, near: IndexArray) -> FloatArray:
        """How much the points of each cluster, (k,), would lose with the nearest of some other centers.

        near: (k, m) indices of these, for each cluster.
        """

        def add(limits: tuple[int, int]) -> FloatArray:
            part = np.zeros(self.n_clusters)
            removal_costs(self.columns, self.layout.masses, self.labels, centers, near, *limits, part)
            return part

        costs: FloatArray = np.sum(threads.each(add, self._halves()), axis=0)
        return costs

    def _halves(self) -> list[tuple[int, int]]:
        """Ranges of blocks, always the same: these sums are of no whole numbers, so their order matters."""
        return threads.ranges(len(self.columns), _PARTS)

    def labels_for(self, centers: FloatArray) -> LabelArray:
        self.step(centers)
        labels = np.empty(len(self.layout.order), dtype=np.int32)
        labels[self.layout.order] = self.labels.reshape(-1)[: len(labels)]
        return labels


def _slack(farthest: float, moves: float, most: float) -> float:
    """What lists should bear after such a move: nothing where they would not outlive the next one."""
    return min(moves * farthest, most) if farthest < most else 0.0


def _in_turn(function: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    return [function(part) for part in parts]


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
