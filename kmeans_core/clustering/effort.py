"""Better first centers for 8-bit colors: a search for a good minimum, before exact rounds on all colors.

Lloyd's algorithm ends in a local minimum, and its centers never jump. So the search adds centers where
clusters are long, lets all settle, and takes away as many of those that are missed least; what has not become
better is undone and tried with fewer. This is breathing k-means (Fritzke, *The breathing k-means algorithm*,
arXiv:2006.15666, 2020), with new centers along the longest axis of a cluster rather than at random.

It runs on a coarser picture, whose colors are the means of small cubes: what is found there is a place to
start from, some rounds away from a minimum on the colors themselves. Over the sample pictures, against
scikit-learn's k-means++ on distinct colors, "balanced" ends 2.7 % lower with 16 colors, 2.4 with 64 and 1.2
with 256. Many breaths of a few rounds each do more than few with many: with 256 colors, 12 breaths whose
rounds end at a gain of 0.5 % took three quarters of the time of 8 that ended at 0.1 %, and ended as low.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kmeans_core.clustering import seeding
from kmeans_core.clustering.color_blocks import ColorBlocks, Layout
from kmeans_core.clustering.jit_layout import coarsen
from kmeans_core.clustering.jit_search import neighbors
from kmeans_core.clustering.jit_seeding import seed_colors
from kmeans_core.clustering.kernels import merge
from kmeans_core.clustering.lloyd import update
from kmeans_core.types import FloatArray, IndexArray, RealArray

_MAX_ROUNDS = 200
# A center that is taken away leaves its points to one of so many neighbors.
_NEIGHBORS = 4


@dataclass(frozen=True)
class _Plan:
    """What an effort stands for.

    levels: side of the cubes, for up to so many clusters; larger where there would be more than `cubes`.
    breaths: at most so many. share: of the clusters
    that the first one adds and takes away. enough: runs end with a round that lowers the inertia by less than
    this share. starts: fewest and most searches from different seeds, of which the best counts; few clusters
    take more, for each is soon done. refined: whether the search goes on over all colors.
    """

    levels: tuple[tuple[int, int], ...]
    cubes: int
    breaths: int
    share: float
    enough: float
    starts: tuple[int, int]
    refined: bool


_PLANS = {
    "balanced": _Plan(((128, 6), (1 << 30, 2)), 100_000, 12, 0.2, 5e-3, (1, 1), False),
    "best": _Plan(((1 << 30, 2),), 1 << 24, 40, 0.3, 1e-4, (3, 12), True),
}
_SHARED_STARTS = 400


class _Settled(NamedTuple):
    """Where a run has slowed down. weights: (k,) of its clusters. points: with the labels of its last
    round."""

    centers: FloatArray
    inertia: float
    weights: FloatArray
    points: ColorBlocks


def find_start(
    colors: RealArray,
    weights: FloatArray,
    n_clusters: int,
    *,
    init: str,
    seed: int,
    effort: str,
    on_round: Callable[[], None] | None = None,
) -> FloatArray:
    """First centers, (k, d), from which Lloyd's algorithm ends better than from those of `init`, mostly.

    colors: (n, 3) uint8. weights: (n,) whole numbers, 0 or more. effort: "balanced" or "best". on_round:
    called before each round; what it raises ends the search.
    """
    plan = _PLANS[effort]
    level = next(level for most, level in plan.levels if n_clusters <= most)
    few, masses = _coarse(colors, weights, level)
    while len(few) > plan.cubes:
        level += 1
        few, masses = _coarse(colors, weights, level)
    if len(few) < 4 * n_clusters:
        few, masses = colors, weights
    tell = on_round or (lambda: None)
    search = _Search(few, masses, n_clusters, plan, tell)
    least, most = plan.starts
    starts = 1 if init in seeding.WITHOUT_CHANCE else min(max(_SHARED_STARTS // n_clusters, least), most)
    found = [search.run(search.first_centers(init, seed + number)) for number in range(starts)]
    if not plan.refined:
        return min(found, key=_inertia).centers
    # Which is best among nearly equal ones shows on the colors themselves.
    search = _Search(colors, weights, n_clusters, plan, tell)
    return search.run(min((search.settled(one.centers) for one in found), key=_inertia).centers).centers


def _inertia(settled: "_Settled") -> float:
    return settled.inertia


class _Search:
    def __init__(
        self,
        colors: RealArray,
        weights: FloatArray,
        n_clusters: int,
        plan: _Plan,
        on_round: Callable[[], None],
    ) -> None:
        self.layout = Layout(colors, weights, n_clusters)
        self.n_clusters, self.plan, self.on_round = n_clusters, plan, on_round

    def first_centers(self, init: str, seed: int) -> FloatArray:
        layout = self.layout
        return seed_colors(layout.colors, layout.weights, self.n_clusters, method=init, seed=seed % 2**63)

    def run(self, start: FloatArray) -> _Settled:
        best = self.settled(start)
        if len(start) == 1:
            return best
        count = max(1, round(self.plan.share * len(start)))
        for breath in range(self.plan.breaths):
            full = self.settled(_with_more(best, count, by_length=breath % 2 == 0))
            trial = self.settled(np.delete(full.centers, _least_missed(full, count), axis=0))
            if trial.inertia < best.inertia * (1 - 1e-6):
                best = trial
            elif breath % 2 == 0:
                continue
            elif count == 1:
                break
            else:
                count //= 2
        return best

    def settled(self, centers: FloatArray) -> _Settled:
        """Rounds until one gains little."""
        points = ColorBlocks(self.layout, len(centers))
        before = np.inf
        for _ in range(_MAX_ROUNDS):
            self.on_round()
            total = merge(points.step(centers))
            centers, _, _ = update(total, points, centers)
            if total.inertia >= before * (1 - self.plan.enough):
                break
            before = total.inertia
        return _Settled(centers, total.inertia, total.weights, points)


def _coarse(colors: RealArray, weights: FloatArray, level: int) -> tuple[RealArray, FloatArray]:
    """Rounded mean colors of the cubes with this side that hold any, and the weight in each."""
    if level == 1:
        return colors, weights
    sums = coarsen(np.require(colors, np.uint8, ["C", "W"]), weights, level)
    return np.rint(sums[:, 1:] / sums[:, :1]).astype(np.uint8), sums[:, 0].copy()


def _with_more(settled: _Settled, count: int, *, by_length: bool) -> FloatArray:
    """The centers, and `count` more: the clusters that are longest, or have the largest error, get two, one
    towards each end."""
    spreads, axes = np.linalg.eigh(settled.points.scatter())
    wide = spreads[:, -1] if by_length else spreads.sum(axis=1)
    longest = np.argsort(-wide, kind="stable")[:count]
    variances = spreads[longest, -1] / np.maximum(settled.weights[longest], 1)
    ends = 0.8 * np.sqrt(variances)[:, None] * axes[longest, :, -1]
    centers = settled.centers.copy()
    centers[longest] -= ends
    return np.vstack([centers, settled.centers[longest] + ends])


def _least_missed(settled: _Settled, count: int) -> IndexArray:
    """The `count` clusters whose points lose least by going to the next center; no two that are each other's
    next, unless there are not enough."""
    centers = settled.centers
    near = neighbors(centers, min(_NEIGHBORS, len(centers) - 1))
    costs = settled.points.removal_costs(centers, near)
    nearest = near[:, 0].tolist()
    chosen: dict[int, None] = {}
    spared: set[int] = set()
    order = np.argsort(costs, kind="stable").tolist()
    for cluster in order:
        if len(chosen) < count and cluster not in spared:
            chosen[cluster] = None
            spared.add(nearest[cluster])
    rest = (cluster for cluster in order if cluster not in chosen)
    return np.array([*chosen, *rest][:count], dtype=np.intp)
