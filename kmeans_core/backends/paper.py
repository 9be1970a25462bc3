"""The paper's two algorithms as it describes them: the yardstick of every speed claim, for benchmarks only.

Source: Shim, *K-means Clustering Using Spark*, University of Waterloo, 2023. They start from the same
centers as our backends and take the same steps to the same answer; only the way they compute is the
paper's. Nothing is sped up here on purpose.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from kmeans_core.backends import spark_session
from kmeans_core.backends.base import HEAD_TO_HEAD, BackendBase, Fit, Traits
from kmeans_core.backends.spark_session import NeedsSpark, guarded
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, Iteration, OnIteration, RealArray


class Yardstick:
    """What both have in common."""

    title: str
    yardstick = True

    @property
    def in_text(self) -> str:
        return f"the {self.title[0].lower()}{self.title[1:]}"


class PaperNumpyBackend(Yardstick, BackendBase):
    """Every iteration computes the distances of all pixels to each center, then the mean of each cluster."""

    name = "paper-numpy"
    title = "Paper's NumPy"
    summary = "The paper's first algorithm: whole-image distance passes, pixel by pixel."
    traits = Traits(own=False, per_pixel=True)
    order = 0
    color = "#3c91c2"
    compared_on = ("quick", "paper", "pixels", HEAD_TO_HEAD)
    packages = ("numpy",)

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        assert centers is not None
        # Pixels again: the paper knows no counts.
        pixels = np.repeat(points.astype(np.float64), weights.astype(np.int64), axis=0)
        labels = np.full(len(pixels), -1)

        def iterate(centers: FloatArray) -> tuple[FloatArray, float, int]:
            nonlocal labels
            distances = np.stack(
                [np.sqrt(((pixels - center) ** 2).sum(axis=1)) for center in centers], axis=1
            )
            previous, labels = labels, distances.argmin(axis=1)
            moved = np.array(
                [
                    pixels[labels == cluster].mean(axis=0) if np.any(labels == cluster) else center
                    for cluster, center in enumerate(centers)
                ]
            )
            inertia = float((distances.min(axis=1) ** 2).sum())
            return moved, inertia, int(np.count_nonzero(labels != previous))

        return _run_iterations(iterate, centers, options, on_iteration)


class PaperRddBackend(Yardstick, NeedsSpark):
    """An RDD of (color, count) pairs: one Python call per point for the nearest center, then reduceByKey."""

    name = "paper-rdd"
    title = "Paper's RDD"
    summary = (
        "The paper's second algorithm: grouped colors, one Python call per point, one shuffle per iteration."
    )
    traits = Traits(own=False, distributed=True)
    order = 50
    color = "#8c6d31"
    compared_on = ("paper", "pixels", HEAD_TO_HEAD)

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        assert centers is not None
        context = spark_session.spark_session().sparkContext
        clock = perf_counter()
        colors = _paper_rdd(context, points, weights)
        transfer = perf_counter() - clock
        clock = perf_counter()
        _draw_paper_centers(colors, options)
        seed = perf_counter() - clock

        def iterate(centers: FloatArray) -> tuple[FloatArray, float, int]:
            # It keeps no labels, so the number of changed points is unknown.
            return *_paper_iteration(context, colors, centers), 0

        fit = _run_iterations(iterate, centers, options, on_iteration)
        return replace(fit, seconds={"transfer": transfer, "seed": seed})


def _run_iterations(
    one_round: Callable[[FloatArray], tuple[FloatArray, float, int]],
    centers: FloatArray,
    options: FitOptions,
    on_iteration: OnIteration | None,
) -> Fit:
    """Iterates until no center moves. `iterate` returns centers, inertia and the number of changed labels."""
    history: list[Iteration] = []
    converged = False
    for index in range(1, options.max_iter + 1):
        clock = perf_counter()
        moved, inertia, reassigned = one_round(centers)
        shift = float(np.sqrt(((moved - centers) ** 2).sum(axis=1)).max())
        centers = moved
        history.append(Iteration(index, inertia, shift, reassigned, perf_counter() - clock))
        if on_iteration is not None:
            on_iteration(history[-1])
        converged = shift <= options.tol
        if converged and options.early_stop:
            break
    return Fit(centers, None, len(history), converged, tuple(history))


@guarded()
def _paper_rdd(context: Any, points: RealArray, weights: RealArray) -> Any:
    pairs = [(tuple(point), weight) for point, weight in zip(points.tolist(), weights.tolist(), strict=True)]
    colors = context.parallelize(pairs).cache()
    colors.count()
    return colors


@guarded()
def _draw_paper_centers(colors: Any, options: FitOptions) -> None:
    """The paper draws its initial centers this way, and that takes time. They are not used, because results
    can only be compared from the same initial centers.
    """
    colors.takeSample(False, options.n_clusters, options.seed)


@guarded()
def _paper_iteration(context: Any, colors: Any, centers: FloatArray) -> tuple[FloatArray, float]:
    shared = context.broadcast(centers.tolist())

    def nearest(pair: tuple[tuple[float, ...], float]) -> tuple[int, tuple[Any, ...]]:
        color, count = pair
        best, low = 0, float("inf")
        for index, center in enumerate(shared.value):
            distance = sum((a - b) ** 2 for a, b in zip(color, center, strict=True))
            if distance < low:
                best, low = index, distance
        return best, (*(count * value for value in color), count, count * low)

    totals = (
        colors.map(nearest)
        .reduceByKey(lambda a, b: tuple(x + y for x, y in zip(a, b, strict=True)))
        .collectAsMap()
    )
    shared.unpersist()
    moved = centers.copy()
    for index, (*sums, count, _) in totals.items():
        moved[index] = np.array(sums) / count
    return moved, float(sum(total[-1] for total in totals.values()))
