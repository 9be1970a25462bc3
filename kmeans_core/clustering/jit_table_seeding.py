"""k-means++ for tables, compiled and in threads: the centers of `seeding.py`, several times as fast.

A new center is no nearer to a point than the center that it has, if the two centers are twice as far apart
as the point is from its own: such points are not read (Elkan, *Using the triangle inequality to accelerate
k-means*, ICML 2003, lemma 1). What is drawn next needs sums over blocks of points, which each pass leaves.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kmeans_core.clustering import seeding, threads
from kmeans_core.clustering.jit import compiled
from kmeans_core.clustering.table_points import as_floats, none_if_ones
from kmeans_core.types import FloatArray, LabelArray, RealArray

_BLOCK_SIZE = 1024
# Of what the triangle inequality says, for roundings.
_NEAR = 1 - 1e-9
# Differences of coordinates that are worth another thread.
_WORK_PER_THREAD = 100_000


class Closest(NamedTuple):
    """squares: (n,) squared distance of each point to the nearest center so far. nearest: (n,) its index."""

    squares: FloatArray
    nearest: LabelArray


@compiled
def lower_rows(
    points: RealArray,
    weights: FloatArray,
    center: FloatArray,
    apart: FloatArray,
    closest: Closest,
    blocks: tuple[int, int],
    potentials: FloatArray,
) -> None:
    """Lowers `closest` to the distances to a new center, and adds up the blocks from the first to the last
    into `potentials`, (m,): weighted squared distances.

    points: (n, d). weights: (n,), or empty where all are 1. center: (d,). apart: (c,) its squared distance to
    each of those before.
    """
    squares, nearest = closest
    for block in range(blocks[0], blocks[1]):
        total = 0.0
        for row in range(block * _BLOCK_SIZE, min(points.shape[0], (block + 1) * _BLOCK_SIZE)):
            if len(apart) == 0 or 4.0 * squares[row] > apart[nearest[row]] * _NEAR:
                square = 0.0
                for dim in range(points.shape[1]):
                    difference = points[row, dim] - center[dim]
                    square += difference * difference
                if square < squares[row]:
                    squares[row], nearest[row] = square, len(apart)
            total += squares[row] * (weights[row] if len(weights) else 1.0)
        potentials[block] = total


@compiled
def add_errors(
    points: RealArray,
    weights: FloatArray,
    centers: FloatArray,
    apart: FloatArray,
    closest: Closest,
    blocks: tuple[int, int],
    errors: FloatArray,
) -> None:
    """Weighted sum of the squared distances to the nearest center, had it been one of some new ones, of the
    blocks from the first to the last into `errors`, (t, m).

    centers: (t, d) the new ones. apart: (t, c). The rest is as of `lower_rows()`; nothing is changed.
    """
    (squares, nearest), n_dims = closest, points.shape[1]
    active, distances = np.empty(_BLOCK_SIZE, np.int64), np.empty(_BLOCK_SIZE)
    lanes = np.empty((n_dims, _BLOCK_SIZE))
    for block in range(blocks[0], blocks[1]):
        count, rest = 0, 0.0
        for row in range(block * _BLOCK_SIZE, min(points.shape[0], (block + 1) * _BLOCK_SIZE)):
            is_near = False
            for t in range(centers.shape[0]):
                is_near |= 4.0 * squares[row] > apart[t, nearest[row]] * _NEAR
            active[count] = row
            count += is_near
            rest += 0.0 if is_near else squares[row] * (weights[row] if len(weights) else 1.0)
        for dim in range(n_dims):
            for i in range(count):
                lanes[dim, i] = points[active[i], dim]
        for t in range(centers.shape[0]):
            distances[:count] = 0.0
            for dim in range(n_dims):
                lane, center = lanes[dim], centers[t, dim]
                for i in range(count):
                    distances[i] += (lane[i] - center) * (lane[i] - center)
            total = rest
            for i in range(count):
                least = min(squares[active[i]], distances[i])
                total += least * (weights[active[i]] if len(weights) else 1.0)
            errors[t, block] = total


class _Seeding:
    """Centers drawn one by one. weights: as of `lower_rows()`."""

    def __init__(self, points: RealArray, weights: FloatArray) -> None:
        self.points, self.weights = points, weights
        n_points, n_dims = points.shape
        self.closest = Closest(np.full(n_points, np.inf), np.zeros(n_points, np.int32))
        n_blocks = -(-n_points // _BLOCK_SIZE)
        useful = n_points * n_dims // _WORK_PER_THREAD
        self.ranges = threads.split_range(n_blocks, min(threads.usable_cores(), useful))
        self.potentials = np.empty(n_blocks)
        self.centers = np.empty((0, n_dims))

    def add(self, row: int) -> None:
        center = self.points[row].astype(np.float64)
        apart = ((self.centers - center) ** 2).sum(axis=1)

        def lower(blocks: tuple[int, int]) -> None:
            lower_rows(self.points, self.weights, center, apart, self.closest, blocks, self.potentials)

        threads.map_threaded(lower, self.ranges)
        self.centers = np.vstack([self.centers, center])

    def best_of(self, rows: Sequence[int]) -> int:
        """The point that would lower the inertia most as the next center; the first on a tie."""
        if len(rows) == 1:
            return rows[0]
        centers = self.points[list(rows)].astype(np.float64)
        apart = ((centers[:, None] - self.centers) ** 2).sum(axis=2)

        errors = np.empty((len(rows), len(self.potentials)))

        def add(blocks: tuple[int, int]) -> None:
            add_errors(self.points, self.weights, centers, apart, self.closest, blocks, errors)

        threads.map_threaded(add, self.ranges)
        return rows[int(np.argmin(errors.sum(axis=1)))]

    def drawn(self, number: float) -> int:
        """The point where the running sum of potentials passes this share of the whole."""

        def potentials_of(block: slice) -> FloatArray:
            squares = self.closest.squares[block]
            return squares * self.weights[block] if len(self.weights) else squares

        return seeding.place_of(number, self.potentials, _BLOCK_SIZE, potentials_of)


def seed_table(
    points: RealArray, weights: FloatArray, n_clusters: int, *, n_local_trials: int, seed: int
) -> FloatArray:
    """As `seeding.seed_centers`, by k-means++.

    weights: (n,). n_local_trials: draws for each center but the first; the one
    that lowers the inertia most is taken.
    """
    rng = np.random.default_rng(seed)
    state = _Seeding(as_floats(points), none_if_ones(weights))
    state.add(seeding.draw(weights, rng))
    while len(state.centers) < n_clusters:
        state.add(state.best_of([state.drawn(rng.random()) for _ in range(n_local_trials)]))
    return state.centers
