"""The kernels of `kernels.py`, compiled where that is done already: the same labels, sooner."""

import numpy as np

from kmeans_core.clustering import kernels
from kmeans_core.clustering.any_partition import AnyPartition
from kmeans_core.types import FloatArray, LabelArray, RealArray

# For fewer differences of coordinates, loading the compiled code takes longer than it saves.
_MIN_WORK = 1_000_000


def nearest_labels(points: RealArray, centers: FloatArray) -> LabelArray:
    """As `kernels.nearest_labels()`: the nearest center of each point, (n,) int32."""
    if points.size * len(centers) < _MIN_WORK or not _are_compiled():
        return kernels.nearest_labels(points, centers)
    from kmeans_core.clustering.table_points import TablePoints

    return TablePoints(points, np.broadcast_to(1.0, len(points))).labels_for(centers)


def new_partition(points: RealArray, weights: RealArray, n_clusters: int) -> AnyPartition:
    """As `kernels.Partition`, for so many clusters."""
    if points.size * n_clusters < _MIN_WORK or not _are_compiled():
        return kernels.Partition(points, weights)
    from kmeans_core.clustering.compiled_partition import CompiledPartition

    return CompiledPartition(points, weights)


def _are_compiled() -> bool:
    try:
        from kmeans_core.clustering import jit, jit_tables
    except (ImportError, RuntimeError):  # no Numba here, or no folder where it could keep compiled code
        return False
    return jit.is_compiled(jit_tables, "assign_rows")
