"""Coordinates of tables in 32 bits: about what, in which scale, and how wrong scores can be."""

import math
from dataclasses import dataclass

import numpy as np

from kmeans_core.clustering.table_state import FAR, GROUP, WIDE_GROUP, Centers, Lanes
from kmeans_core.types import FloatArray, RealArray

# Of 32 bits, for coordinates, scores and half squared norms alike; a tenth more for what is of second order.
_UNIT = 1.1 * 2.0**-24
# Scaled coordinates of centers, at most.
_MAX_SCALED = 2.0**50
_SAMPLED = 1000


@dataclass(frozen=True)
class Frame:
    """Where and how large points are, so that 32 bits hold their coordinates well: (x - origin) · scale.

    origin: (d,). scale: a power of two.
    """

    origin: FloatArray
    scale: float

    @classmethod
    def of(cls, points: RealArray, centers: FloatArray) -> "Frame":
        """About the middle of some centers, with some of the points at most 1 away in each column."""
        origin = centers.mean(axis=0)
        sample = points[:: max(1, len(points) // _SAMPLED)][:_SAMPLED]
        farthest = max(float(np.abs(rows - origin).max()) for rows in (sample, centers))
        exponent = math.frexp(farthest)[1] if farthest else 0
        return cls(origin, math.ldexp(1.0, min(max(-exponent, -1000), 1000)))

    def holds(self, centers: FloatArray) -> bool:
        """Whether squares of scaled centers, and products with points, are far from the end of 32 bits."""
        return bool(np.abs(centers - self.origin).max() * self.scale < _MAX_SCALED)

    @property
    def has_room(self) -> bool:
        """Whether squares of distances do not vanish in 64 bits, as `Rows.room` needs."""
        return self.scale < 2.0**400

    @np.errstate(over="ignore", under="ignore", invalid="ignore")  # infinite errors leave all to 64 bits
    def centers(self, exact: FloatArray, moved: FloatArray, is_wide: bool) -> Centers:
        """Centers as kernels take them. moved: (k,) as of `Centers`."""
        n_clusters, n_dims = exact.shape
        group = WIDE_GROUP if is_wide else GROUP
        width = n_dims if is_wide else -(-n_dims // GROUP) * GROUP
        scaled = (exact - self.origin) * self.scale
        norms = (scaled * scaled).sum(axis=1)
        small = np.zeros((-(-n_clusters // group) * group, width), np.float32)
        small[:n_clusters, :n_dims] = scaled
        halves = np.full(len(small), FAR)
        halves[:n_clusters] = norms / 2
        return Centers(
            exact,
            self.origin,
            self.scale,
            small,
            halves,
            self._errors(n_dims, float(norms.max())),
            moved.astype(np.float32),
        )

    def _errors(self, n_dims: int, square: float) -> Lanes:
        """As of `Centers`. square: the largest squared norm of a center.

        A score is a sum of d products and one more term. Of 64 bits, what brute force loses in the sum of d
        squares counts as well, and where these vanish.
        """
        terms = _UNIT * (n_dims + 8)
        squares = (n_dims + 4) * 2.0**-50
        vanished = n_dims * (2.0**-1073 * self.scale * self.scale + 2.0**-125)
        return np.array(
            [
                (terms + squares) * square + vanished,
                terms * math.sqrt(square) + vanished,
                squares,
                terms,
            ]
        ).astype(np.float32)
