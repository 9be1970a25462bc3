"""What the kernels of `jit_tables.py` work on."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kmeans_core.types import FloatArray, LabelArray, RealArray

Lanes = NDArray[np.float32]
# Rows that are scored together: so many with rows in vector lanes, fewer with columns in them.
ROWS, WIDE_ROWS = 256, 64
# Centers in a group: padded to a multiple of this with rows or columns in lanes.
GROUP, WIDE_GROUP = 4, 3
# The score of padding, which is never the best.
FAR = np.float32(3e38)


class Rows(NamedTuple):
    """Rows, and what is kept of them: 8 bytes each.

    points: (n, d). weights: (n,), or empty where all are 1. labels: (n,) int32, -1 at first. room: (n,) how
    far centers may have moved in all (`Centers.moved`) before the label can change; -inf at first.
    """

    points: RealArray
    weights: FloatArray
    labels: LabelArray
    room: Lanes


class Centers(NamedTuple):
    """Centers of an iteration.

    exact: (k, d). origin, scale: what scaled coordinates are taken about, and multiplied with. small, halves:
    (m, e), (m,) scaled, and half their squared norms, padded with zeros and `FAR`. errors: (4,) of a score:
    constant, for each unit of a row's norm, and of its squared norm; and of squared norms, relative. moved:
    (k,) how far each has moved in all, and the farthest of the others, together.
    """

    exact: FloatArray
    origin: FloatArray
    scale: float
    small: Lanes
    halves: Lanes
    errors: Lanes
    moved: Lanes


class Sums(NamedTuple):
    """Sums of each cluster. high, low: (k, d + 2) of the weighted coordinates, weights, and weighted squared
    distances to `about`, in two parts. about: (k, d). members: (k,) rows of positive weight. lost: (k,)
    whether a row has left that was so large that the others may have lost digits."""

    high: FloatArray
    low: FloatArray
    about: FloatArray
    members: NDArray[np.int64]
    lost: NDArray[np.bool_]
