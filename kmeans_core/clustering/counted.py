"""Counted colors: 8-bit colors weighted by whole numbers of pixels, whose sums are exact in float64.

Their sums are the same, bit for bit, in any order and on any number of machines.
"""

import numpy as np

from kmeans_core.types import FloatArray, LabelArray, RealArray

# Times the largest squared norm of a color, it is a whole number that float64 has exactly.
MAX_EXACT_WEIGHT = (2**53 - 1) // (3 * 255**2)


def are_counted(points: RealArray, weights: RealArray) -> bool:
    """Whether points and weights are counted colors: 8-bit, and the weights whole and small enough.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Counted only if (n, 3) uint8.
    weights : ndarray, shape (n,)
        Whole numbers whose sum is at most `MAX_EXACT_WEIGHT`.

    Returns
    -------
    bool
    """
    return (
        points.dtype == np.uint8
        and points.shape[1] == 3
        and bool((weights == np.rint(weights)).all())
        and float(weights.sum()) <= MAX_EXACT_WEIGHT
    )


def cluster_sums(colors: RealArray, weights: RealArray, labels: LabelArray, n_clusters: int) -> FloatArray:
    """The sums of each cluster of counted colors.

    Parameters
    ----------
    colors : ndarray of uint8, shape (n, 3)
    weights : ndarray, shape (n,)
    labels : ndarray of int32, shape (n,)
    n_clusters : int
        k.

    Returns
    -------
    ndarray of float64, shape (k, 5)
        Weight, weighted sum of each channel, and of the squared norms; exact.
    """
    channels = colors.T.astype(np.float64)
    terms = [np.ones(len(labels)), *channels, (channels**2).sum(axis=0)]
    return np.stack([np.bincount(labels, weights * term, n_clusters) for term in terms], axis=1)


def inertia_from_sums(sums: FloatArray, centers: FloatArray) -> float:
    """Weighted sum of squared distances between colors and the centers of their clusters.

    Parameters
    ----------
    sums : ndarray of float64, shape (k, 5)
        From `cluster_sums()`.
    centers : ndarray of float64, shape (k, 3)

    Returns
    -------
    float

    Notes
    -----
    Squares are taken around the level nearest to each center: a whole number, as the sums are, so that no
    digits cancel.
    """
    levels = np.clip(np.rint(centers), 0, 255)
    offset = centers - levels
    weights, totals = sums[:, :1], sums[:, 1:4]
    about_levels = sums[:, 4] + (levels * (weights * levels - 2 * totals)).sum(axis=1)
    return float(
        (about_levels + (offset * (weights * offset - 2 * (totals - weights * levels))).sum(axis=1)).sum()
    )
