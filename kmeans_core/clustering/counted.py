"""Counted colors: 8-bit colors weighted by whole numbers of pixels, whose sums floats hold exactly.

What is summed up over them comes out the same, bit for bit, in whatever order and on however many machines.
"""

import numpy as np

from kmeans_core.types import FloatArray, LabelArray, RealArray


def are_counted(points: RealArray, weights: RealArray) -> bool:
    """Whether these are such colors, (n, 3) uint8, with weights, (n,), that are whole and not too large."""
    return (
        points.dtype == np.uint8
        and points.shape[1] == 3
        and bool((weights == np.rint(weights)).all())
        and float(weights.sum()) * 3 * 255**2 < 2**53
    )


def cluster_sums(colors: RealArray, weights: RealArray, labels: LabelArray, n_clusters: int) -> FloatArray:
    """Weight, weighted sum of each channel and of the squared norms, (k, 5), of each cluster."""
    channels = colors.T.astype(np.float64)
    terms = [np.ones(len(labels)), *channels, (channels**2).sum(axis=0)]
    return np.stack([np.bincount(labels, weights * term, n_clusters) for term in terms], axis=1)


def inertia_from_sums(sums: FloatArray, centers: FloatArray) -> float:
    """Weighted sum of squared distances between colors and the centers, (k, 3), of their clusters.

    sums: (k, 5), as above. Squares are taken about the levels nearest to each center: those are whole
    numbers, and so are the sums, so that nothing is lost to cancellation.
    """
    levels = np.clip(np.rint(centers), 0, 255)
    rest = centers - levels
    weights, totals = sums[:, :1], sums[:, 1:4]
    about_levels = sums[:, 4] + (levels * (weights * levels - 2 * totals)).sum(axis=1)
    return float(
        (about_levels + (rest * (weights * rest - 2 * (totals - weights * levels))).sum(axis=1)).sum()
    )
