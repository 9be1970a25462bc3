"""What is said of every backend's result in the same way."""

import numpy as np

from kmeans_core.backends.base import Fit
from kmeans_core.clustering.counted import are_counted, cluster_sums, inertia_from_sums
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.clustering.kernels import BLOCK_SIZE
from kmeans_core.types import FloatArray, LabelArray, RealArray


def inertia_of(points: RealArray, weights: FloatArray, fit: Fit, distance: str) -> float:
    """Inertia of a backend's result, computed the same way for all backends."""
    assert fit.labels is not None
    if fit.inertia is not None:
        return fit.inertia
    if distance != "euclidean" or not are_counted(points, weights):
        return DISTANCES[distance].inertia(points, weights, fit.centers, fit.labels)
    sums = fit.sums
    if sums is None:
        sums = cluster_sums(points, weights, fit.labels, len(fit.centers))
    return inertia_from_sums(sums, fit.centers)


def empty_clusters_notes(labels: LabelArray, n_clusters: int, n_fixed: int) -> tuple[str, ...]:
    """A sentence if clusters have no points, of which the first ones, with fixed centers, may have none."""
    used = np.zeros(n_clusters, bool)
    for start in range(0, len(labels), BLOCK_SIZE):
        used[labels[start : start + BLOCK_SIZE]] = True
    n_empty = n_clusters - n_fixed - int(np.count_nonzero(used[n_fixed:]))
    if not n_empty:
        return ()
    are = "is" if n_empty == 1 else "are"
    return (
        f"{n_empty:,} of {n_clusters:,} clusters {are} empty: no point is nearest to the center. Perhaps "
        "points differ by less than the precision of 64-bit floats.",
    )
