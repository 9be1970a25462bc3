"""Counted colors as points for the loop, with the kernels of `jit_blocks.py`.

Measured on one core against brute force on two, raccoon from random colors: 10 centers, 50 iterations, 11 ms
against 34; 64 centers, 100 iterations, 51 against 160; 256 centers, 100 iterations, 112 against 480. Blocks
of 16, 32 or 128 were slower, groups of 16 or 32 blocks no faster. Bounds for each point (Hamerly 2010) do not
pay here: a distance in vector lanes takes 0.3 ns, less than to load and compare a bound.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeVar

import numpy as np

from kmeans_core.clustering import threads
from kmeans_core.clustering.box_steps import BoxSteps
from kmeans_core.clustering.counted import are_counted
from kmeans_core.clustering.jit_centers import inertia_from_sums
from kmeans_core.clustering.jit_layout import lay_out, morton_order
from kmeans_core.clustering.jit_search import removal_costs, second_moments
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.own_distances import far_points
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray

Range = TypeVar("Range")
Result = TypeVar("Result")

# Below this, brute force is done before the blocks are laid out.
_MIN_DISTANCES = 20_000
# Candidates take 4 bytes per center and block of 64 colors: 256 MB at most.
_MAX_LISTED = 2**32
# Points per block. With few centers, the fixed cost of a block outweighs what smaller ones save.
_LARGE_BLOCK, _SMALL_BLOCK, _MAX_CENTERS_FOR_LARGE_BLOCKS = 256, 64, 16
_N_SUM_RANGES = 2
# An iteration takes time in proportion to points times the square root of centers; this much is worth a
# thread.
_WORK_PER_THREAD = 400_000
# Iterations shorter than this run on one thread: waking another takes 0.1 ms.
_MIN_SHARED = 0.6e-3


class Layout:
    """Weighted colors, (n, 3) uint8, in an order that keeps similar colors together; never changed.

    order: (n,) their positions as given. columns, weights: (m, 3, size) coordinates and (m, size) weights,
    block by block. blocks: corners and totals of each, see `Boxes`.
    """

    def __init__(self, colors: RealArray, weights: FloatArray, n_clusters: int) -> None:
        # Writable: for read-only arrays Numba would compile the same code again.
        self.colors = np.require(colors, np.uint8, ["C", "W"])
        self.weights = np.require(weights, np.float64, ["C", "W"])
        size = _LARGE_BLOCK if n_clusters <= _MAX_CENTERS_FOR_LARGE_BLOCKS else _SMALL_BLOCK
        self.order = morton_order(self.colors)
        n_blocks = -(-len(colors) // size)
        self.block_columns = np.empty((n_blocks, 3, size), dtype=np.float32)
        self.block_weights = np.empty((n_blocks, size))
        corners, totals = np.empty((n_blocks, 6)), np.empty((n_blocks, 5))
        lay_out(
            self.colors, self.weights, self.order, self.block_columns, self.block_weights, corners, totals
        )
        self.blocks = corners, totals


class ColorBlocks:
    """Weighted colors with the labels, sums and candidates of a fit.

    n_threads: by default as many as there is work for; very short iterations run on one thread.
    """

    def __init__(self, layout: Layout, n_clusters: int, n_threads: int | None = None) -> None:
        self.layout = layout
        self.block_columns = layout.block_columns
        self.n_clusters = n_clusters
        n_points = len(layout.order)
        self.steps = BoxSteps(
            layout.block_columns, layout.block_weights, n_points, *layout.blocks, n_clusters
        )
        self.sums = np.zeros((n_clusters, 5))
        wanted = n_threads or min(threads.usable_cores(), int(n_points * n_clusters**0.5) // _WORK_PER_THREAD)
        self.ranges = threads.split_range(self.steps.n_groups, wanted)
        self.busy_seconds = np.inf  # of all threads together, in the last iteration

    @staticmethod
    def suits(points: RealArray, weights: FloatArray, n_clusters: int) -> bool:
        """Whether these are counted colors, and enough work to pay for the layout."""
        return _MIN_DISTANCES <= len(points) * n_clusters <= _MAX_LISTED and are_counted(points, weights)

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        """As `Points.assign_and_sum`, with the sums of all threads added up."""
        self.steps.move_to(centers)

        def step_range(bounds: tuple[int, int]) -> tuple[FloatArray, int, float]:
            clock = perf_counter()
            gained = np.zeros((self.n_clusters, 5))
            changed = self.steps.step(*bounds, gained)
            return gained, changed, perf_counter() - clock

        run_each = threads.map_threaded if self.busy_seconds > _MIN_SHARED else _one_by_one
        reassigned, self.busy_seconds = 0, 0.0
        for gained, changed, seconds in run_each(step_range, self.ranges):
            self.sums += gained
            reassigned += changed
            self.busy_seconds += seconds
        inertia = inertia_from_sums(self.sums, centers)
        return [PartialSums(self.sums[:, 1:4].copy(), self.sums[:, 0].copy(), inertia, reassigned)]

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        if self.steps.centers is None or not np.array_equal(centers, self.steps.centers):
            self.assign_and_sum(centers)
        layout = self.layout
        return far_points(
            layout.colors, layout.weights, self.steps.labels_of(self.layout.order), centers, count
        )

    @property
    def counted_sums(self) -> FloatArray:
        """Sums of the clusters after the last iteration, as `counted.cluster_sums`."""
        return self.sums

    def scatter(self) -> FloatArray:
        """Weighted sums of products of the differences from each cluster's mean, (k, 3, 3)."""
        means = self.sums[:, 1:4] / np.maximum(self.sums[:, :1], 1e-300)

        def add(bounds: tuple[int, int]) -> FloatArray:
            sums = np.zeros((self.n_clusters, 6))
            second_moments(
                self.block_columns, self.layout.block_weights, self.steps.labels, means, *bounds, sums
            )
            return sums

        moments = np.sum(threads.map_threaded(add, self._sum_ranges()), axis=0)
        scatter: FloatArray = moments[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)
        return scatter

    def removal_costs(self, centers: FloatArray, nearest_centers: IndexArray) -> FloatArray:
        """How much the inertia of each cluster, (k,), would rise if its points went to the nearest of some
        other centers.

        nearest_centers: (k, m) indices of these, for each cluster.
        """

        def add(bounds: tuple[int, int]) -> FloatArray:
            sums = np.zeros(self.n_clusters)
            removal_costs(
                self.block_columns,
                self.layout.block_weights,
                self.steps.labels,
                centers,
                nearest_centers,
                *bounds,
                sums,
            )
            return sums

        costs: FloatArray = np.sum(threads.map_threaded(add, self._sum_ranges()), axis=0)
        return costs

    def _sum_ranges(self) -> list[tuple[int, int]]:
        """Ranges of blocks, always the same: these sums are not of whole numbers, so their order matters."""
        return threads.split_range(len(self.block_columns), _N_SUM_RANGES)

    def labels_for(self, centers: FloatArray) -> LabelArray:
        self.assign_and_sum(centers)
        return self.steps.labels_of(self.layout.order)


def _one_by_one(function: Callable[[Range], Result], parts: Sequence[Range]) -> list[Result]:
    return [function(part) for part in parts]
