"""Rows of one to three columns as points for the loop, in blocks of neighbors like the colors of a picture.

In so few dimensions, the box around a block leaves few centers that may be nearest to one of its rows, mostly
one, and the labels of a block that is far from any border need not be looked at (`jit_blocks.py`). Above
three dimensions, boxes are too large for that.
"""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import threads
from kmeans_core.clustering.box_steps import BoxSteps
from kmeans_core.clustering.jit_blocks import BLOCKS_PER_GROUP
from kmeans_core.clustering.jit_narrow import lay_out, morton_order, sum_parts
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.own_distances import far_points
from kmeans_core.clustering.table_points import as_floats, none_if_ones
from kmeans_core.types import FloatArray, LabelArray, RealArray

_MAX_DIMS = 3
_BLOCK = 64
# Fewer rows are done before they are laid out. Candidates take 4 bytes a center and block, so more centers
# would take more memory than the rows.
_MIN_POINTS, _MAX_CLUSTERS = 2_000, 256
# Rows in a cell of the order, about, and bits of a cell's number, at most.
_ROWS_A_CELL, _MAX_BITS = 4, 18
_SAMPLED = 1000
_OUTER_PERCENT = 1.0
# Sums are added up in so many parts, whatever the threads; a part has so many groups or more.
_PARTS, _MIN_GROUPS = 16, 8
_ROWS_PER_THREAD = 30_000


class NarrowLayout:
    """Points, (n, d), and weights, (n,), in an order that keeps neighbors together. They are copied: 36 bytes
    a row, 24 for points of 32 bits; nothing changes them.

    n_threads: by default as many as there is work for. order: (n,) which row stands where. columns,
    block_weights: (m, 3, size) coordinates and (m, size) weights, block by block. blocks: corners and totals
    of each, see `Boxes`. unit: a length that is small, but not tiny, for these points.
    """

    def __init__(self, points: RealArray, weights: RealArray, n_threads: int | None = None) -> None:
        self.points, self.weights = as_floats(points), none_if_ones(weights)
        n_points = len(points)
        self.n_threads = max(1, n_threads or min(threads.usable_cores(), n_points // _ROWS_PER_THREAD))
        lowest, widths = _extent(self.points)
        self.unit = float(widths.max()) / 256 or 1.0
        self.order = _order(self.points, lowest, widths)
        n_blocks = -(-n_points // _BLOCK)
        self.columns = np.empty((n_blocks, 3, _BLOCK), self.points.dtype)
        self.block_weights = np.empty((n_blocks, _BLOCK))
        self.blocks = np.empty((n_blocks, 6)), np.empty((n_blocks, 5))

        def fill(bounds: tuple[int, int]) -> None:
            rows = self.order[bounds[0] * _BLOCK : bounds[1] * _BLOCK]
            arrays = self.columns, self.block_weights, *self.blocks
            lay_out(self.points, self.weights, rows, *(array[slice(*bounds)] for array in arrays))

        threads.map_threaded(fill, threads.split_range(n_blocks, self.n_threads))


class NarrowPoints:
    """Points with the labels, sums and candidates of a fit: beside the layout 4 bytes a row, and 4 for each
    center and block of 64 rows."""

    counted_sums = None

    def __init__(self, layout: NarrowLayout, n_clusters: int) -> None:
        self.layout, self.n_dims = layout, layout.points.shape[1]
        self.steps = BoxSteps(
            layout.columns,
            layout.block_weights,
            len(layout.order),
            *layout.blocks,
            n_clusters,
            layout.unit,
        )
        n_parts = min(_PARTS, max(1, self.steps.n_groups // _MIN_GROUPS))
        self.bounds: NDArray[np.intp] = np.linspace(0, self.steps.n_groups, n_parts + 1).astype(np.intp)

    @staticmethod
    def suits(points: RealArray, n_clusters: int) -> bool:
        """Whether blocks of these pay for their layout."""
        return (
            points.shape[1] <= _MAX_DIMS and len(points) >= _MIN_POINTS and 4 <= n_clusters <= _MAX_CLUSTERS
        )

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        """As `Points.assign_and_sum`; the sums do not depend on the number of threads."""
        steps = self.steps
        padded = np.zeros((len(centers), 3))
        padded[:, : self.n_dims] = centers
        steps.move_to(padded)
        bounds = self.bounds
        sums = np.zeros((len(bounds) - 1, len(centers), 5))

        def work(parts: tuple[int, int]) -> int:
            first, last = parts
            changed = steps.step(bounds[first], bounds[last], np.zeros((len(centers), 5)))
            ends = np.minimum(bounds[first : last + 1] * BLOCKS_PER_GROUP, len(steps.columns))
            sum_parts(
                steps.columns, steps.weights, steps.labels, steps.blocks, padded, ends, sums[first:last]
            )
            return changed

        reassigned = sum(threads.map_threaded(work, threads.split_range(len(sums), self.layout.n_threads)))
        total = sums.sum(axis=0)
        coordinates = total[:, 1 : 1 + self.n_dims].copy()
        return [PartialSums(coordinates, total[:, 0].copy(), float(total[:, 4].sum()), reassigned)]

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        points, weights = self.layout.points, self.layout.weights
        return far_points(points, weights, self.labels_for(centers), centers, count)

    def labels_for(self, centers: FloatArray) -> LabelArray:
        self.assign_and_sum(centers)
        return self.steps.labels_of(self.layout.order)


def _extent(points: RealArray) -> tuple[FloatArray, FloatArray]:
    """Where nearly all rows begin, and how far from there they end, (d,) each."""
    sample = points[:: max(1, len(points) // _SAMPLED)][:_SAMPLED].astype(np.float64)
    lowest, highest = np.percentile(sample, [_OUTER_PERCENT, 100 - _OUTER_PERCENT], axis=0)
    return lowest, highest - lowest


def _order(points: RealArray, lowest: FloatArray, widths: FloatArray) -> NDArray[np.int32]:
    n_dims = points.shape[1]
    wanted = min(_MAX_BITS, int(len(points) // _ROWS_A_CELL).bit_length())
    n_bits = max(1, wanted // n_dims)
    with np.errstate(divide="ignore", over="ignore"):
        steps = (1 << n_bits) / widths
    steps[~np.isfinite(steps)] = 0.0
    return morton_order(points, lowest, steps, n_bits)
