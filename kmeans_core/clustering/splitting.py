"""Initial centers by splitting: the cluster with the largest error is cut across its longest axis, again and
again.

Source: Su and Dy, *In search of deterministic methods for initializing k-means and Gaussian mixture
clustering*, Intelligent Data Analysis 11 (2007), PCA-Part. The cut is made where it lowers the error most, as
Wu does (*Color quantization by dynamic programming and principal analysis*, ACM Trans. Graphics 11, 1992),
among 256 places. Uses no random numbers.
"""

import heapq
from typing import NamedTuple

import numpy as np

from kmeans_core.types import FloatArray, IndexArray, RealArray

_N_BINS = 256


class _Cluster(NamedTuple):
    """Sorts by error, the largest first, and then by age. points: their indices. axis: the longest."""

    minus_error: float
    number: int
    points: IndexArray
    mean: FloatArray
    axis: FloatArray


def split_centers(points: RealArray, weights: FloatArray, n_clusters: int) -> FloatArray:
    """Means of `n_clusters` clusters, (k, d), all different; fewer if there are fewer distinct points.

    points: (n, d). weights: (n,); points of weight 0 are ignored.
    """
    table = np.asarray(points, dtype=np.float64)
    positive = np.flatnonzero(weights > 0)
    masses = weights / weights.max()
    # Squares of tiny differences would vanish, and those of large ones overflow.
    offset = table[positive].mean(axis=0)
    scaled = (table - offset) / (float(np.abs(table[positive] - offset).max()) or 1.0)
    clusters = [_cluster(scaled, masses, positive, 0)]
    for number in range(1, 2 * n_clusters - 1, 2):
        if clusters[0].minus_error == 0:
            break
        widest = heapq.heappop(clusters)
        for place, members in enumerate(_split(scaled, masses, widest)):
            heapq.heappush(clusters, _cluster(scaled, masses, members, number + place))
    in_order = [cluster.points for cluster in sorted(clusters, key=lambda one: one.number)]
    return np.array([masses[members] @ table[members] / masses[members].sum() for members in in_order])


def _cluster(table: FloatArray, weights: FloatArray, points: IndexArray, number: int) -> _Cluster:
    members, masses = table[points], weights[points]
    mean: FloatArray = masses @ members / masses.sum()
    differences = members - mean
    scatter = (differences * masses[:, None]).T @ differences
    _, axes = np.linalg.eigh(scatter)
    # Rounding may move equal points away from their mean.
    error = float(np.trace(scatter)) if (members != members[0]).any() else 0.0
    return _Cluster(-error, number, points, mean, axes[:, -1])


def _split(points: FloatArray, weights: FloatArray, cluster: _Cluster) -> tuple[IndexArray, IndexArray]:
    """The points on either side of the best cut; neither side is empty."""
    masses = weights[cluster.points]
    along = (points[cluster.points] - cluster.mean) @ cluster.axis
    low, high = along.min(), along.max()
    if not high > low:  # differences that rounding has swallowed
        different = (points[cluster.points] != points[cluster.points[0]]).any(axis=1)
        return cluster.points[~different], cluster.points[different]
    bins = np.minimum(((along - low) / (high - low) * _N_BINS).astype(np.intp), _N_BINS - 1)
    bin_weights = np.bincount(bins, masses, _N_BINS)
    total = np.bincount(bins, masses * along, _N_BINS)
    left, left_sum = np.cumsum(bin_weights)[:-1], np.cumsum(total)[:-1]
    right, right_sum = bin_weights.sum() - left, total.sum() - left_sum
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = left_sum**2 / left + right_sum**2 / right
    gain[~((np.cumsum(np.bincount(bins, minlength=_N_BINS))[:-1] > 0) & np.isfinite(gain))] = -1.0
    below = bins <= int(np.argmax(gain))
    return cluster.points[below], cluster.points[~below]
