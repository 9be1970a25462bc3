"""First centers by splitting: always the cluster with the largest error, across its longest axis.

Source: Su and Dy, *In search of deterministic methods for initializing k-means and Gaussian mixture
clustering*, Intelligent Data Analysis 11 (2007), PCA-Part. The cut is made where it lowers the error most, as
Wu does (*Color quantization by dynamic programming and principal analysis*, ACM Trans. Graphics 11, 1992),
among 256 places. Uses no random numbers.
"""

import heapq
from typing import NamedTuple

import numpy as np

from kmeans_core.types import FloatArray, IndexArray, RealArray

_PLACES = 256


class _Cluster(NamedTuple):
    """Sorts by error, the largest first, and then by age. points: their indices. axis: the longest."""

    minus_error: float
    number: int
    points: IndexArray
    mean: FloatArray
    axis: FloatArray


def split_centers(points: RealArray, weights: FloatArray, n_clusters: int) -> FloatArray:
    """Means of `n_clusters` clusters, (k, d), all different; fewer if there are fewer distinct points.

    points: (n, d). weights: (n,); points of weight 0 count for nothing.
    """
    table = np.asarray(points, dtype=np.float64)
    inside = np.flatnonzero(weights > 0)
    masses = weights / weights.max()
    # Squares of tiny differences would vanish, and those of large ones overflow.
    middle = table[inside].mean(axis=0)
    scaled = (table - middle) / (float(np.abs(table[inside] - middle).max()) or 1.0)
    clusters = [_cluster(scaled, masses, inside, 0)]
    for number in range(1, 2 * n_clusters - 1, 2):
        if clusters[0].minus_error == 0:
            break
        widest = heapq.heappop(clusters)
        for place, part in enumerate(_halves(scaled, masses, widest)):
            heapq.heappush(clusters, _cluster(scaled, masses, part, number + place))
    in_order = [cluster.points for cluster in sorted(clusters, key=lambda one: one.number)]
    return np.array([masses[part] @ table[part] / masses[part].sum() for part in in_order])


def _cluster(table: FloatArray, weights: FloatArray, points: IndexArray, number: int) -> _Cluster:
    members, masses = table[points], weights[points]
    mean: FloatArray = masses @ members / masses.sum()
    apart = members - mean
    scatter = (apart * masses[:, None]).T @ apart
    _, axes = np.linalg.eigh(scatter)
    # Equal points may be apart from their mean by rounding.
    error = float(np.trace(scatter)) if (members != members[0]).any() else 0.0
    return _Cluster(-error, number, points, mean, axes[:, -1])


def _halves(table: FloatArray, weights: FloatArray, cluster: _Cluster) -> tuple[IndexArray, IndexArray]:
    """The points on either side of the best cut, both some."""
    masses = weights[cluster.points]
    along = (table[cluster.points] - cluster.mean) @ cluster.axis
    low, high = along.min(), along.max()
    if not high > low:  # differences that rounding has swallowed
        different = (table[cluster.points] != table[cluster.points[0]]).any(axis=1)
        return cluster.points[~different], cluster.points[different]
    places = np.minimum(((along - low) / (high - low) * _PLACES).astype(np.intp), _PLACES - 1)
    mass = np.bincount(places, masses, _PLACES)
    total = np.bincount(places, masses * along, _PLACES)
    left, left_sum = np.cumsum(mass)[:-1], np.cumsum(total)[:-1]
    right, right_sum = mass.sum() - left, total.sum() - left_sum
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = left_sum**2 / left + right_sum**2 / right
    gain[~((np.cumsum(np.bincount(places, minlength=_PLACES))[:-1] > 0) & np.isfinite(gain))] = -1.0
    below = places <= int(np.argmax(gain))
    return cluster.points[below], cluster.points[~below]
