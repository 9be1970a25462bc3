"""The parallel half of k-means||: candidates for the initial centers, drawn in a few passes over points on
any number of machines.

Source: Bahmani, Moseley, Vattani, Kumar, Vassilvitskii, *Scalable K-Means++*, VLDB 2012, algorithm 2. A pass
draws each point independently, with probability proportional to its weight times its squared distance to the
nearest candidate so far, 2k points per pass on average. The weight of a candidate is that of the points
nearest to it. Steps 7 and 8, from the candidates to k centers, are `seeding.kmeans_parallel`.

A point's random number depends on the seed, the pass and the point's position among all points, never on
the partition it lies in (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011: Philox). So
one machine and a cluster draw the same candidates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from kmeans_core.clustering.any_partition import AnyPartition
from kmeans_core.types import FloatArray, IndexArray

Result = TypeVar("Result")

# Section 5 of the paper: about as good as k-means++ with these, and hardly better with more.
_OVERSAMPLING = 2
_PASSES = 5


class Partitions(Protocol):
    """Points in one or many partitions, here or on a cluster."""

    def each(self, function: Callable[[AnyPartition], Result]) -> list[Result]:
        """Applies `function` to every partition, in order. It is pickled, so it must be a function of a
        module or a `partial` of one. What it stores on a partition is a cache that may be lost.
        """


@dataclass
class Coverage:
    """What is known of a partition while candidates are drawn.

    draw: which one. covered: number of candidates seen so far. closest: (n,) squared distance to the nearest
    of them. nearest: (n,) its index.
    """

    draw: int
    covered: int
    closest: FloatArray
    nearest: IndexArray


class _Candidates(NamedTuple):
    """What a task needs: the candidates so far, (m, d), and the seed of the draw."""

    seed: int
    points: FloatArray


def draw_candidates(points: Partitions, n_clusters: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Distinct candidates, (m, d), with their weights, (m,): at least `n_clusters` of them, if there are as
    many distinct points of positive weight."""
    candidates = _first(points, seed)
    inertia = sum(points.each(partial(_inertia, _Candidates(seed, candidates))))
    pass_number = 0
    while inertia > 0 and (pass_number < _PASSES or len(np.unique(candidates, axis=0)) < n_clusters):
        pass_number += 1
        drawn = points.each(partial(_draw, _Candidates(seed, candidates), pass_number, n_clusters, inertia))
        candidates = np.concatenate([candidates, *drawn])
        inertia = sum(points.each(partial(_inertia, _Candidates(seed, candidates))))
    weights = np.sum(points.each(partial(_candidate_weights, _Candidates(seed, candidates))), axis=0)
    return candidates[weights > 0], weights[weights > 0]


def _first(points: Partitions, seed: int) -> FloatArray:
    """One point, (1, d), drawn with probability proportional to its weight."""
    offsets, totals = zip(*points.each(_total), strict=True)
    ends = np.cumsum(totals)
    target = np.random.default_rng(seed).random() * ends[-1]
    index = min(int(np.searchsorted(ends, target, side="right")), int(np.searchsorted(ends, ends[-1])))
    before = float(ends[index - 1]) if index else 0.0
    picked = points.each(partial(_pick, offsets[index], target - before))
    return np.array([point for point in picked if point is not None])


def _total(partition: AnyPartition) -> tuple[int, float]:
    return partition.offset, float(partition.weights.sum())


def _pick(offset: int, target: float, partition: AnyPartition) -> FloatArray | None:
    """The point at which the running weight of the partition at `offset` passes `target`."""
    if partition.offset != offset:
        return None
    running = np.cumsum(partition.weights)
    index = int(np.searchsorted(running, target, side="right"))
    # Rounding may carry the target past the end; then take the last point of positive weight.
    index = min(index, int(np.searchsorted(running, running[-1])))
    point: FloatArray = partition.points_at(np.array([index]))[0]
    return point


def _inertia(candidates: _Candidates, partition: AnyPartition) -> float:
    """Weighted sum of squared distances to the nearest candidates."""
    return float(_update_coverage(candidates, partition).closest @ partition.weights)


def _draw(
    candidates: _Candidates, pass_number: int, n_clusters: int, inertia: float, partition: AnyPartition
) -> FloatArray:
    """The points drawn in this pass, (m, d). inertia: of all points with the candidates so far."""
    inertia_shares = partition.weights * _update_coverage(candidates, partition).closest / inertia
    probabilities = _OVERSAMPLING * n_clusters * inertia_shares
    uniforms = uniform_at(candidates.seed, pass_number, partition.offset, len(probabilities))
    return partition.points_at(np.flatnonzero(uniforms < probabilities))


def _candidate_weights(candidates: _Candidates, partition: AnyPartition) -> FloatArray:
    """Weight of the points nearest to each candidate, (m,). The last task of a draw: it clears the cache."""
    nearest = _update_coverage(candidates, partition).nearest
    partition.coverage = None
    return np.bincount(nearest, partition.weights, len(candidates.points)).astype(np.float64)


def _update_coverage(candidates: _Candidates, partition: AnyPartition) -> Coverage:
    """The partition's coverage, brought up to date with the candidates it has not seen."""
    coverage: Coverage | None = partition.coverage
    if coverage is None or coverage.draw != candidates.seed or coverage.covered > len(candidates.points):
        size = len(partition.weights)
        coverage = Coverage(candidates.seed, 0, np.full(size, np.inf), np.zeros(size, dtype=np.intp))
    new = candidates.points[coverage.covered :]
    if len(new):
        nearest, distances = partition.nearest(new)
        nearest = nearest + coverage.covered
        closer = distances < coverage.closest
        coverage.closest[closer] = distances[closer]
        coverage.nearest[closer] = nearest[closer]
        coverage.covered = len(candidates.points)
    partition.coverage = coverage
    return coverage


def uniform_at(seed: int, stream: int, start: int, count: int) -> FloatArray:
    """Numbers `start` to `start + count` of an endless sequence, each in [0, 1)."""
    # Philox makes four numbers from each value of its counter.
    generator = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64))
    generator.advance(start // 4)
    skipped = start % 4
    return np.random.Generator(generator).random(skipped + count)[skipped:]
