"""k-means++ for tables, compiled and in threads: the centers of `seeding.py`, several times as fast.

A new center is no nearer to a point than the center that it has, if the two centers are twice as far apart
as the point is from its own: such points are not read (Elkan, *Using the triangle inequality to accelerate
k-means*, ICML 2003, lemma 1). What is drawn next needs sums over blocks of points, which each pass leaves.
"""

from typing import NamedTuple

import numpy as np

from kmeans_core.clustering import seeding, threads
from kmeans_core.clustering.jit import compiled
from kmeans_core.clustering.table_points import as_floats
from kmeans_core.types import FloatArray, LabelArray, RealArray

_BLOCK_SIZE = 1024
# Differences of coordinates that are worth another thread.
_WORK_PER_THREAD = 100_000


class Closest(NamedTuple):
    """squares: (n,) squared distance of each point to the nearest center so far. nearest: (n,) its index."""

    squares: FloatArray
    nearest: LabelArray


@compiled
def _square_below(points: RealArray, row: int, center: FloatArray) -> float:
    square = 0.0
    for dim in range(points.shape[1]):
        difference = points[row, dim] - center[dim]
        square += difference * difference
    return square


@compiled
def lower_rows(
    points: RealArray,
    weights: FloatArray,
    center: FloatArray,
    apart: FloatArray,
    closest: Closest,
    keeps: bool,
    blocks: tuple[int, int],
    potentials: FloatArray,
) -> None:
    """Weighted sum of the squared distances to the nearest center, with a new one, of each block from the
    first to the last into `potentials`, (m,).

    points: (n, d). weights: (n,), or empty where all are 1. center: (d,) the new one. apart: (c,) its squared
    distance to each of those before. keeps: whether `closest` is changed.
    """
    squares, nearest = closest
    for block in range(blocks[0], blocks[1]):
        total = 0.0
        for row in range(block * _BLOCK_SIZE, min(points.shape[0], (block + 1) * _BLOCK_SIZE)):
            least = squares[row]
            if len(apart) == 0 or 4.0 * least > apart[nearest[row]] * (1 - 1e-9):
                square = _square_below(points, row, center)
                if square < least:
                    least = square
                    if keeps:
                        squares[row], nearest[row] = square, len(apart)
            total += least if len(weights) == 0 else least * weights[row]
        potentials[block] = total


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
        self.centers: list[FloatArray] = []

    def add(self, row: int) -> None:
        center = self.points[row].astype(np.float64)
        self._lower(center, self.potentials, keeps=True)
        self.centers.append(center)

    def error_with(self, row: int) -> float:
        """The inertia, were this point the next center."""
        potentials = np.empty_like(self.potentials)
        self._lower(self.points[row].astype(np.float64), potentials, keeps=False)
        return float(potentials.sum())

    def _lower(self, center: FloatArray, potentials: FloatArray, *, keeps: bool) -> None:
        apart = ((np.array(self.centers) - center) ** 2).sum(axis=1) if self.centers else np.empty(0)

        def lower(blocks: tuple[int, int]) -> None:
            lower_rows(self.points, self.weights, center, apart, self.closest, keeps, blocks, potentials)

        threads.map_threaded(lower, self.ranges)

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
    is_plain = bool((weights == 1).all())
    state = _Seeding(as_floats(points), np.empty(0) if is_plain else weights)
    state.add(seeding.draw(weights, rng))
    while len(state.centers) < n_clusters:
        drawn = [state.drawn(rng.random()) for _ in range(n_local_trials)]
        errors = [0.0] if len(drawn) == 1 else [state.error_with(row) for row in drawn]
        state.add(drawn[int(np.argmin(errors))])
    return np.array(state.centers)
