"""Vectorized Lloyd on weighted points in NumPy: always there, nothing to compile or start."""

import itertools

import numpy as np

from kmeans_core.backends.base import HEAD_TO_HEAD, BackendBase, Fit, Traits, Work
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.lloyd import run_lloyd
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, LabelArray, OnIteration, RealArray

# Measured on two cores with 3 and with 10 coordinates; accurate enough to say whether people have to wait.
_DIFFERENCES_PER_SECOND = 0.6e9


class NumpyBackend(BackendBase):
    """partitions: how many to split the points into. One is fastest; more give the same result."""

    name = "numpy"
    title = "NumPy"
    summary = "Vectorized Lloyd on weighted points; always available."
    traits = Traits(own=True, distances=tuple(DISTANCES))
    order = 10
    color = "#0072b2"
    rival = "paper-numpy"
    compared_on = ("quick", "paper", "pixels", "colors", HEAD_TO_HEAD)
    packages = ("numpy",)

    def __init__(self, partitions: int = 1) -> None:
        self.partitions = partitions

    def estimate_seconds(self, work: Work) -> float:
        return work.differences / _DIFFERENCES_PER_SECOND

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        assert centers is not None
        local = LocalPoints(points, weights, self.partitions, distance=options.distance)
        end = run_lloyd(local, centers, options, on_iteration)
        return Fit(end.centers, local.labels_for(end.centers), len(end.history), end.converged, end.history)


class LocalPoints:
    """Points in this process, in partitions, for the loop."""

    counted_sums = None

    def __init__(
        self, points: RealArray, weights: RealArray, partitions: int = 1, *, distance: str = "euclidean"
    ) -> None:
        bounds = np.linspace(0, len(points), partitions + 1).astype(int)
        self.partitions = [
            DISTANCES[distance].partition(points[start:stop], weights[start:stop], int(start))
            for start, stop in itertools.pairwise(bounds)
        ]

    def assign_and_sum(self, centers: FloatArray) -> list[PartialSums]:
        return [partition.assign_and_sum(centers) for partition in self.partitions]

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        return [far for partition in self.partitions for far in partition.farthest(centers, count)]

    def labels_for(self, centers: FloatArray) -> LabelArray:
        return np.concatenate([partition.nearest(centers)[0] for partition in self.partitions]).astype(
            np.int32
        )
