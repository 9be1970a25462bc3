"""Where the centers start. Every method counts a point of weight n like n equal points.

They run on the driver, on the same random stream whatever the backend; k-means|| runs where the points are.
On 8-bit colors the squared distances, weights and running totals are integers below 2⁵³, exact in float64, so
every backend starts from the same centers for the same seed.
"""

import math
from collections.abc import Callable

import numpy as np

from kmeans_core.clustering import kernels
from kmeans_core.clustering.candidates import Answer, Partitions, draw_candidates
from kmeans_core.clustering.kernels import Partition
from kmeans_core.clustering.splitting import split_centers
from kmeans_core.types import FloatArray, RealArray

# Those that come out the same whatever the seed.
WITHOUT_CHANCE = ("splitting", "maximin", "first")
METHODS = ("k-means++", "greedy", "k-means||", "splitting", "maximin", "random", "first")
INITS = {name: name for name in METHODS}  # name → title

_BLOCK = 1024

LowerClosest = Callable[[FloatArray, FloatArray, FloatArray], None]


def seed_centers(
    points: RealArray,
    weights: RealArray,
    n_clusters: int,
    *,
    method: str,
    seed: int,
    lower_closest: LowerClosest = kernels.lower_closest,
) -> FloatArray:
    """First centers, (k, d) float64: `n_clusters` of the points, or means of some by "splitting".

    points: (n, d). weights: (n,); points of weight 0 are never picked. method: one of `METHODS`.
    lower_closest: the kernel that k-means++ and maximin spend their time in, `kernels.lower_closest` or
    its compiled twin.
    """
    weights = weights.astype(np.float64)
    if method == "k-means||":
        return kmeans_parallel(_InOnePiece(Partition(points, weights)), n_clusters, seed)
    if method == "first":  # as a textbook walks through the method
        return distinct_points(points, weights, n_clusters).astype(np.float64)
    if method == "splitting":
        return split_centers(points, weights, n_clusters)
    if method == "random":
        chosen = _random(weights, n_clusters, np.random.default_rng(seed))
    elif draws := tries(method, n_clusters):
        rng = np.random.default_rng(seed)
        chosen = _kmeans_plus_plus(points, weights, n_clusters, rng, lower_closest, draws)
    else:
        chosen = _maximin(points, weights, n_clusters, lower_closest)
    return np.asarray(points[chosen], dtype=np.float64)


def tries(method: str, n_clusters: int) -> int:
    """Points that k-means++ draws for each center, to take the best; 0 for other methods."""
    return {"k-means++": 1, "greedy": 2 + int(math.log(n_clusters))}.get(method, 0)


def kmeans_parallel(points: Partitions, n_clusters: int, seed: int) -> FloatArray:
    """First centers by k-means||, (k, d), for points that may lie on a cluster: candidates drawn there, in a
    few passes, and k-means++ among these here. Fewer centers if there are fewer distinct points."""
    candidates, masses = draw_candidates(points, n_clusters, seed)
    n_clusters = min(n_clusters, len(candidates))
    return seed_centers(candidates, masses, n_clusters, method="k-means++", seed=seed)


class _InOnePiece:
    def __init__(self, partition: Partition) -> None:
        self.partition = partition

    def each(self, ask: Callable[[Partition], Answer]) -> list[Answer]:
        return [ask(self.partition)]


def with_fixed(centers: FloatArray, fixed: FloatArray, n_clusters: int) -> FloatArray:
    """`n_clusters` first centers, (k, d): those that are to stay, (m, d), before others. Each takes the place
    of the nearest one that is left, as long as there are too many."""
    left = centers
    for center in fixed:
        if len(left) + len(fixed) == n_clusters:
            break
        nearest = int(np.argmin(((left - center) ** 2).sum(axis=1)))
        left = np.delete(left, nearest, axis=0)
    return np.vstack([fixed, left])


def with_more(
    points: RealArray, centers: FloatArray, n_clusters: int, rng: np.random.Generator
) -> FloatArray:
    """`n_clusters` first centers, (k, d): those given, (m, d), before points added one by one as greedy
    k-means++ does. Fewer when every point is a center already.

    points: (n, d), each of weight 1.
    """
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    closest = np.empty(len(points))
    kernels.assign(columns, centers, closest)
    found = [*centers]
    while len(found) < n_clusters and closest.sum() > 0:
        draws = tries("greedy", len(found) + 1)
        index, closest = _best_of_draws(columns, None, closest, draws, rng, kernels.lower_closest)
        found.append(columns[:, index])
    return np.array(found)


def distinct_points(points: RealArray, weights: RealArray, at_most: int) -> RealArray:
    """Up to `at_most` distinct points of positive weight, in the order of their first appearance.

    Looks at longer and longer runs from the front, so data with enough distinct points cost next to nothing.
    """
    length = 4 * at_most
    while True:
        head = points[:length][weights[:length] > 0]
        _, first = np.unique(head, axis=0, return_index=True)
        if len(first) >= at_most or length >= len(points):
            return head[np.sort(first)[:at_most]]
        length *= 4


def _random(weights: FloatArray, n_clusters: int, rng: np.random.Generator) -> list[int]:
    """Points drawn without replacement, each with a chance in proportion to its weight (Forgy 1965).

    The points that `rng.choice` would draw, in a third of the time.
    """
    left, chosen = weights.copy(), np.empty(0, dtype=np.intp)
    while len(chosen) < n_clusters:
        running = np.cumsum(left)
        targets = rng.random(n_clusters - len(chosen)) * running[-1]
        # Rounding may carry a target to the end: then the last point that has any weight.
        last = np.searchsorted(running, running[-1])
        drawn = np.minimum(np.searchsorted(running, targets, side="right"), last)
        _, first = np.unique(drawn, return_index=True)
        chosen = np.concatenate([chosen, drawn[np.sort(first)]])
        left[chosen] = 0.0
    return [int(i) for i in chosen]


def _kmeans_plus_plus(
    points: RealArray,
    weights: FloatArray,
    n_clusters: int,
    rng: np.random.Generator,
    lower_closest: LowerClosest,
    tries: int,
) -> list[int]:
    """Each next center drawn with a chance in proportion to weight times squared distance to the nearest
    center so far (Arthur and Vassilvitskii, *k-means++: The Advantages of Careful Seeding*, SODA 2007).

    tries: with more than one, so many are drawn, and the one that lowers the error most is taken (section 5).
    """
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    closest = np.full(len(weights), np.inf)
    chosen = [_draw(weights, rng)]
    lower_closest(columns, columns[:, chosen[0]].copy(), closest)
    while len(chosen) < n_clusters:
        found, closest = _best_of_draws(columns, weights, closest, tries, rng, lower_closest)
        chosen.append(found)
    return chosen


def _best_of_draws(
    columns: FloatArray,
    weights: FloatArray | None,
    closest: FloatArray,
    tries: int,
    rng: np.random.Generator,
    lower_closest: LowerClosest,
) -> tuple[int, FloatArray]:
    """Which of `tries` points drawn lowers the error most, and the squared distances, (n,), with it as a
    center; `closest` are those without, which may be written over."""
    chances = closest if weights is None else weights * closest
    drawn = [_draw(chances, rng) for _ in range(tries)]
    if tries == 1:
        lower_closest(columns, columns[:, drawn[0]].copy(), closest)
        return drawn[0], closest
    best, found, least = closest, drawn[0], np.inf
    for index in drawn:
        after = closest.copy()
        lower_closest(columns, columns[:, index].copy(), after)
        error = float(after.sum() if weights is None else weights @ after)
        if error < least:
            best, found, least = after, index, error
    return found, best


def _maximin(
    points: RealArray, weights: FloatArray, n_clusters: int, lower_closest: LowerClosest
) -> list[int]:
    """The heaviest point, then always the point farthest from all centers so far, lowest index on a tie
    (Gonzalez, *Clustering to minimize the maximum intercluster distance*, 1985). Uses no random numbers."""
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    closest = np.where(weights > 0, np.inf, -1.0)
    chosen = [int(np.argmax(weights))]
    while len(chosen) < n_clusters:
        lower_closest(columns, columns[:, chosen[-1]].copy(), closest)
        chosen.append(int(np.argmax(closest)))
    return chosen


def _draw(chances: FloatArray, rng: np.random.Generator) -> int:
    """An index drawn with a probability in proportion to `chances`, which are not all zero.

    Finds the block first, then the place in it: one long running total would take half of k-means++'s time.
    """
    blocks = np.add.reduceat(chances, np.arange(0, len(chances), _BLOCK))
    running = np.cumsum(blocks)
    target = rng.random() * running[-1]
    block = _first_above(running, target)
    before = running[block] - blocks[block]
    start = block * _BLOCK
    return start + _first_above(np.cumsum(chances[start : start + _BLOCK]), max(target - before, 0.0))


def _first_above(running: FloatArray, target: float) -> int:
    """The first place where a running total passes `target`; rounding may carry a target past the end,
    then the last place that added something."""
    found = int(np.searchsorted(running, target, side="right"))
    return min(found, int(np.searchsorted(running, running[-1])))
