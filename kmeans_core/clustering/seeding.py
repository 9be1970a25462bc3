"""Choosing the initial centers. Every method counts a point of weight n like n equal points.

They run on the driver, on the same random stream whatever the backend; k-means|| runs where the points are.
On 8-bit colors the squared distances, weights and running totals are integers below 2⁵³, exact in float64, so
every backend starts from the same centers for the same seed.
"""

import math
from collections.abc import Callable

import numpy as np

from kmeans_core.clustering import kernels
from kmeans_core.clustering.candidates import Partitions, Result, draw_candidates
from kmeans_core.clustering.kernels import Partition
from kmeans_core.clustering.splitting import split_centers
from kmeans_core.types import FloatArray, RealArray

# Methods whose result does not depend on the seed.
DETERMINISTIC_METHODS = ("splitting", "maximin", "first")
INIT_METHODS = ("k-means++", "greedy", "k-means||", "splitting", "maximin", "random", "first")
INITS = {name: name for name in INIT_METHODS}  # name → title

_BLOCK_SIZE = 1024

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
    """Initial centers: `n_clusters` of the points, or with "splitting" means of some.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        At least k distinct ones of positive weight.
    weights : ndarray, shape (n,)
        Points of weight 0 are never picked.
    n_clusters : int
        k.
    method : str
        One of `INIT_METHODS`.
    seed : int
        Of every random choice.
    lower_closest : callable, default `kernels.lower_closest`
        The kernel that k-means++ and maximin spend their time in, or its compiled twin.

    Returns
    -------
    ndarray of float64, shape (k, d)
    """
    weights = weights.astype(np.float64)
    if method == "k-means||":
        return kmeans_parallel(_OnePartition(Partition(points, weights)), n_clusters, seed)
    if method == "first":  # as a textbook walks through the method
        return distinct_points(points, weights, n_clusters).astype(np.float64)
    if method == "splitting":
        return split_centers(points, weights, n_clusters)
    if method == "random":
        chosen = _random(weights, n_clusters, np.random.default_rng(seed))
    elif trials := n_local_trials(method, n_clusters):
        rng = np.random.default_rng(seed)
        chosen = _kmeans_plus_plus(points, weights, n_clusters, rng, lower_closest, trials)
    else:
        chosen = _maximin(points, weights, n_clusters, lower_closest)
    return np.asarray(points[chosen], dtype=np.float64)


def n_local_trials(method: str, n_clusters: int) -> int:
    """How many points k-means++ draws for each center before it takes the best; 0 for other methods."""
    return {"k-means++": 1, "greedy": 2 + int(math.log(n_clusters))}.get(method, 0)


def kmeans_parallel(points: Partitions, n_clusters: int, seed: int) -> FloatArray:
    """Initial centers by k-means||, for points that may be on a cluster.

    Candidates are drawn there, in a few passes, and k-means++ chooses among them here.

    Parameters
    ----------
    points : Partitions
    n_clusters : int
        k.
    seed : int

    Returns
    -------
    ndarray of float64, shape (k, d)
        Fewer centers if there are fewer distinct points.
    """
    candidates, weights = draw_candidates(points, n_clusters, seed)
    n_clusters = min(n_clusters, len(candidates))
    return seed_centers(candidates, weights, n_clusters, method="k-means++", seed=seed)


def few_points_note(n_distinct: int, n_clusters: int, where: str = "") -> str:
    """The note that there are fewer distinct points than clusters. where: " in a sample", for example."""
    if n_distinct == 1:
        return f"There is only 1 distinct point{where} for {n_clusters:,} clusters, so it is the only center."
    points = f"{n_distinct:,} distinct points{where}"
    return f"There are only {points} for {n_clusters:,} clusters, so each has a center of its own."


class _OnePartition:
    def __init__(self, partition: Partition) -> None:
        self.partition = partition

    def each(self, function: Callable[[Partition], Result]) -> list[Result]:
        return [function(self.partition)]


def with_fixed(centers: FloatArray, fixed: FloatArray, n_clusters: int) -> FloatArray:
    """`n_clusters` initial centers, (k, d): the fixed ones, (m, d), then the others. Each fixed one replaces
    the nearest of the others while there are too many.
    """
    others = centers
    for center in fixed:
        if len(others) + len(fixed) == n_clusters:
            break
        nearest = int(np.argmin(((others - center) ** 2).sum(axis=1)))
        others = np.delete(others, nearest, axis=0)
    return np.vstack([fixed, others])


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
    grown = [*centers]
    while len(grown) < n_clusters and closest.sum() > 0:
        draws = n_local_trials("greedy", len(grown) + 1)
        index, closest = _best_of_draws(columns, None, closest, draws, rng, kernels.lower_closest)
        grown.append(columns[:, index])
    return np.array(grown)


def distinct_points(points: RealArray, weights: RealArray, max_points: int) -> RealArray:
    """Up to `max_points` distinct points of positive weight, in the order of their first appearance.

    Looks at ever more points from the front, so data with many distinct points cost next to nothing.
    """
    length = 4 * max_points
    while True:
        head = points[:length][weights[:length] > 0]
        _, first = np.unique(head, axis=0, return_index=True)
        if len(first) >= max_points or length >= len(points):
            return head[np.sort(first)[:max_points]]
        length *= 4


def _random(weights: FloatArray, n_clusters: int, rng: np.random.Generator) -> list[int]:
    """Points drawn without replacement, with probability proportional to their weight (Forgy 1965).

    The points that `rng.choice` would draw, in a third of the time.
    """
    remaining_weights, chosen = weights.copy(), np.empty(0, dtype=np.intp)
    while len(chosen) < n_clusters:
        running = np.cumsum(remaining_weights)
        targets = rng.random(n_clusters - len(chosen)) * running[-1]
        # Rounding may carry a target to the end; then take the last point of positive weight.
        last = np.searchsorted(running, running[-1])
        drawn = np.minimum(np.searchsorted(running, targets, side="right"), last)
        _, first = np.unique(drawn, return_index=True)
        chosen = np.concatenate([chosen, drawn[np.sort(first)]])
        remaining_weights[chosen] = 0.0
    return [int(i) for i in chosen]


def _kmeans_plus_plus(
    points: RealArray,
    weights: FloatArray,
    n_clusters: int,
    rng: np.random.Generator,
    lower_closest: LowerClosest,
    tries: int,
) -> list[int]:
    """Each further center is drawn with probability proportional to weight times squared distance to the
    nearest center so far (Arthur and Vassilvitskii, *k-means++: The Advantages of Careful Seeding*, SODA
    2007).

    tries: how many points are drawn for each center; the one that lowers the inertia most is taken
    (section 5).
    """
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    closest = np.full(len(weights), np.inf)
    chosen = [draw(weights, rng)]
    lower_closest(columns, columns[:, chosen[0]].copy(), closest)
    while len(chosen) < n_clusters:
        index, closest = _best_of_draws(columns, weights, closest, tries, rng, lower_closest)
        chosen.append(index)
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
    potentials = closest if weights is None else weights * closest
    drawn = [draw(potentials, rng) for _ in range(tries)]
    if tries == 1:
        lower_closest(columns, columns[:, drawn[0]].copy(), closest)
        return drawn[0], closest
    best, chosen, min_error = closest, drawn[0], np.inf
    for index in drawn:
        after = closest.copy()
        lower_closest(columns, columns[:, index].copy(), after)
        error = float(after.sum() if weights is None else weights @ after)
        if error < min_error:
            best, chosen, min_error = after, index, error
    return chosen, best


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


def draw(potentials: FloatArray, rng: np.random.Generator) -> int:
    """An index drawn with a probability in proportion to `potentials`, which are not all zero."""
    blocks = np.add.reduceat(potentials, np.arange(0, len(potentials), _BLOCK_SIZE))
    return place_of(rng.random(), blocks, _BLOCK_SIZE, lambda block: potentials[block])


def place_of(
    number: float, blocks: FloatArray, size: int, potentials_of: Callable[[slice], FloatArray]
) -> int:
    """The index where the running total of potentials passes a share of the whole.

    Finds the block first, then the place in it: one long running total would take half of k-means++'s time.
    number: the share, from 0 to 1. blocks: (m,) the total of each `size` potentials. potentials_of: those of
    one block.
    """
    running = np.cumsum(blocks)
    target = number * running[-1]
    block = _first_above(running, target)
    before = running[block] - blocks[block]
    start = block * size
    potentials = potentials_of(slice(start, start + size))
    return start + _first_above(np.cumsum(potentials), max(target - before, 0.0))


def _first_above(running: FloatArray, target: float) -> int:
    """The first place where a running total passes `target`; rounding may carry a target past the end,
    then the last place that added something."""
    index = int(np.searchsorted(running, target, side="right"))
    return min(index, int(np.searchsorted(running, running[-1])))
