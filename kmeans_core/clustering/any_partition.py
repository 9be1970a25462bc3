"""What every partition of the points can do, on NumPy or compiled."""

from typing import Any, Protocol

from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.types import FloatArray, IndexArray, LabelArray


class AnyPartition(Protocol):
    """offset: of the first point among all points. weights: (n,). iteration: number of the iteration that its
    labels belong to, kept by callers that may lose them. coverage: a cache of `candidates.py`. nbytes: memory
    that it takes.
    """

    offset: int
    weights: FloatArray
    iteration: int
    coverage: Any

    @property
    def nbytes(self) -> int: ...

    def restart(self) -> None:
        """Forgets the labels."""

    def resume(self, centers: FloatArray) -> None:
        """Labels as an iteration with these centers leaves them."""

    def assign_and_sum(self, centers: FloatArray) -> PartialSums:
        """Assigns every point to its nearest center and sums up the clusters."""

    def nearest(self, centers: FloatArray) -> tuple[IndexArray, FloatArray]:
        """The nearest center of each point, (n,), and the squared (or Manhattan) distance to it, (n,)."""

    def labels_for(self, centers: FloatArray) -> LabelArray:
        """The nearest center of each point, (n,) int32."""

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        """The `count` points of positive weight farthest from their nearest centers."""

    def points_at(self, chosen: IndexArray) -> FloatArray:
        """Some of its points, (m, d). chosen: (m,) their places in it."""
