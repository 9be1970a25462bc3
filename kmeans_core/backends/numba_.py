"""The NumPy backend's arithmetic, compiled by Numba and spread over the processor's cores."""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from kmeans_core.backends.base import HEAD_TO_HEAD, Backend, BackendBase, Fit, Traits, Work
from kmeans_core.backends.numpy_ import LocalPoints
from kmeans_core.clustering import seeding, threads
from kmeans_core.clustering.counted import are_counted
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, LabelArray, OnIteration, RealArray

if TYPE_CHECKING:
    from kmeans_core.clustering.color_blocks import ColorBlocks
    from kmeans_core.clustering.narrow_points import NarrowLayout, NarrowPoints
    from kmeans_core.clustering.table_points import TablePoints

# From so many distances per iteration on, another thread saves more than waking it costs: 50 iterations with
# 10 centers took 10.5 ms on one thread and 12.7 on two at 16,000 points, 19.0 and 18.5 at 32,000.
_MIN_DISTANCES_PER_THREAD = 160_000
# In all iterations together: NumPy computes so many in the second that compiling the kernel would take.
_MAX_UNCOMPILED_DISTANCES = 200_000_000
# Differences of coordinates a second on two cores, for estimates: of counted colors most are skipped, and two
# or three coordinates have code of their own.
_COUNTED_PER_SECOND, _NARROW_PER_SECOND, _WIDE_PER_SECOND = 75e9, 15e9, 5e9


class NumbaBackend(BackendBase):
    """threads: by default one per core, as far as there is work for them.

    avoid_compiling: leaves to NumPy what it does sooner than code for it is compiled: the same result, for
    8-bit colors to the last bit, and sooner where nothing has been compiled yet.

    keeps_layout: of rows that were laid out for a fit, for more fits of them; they must not change.
    """

    name = "numba"
    title = "Numba"
    summary = "The same as NumPy, compiled and on all cores; the default for pictures."
    start_title = "Compile, or load what was compiled"
    traits = Traits(own=True, distances=tuple(DISTANCES))
    order = 20
    color = "#009e73"
    rival = "paper-numpy"
    compared_on = ("quick", "paper", "pixels", "colors", "cores", "tables", HEAD_TO_HEAD)
    packages = ("numba",)

    def __init__(
        self, threads: int | None = None, *, avoid_compiling: bool = False, keeps_layout: bool = False
    ) -> None:
        self.threads = threads
        self.avoid_compiling = avoid_compiling
        self.keeps_layout = keeps_layout
        self._kept: tuple[RealArray, RealArray, NarrowLayout] | None = None

    def start(self) -> None:
        """Compiles the kernels, or loads them from the disk cache."""
        if not self.avoid_compiling:
            _load_kernels()

    def estimate_seconds(self, work: Work) -> float:
        if work.counted:
            return work.differences / _COUNTED_PER_SECOND
        return work.differences / (_NARROW_PER_SECOND if work.n_dims <= 3 else _WIDE_PER_SECOND)

    def seed_centers(self, points: RealArray, weights: RealArray, options: FitOptions) -> FloatArray:
        if self.avoid_compiling:
            return seeding.seed_centers(
                points, weights, options.n_clusters, method=options.init, seed=options.seed
            )
        from kmeans_core.clustering.jit_seeding import seed_colors
        from kmeans_core.clustering.jit_table_seeding import seed_table

        method, seed = options.init, options.seed
        if are_counted(points, weights):
            return seed_colors(points, weights, options.n_clusters, method=method, seed=seed)
        n_trials = seeding.n_local_trials(method, options.n_clusters)
        if n_trials:
            return seed_table(points, weights, options.n_clusters, n_local_trials=n_trials, seed=seed)
        return seeding.seed_centers(points, weights, options.n_clusters, method=method, seed=seed)

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        assert centers is not None
        compiled = self._points(points, weights, options)
        end = run_lloyd(compiled, centers, options, on_iteration)
        labels = compiled.labels_for(end.centers)
        fit = Fit(end.centers, labels, len(end.history), end.converged, end.history)
        if self.avoid_compiling or options.distance != "euclidean" or are_counted(points, weights):
            return replace(fit, sums=compiled.counted_sums)
        from kmeans_core.clustering import own_distances
        from kmeans_core.clustering.table_points import as_floats

        return replace(fit, inertia=own_distances.inertia(as_floats(points), weights, end.centers, labels))

    def _points(
        self, points: RealArray, weights: RealArray, options: FitOptions
    ) -> "ColorBlocks | LocalPoints | NarrowPoints | TablePoints | _CompiledLevels":
        n_clusters = options.n_clusters
        if self.avoid_compiling and len(points) * n_clusters * options.max_iter < _MAX_UNCOMPILED_DISTANCES:
            return LocalPoints(points, weights, distance=options.distance)
        if options.distance == "manhattan":
            return _CompiledLevels(points, weights, n_clusters, self.threads)
        from kmeans_core.clustering.color_blocks import ColorBlocks, Layout
        from kmeans_core.clustering.narrow_points import NarrowPoints
        from kmeans_core.clustering.table_points import TablePoints

        if not self.avoid_compiling and ColorBlocks.suits(points, weights, n_clusters):
            return ColorBlocks(Layout(points, weights, n_clusters), n_clusters, self.threads)
        if not self.avoid_compiling and NarrowPoints.suits(points, n_clusters):
            return NarrowPoints(self._narrow_layout(points, weights), n_clusters)
        return TablePoints(points, weights, self.threads)

    def _narrow_layout(self, points: RealArray, weights: RealArray) -> "NarrowLayout":
        from kmeans_core.clustering.narrow_points import NarrowLayout

        if self._kept and self._kept[0] is points and _are_same(self._kept[1], weights):
            return self._kept[2]
        layout = NarrowLayout(points, weights, self.threads)
        if self.keeps_layout:
            self._kept = points, weights, layout
        return layout


def for_same_points(backend: Backend) -> Backend:
    """The backend, for several fits of points that do not change in between."""
    if not isinstance(backend, NumbaBackend):
        return backend
    return NumbaBackend(backend.threads, avoid_compiling=backend.avoid_compiling, keeps_layout=True)


def _are_same(weights: RealArray, others: RealArray) -> bool:
    """Whether two arrays of weights, (n,), are one, or both the same number for all points."""
    is_one_number = weights.strides == others.strides == (0,)
    return weights is others or (is_one_number and bool(weights[0] == others[0]))


@cache
def _load_kernels() -> None:
    """Calls each kernel once."""
    from kmeans_core.clustering.color_blocks import ColorBlocks, Layout
    from kmeans_core.clustering.jit_seeding import seed_colors
    from kmeans_core.clustering.table_points import TablePoints

    color, weight = np.zeros((1, 3), dtype=np.uint8), np.ones(1)
    seed_colors(color, weight, 1, method="k-means++", seed=0)
    ColorBlocks(Layout(color, weight, 1), 1).labels_for(np.zeros((1, 3)))
    TablePoints(np.zeros((1, 3)), weight).labels_for(np.zeros((1, 3)))


class _CompiledLevels:
    """8-bit points by Manhattan distance; each thread has a partition of them."""

    counted_sums = None

    def __init__(self, points: RealArray, weights: RealArray, n_clusters: int, n_threads: int | None) -> None:
        from kmeans_core.clustering.jit_levels import CompiledLevelPartition

        self.partitions = [
            CompiledLevelPartition(points[start:stop], weights[start:stop], start)
            for start, stop in _ranges(len(points), n_clusters, n_threads)
        ]

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        return threads.map_threaded(lambda partition: partition.assign_and_sum(centers), self.partitions)

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        return [far for partition in self.partitions for far in partition.farthest(centers, count)]

    def labels_for(self, centers: FloatArray) -> LabelArray:
        nearest = threads.map_threaded(lambda partition: partition.nearest(centers)[0], self.partitions)
        return np.concatenate(nearest).astype(np.int32)


def _ranges(n_points: int, n_clusters: int, n_threads: int | None) -> list[tuple[int, int]]:
    n_useful_threads = n_points * n_clusters // _MIN_DISTANCES_PER_THREAD
    return threads.split_range(n_points, n_threads or min(threads.usable_cores(), n_useful_threads))
