"""The parallel half of k-means||: many good first centers from few passes over points that lie anywhere.

Source: Bahmani, Moseley, Vattani, Kumar, Vassilvitskii, *Scalable K-Means++*, VLDB 2012, algorithm 2. A pass
draws each point by itself, with a chance in proportion to its weight times its squared distance to the
nearest candidate so far, 2k points a pass on average; each candidate then weighs what lies nearest to it.
Steps 7 and 8, from the candidates to k centers, are `seeding.kmeans_parallel`.

A point's random number depends on the seed, the pass and the point's position among all points, never on
the partition it lies in (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011: Philox). So
one machine and a cluster draw the same candidates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from kmeans_core.clustering.kernels import Partition
from kmeans_core.types import FloatArray, IndexArray

Answer = TypeVar("Answer")

# Section 5 of the paper: about as good as k-means++ with these, and hardly better with more.
_OVERSAMPLING = 2
_PASSES = 5


class Partitions(Protocol):
    """Points in one or many partitions, here or on a cluster."""

    def each(self, ask: Callable[[Partition], Answer]) -> list[Answer]:
        """What `ask` says of every partition, in their order. It travels, so it is a module's function or
        a `partial` of one; what it notes on the partition is a cache that may be lost."""


@dataclass
class Coverage:
    """What one drawing of candidates has found out about a partition.

    drawing: which one. covered: number of candidates looked at. closest: (n,) squared distance to the nearest
    of them. nearest: (n,) its index.
    """

    drawing: int
    covered: int
    closest: FloatArray
    nearest: IndexArray


class _Candidates(NamedTuple):
    """What a task is told: candidates so far, (m, d), of the drawing with this seed."""

    seed: int
    points: FloatArray


def draw_candidates(points: Partitions, n_clusters: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Distinct candidates, (m, d), with their weights, (m,): at least `n_clusters` of them, if there are as
    many distinct points of positive weight."""
    found = _first(points, seed)
    cost = sum(points.each(partial(_cost, _Candidates(seed, found))))
    number = 0
    while cost > 0 and (number < _PASSES or len(np.unique(found, axis=0)) < n_clusters):
        number += 1
        drawn = points.each(partial(_draw, _Candidates(seed, found), number, n_clusters, cost))
        found = np.concatenate([found, *drawn])
        cost = sum(points.each(partial(_cost, _Candidates(seed, found))))
    masses = np.sum(points.each(partial(_masses, _Candidates(seed, found))), axis=0)
    return found[masses > 0], masses[masses > 0]


def _first(points: Partitions, seed: int) -> FloatArray:
    """One point, drawn in proportion to its weight, as a table of one row."""
    offsets, totals = zip(*points.each(_total), strict=True)
    ends = np.cumsum(totals)
    target = np.random.default_rng(seed).random() * ends[-1]
    place = min(int(np.searchsorted(ends, target, side="right")), int(np.searchsorted(ends, ends[-1])))
    before = float(ends[place - 1]) if place else 0.0
    picked = points.each(partial(_pick, offsets[place], target - before))
    return np.array([point for point in picked if point is not None])


def _total(partition: Partition) -> tuple[int, float]:
    return partition.offset, float(partition.weights.sum())


def _pick(offset: int, target: float, partition: Partition) -> FloatArray | None:
    """The point at which the running weight of the partition at `offset` passes `target`."""
    if partition.offset != offset:
        return None
    running = np.cumsum(partition.weights)
    place = int(np.searchsorted(running, target, side="right"))
    # Rounding may carry the target past the end: then the last point that weighs something.
    place = min(place, int(np.searchsorted(running, running[-1])))
    return partition.columns[:, place].copy()


def _cost(candidates: _Candidates, partition: Partition) -> float:
    """Weighted sum of squared distances to the nearest candidates."""
    return float(_covered(candidates, partition).closest @ partition.weights)


def _draw(
    candidates: _Candidates, number: int, n_clusters: int, cost: float, partition: Partition
) -> FloatArray:
    """The points drawn in pass `number`, (m, d). cost: what the candidates so far cost all points."""
    shares = partition.weights * _covered(candidates, partition).closest / cost
    chances = _OVERSAMPLING * n_clusters * shares
    lots = uniform_at(candidates.seed, number, partition.offset, len(chances))
    return partition.columns[:, lots < chances].T.copy()


def _masses(candidates: _Candidates, partition: Partition) -> FloatArray:
    """The weight of what lies nearest to each candidate, (m,). The last question of a drawing."""
    nearest = _covered(candidates, partition).nearest
    partition.coverage = None
    return np.bincount(nearest, partition.weights, len(candidates.points)).astype(np.float64)


def _covered(candidates: _Candidates, partition: Partition) -> Coverage:
    """The partition's coverage, brought up to date with the candidates it has not seen."""
    coverage: Coverage | None = partition.coverage
    if coverage is None or coverage.drawing != candidates.seed or coverage.covered > len(candidates.points):
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
