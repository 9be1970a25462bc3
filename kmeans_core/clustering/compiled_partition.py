"""A partition of the points with compiled kernels: the labels of `kernels.Partition`, many times as fast."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kmeans_core.clustering.jit_distances import squared_distances
from kmeans_core.clustering.kernels import FarPoint, PartialSums
from kmeans_core.clustering.shared_labels import SharedLabels
from kmeans_core.clustering.table_points import TablePoints
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray


class CompiledPartition:
    """As `kernels.Partition`. Runs in one thread; each partition has a thread or process of its own.

    folder: where other processes find the labels, so that they can go on with them.
    """

    def __init__(
        self, points: RealArray, weights: RealArray, offset: int = 0, folder: Path | None = None
    ) -> None:
        self.weights: FloatArray = np.asarray(weights, dtype=np.float64)
        self.offset = offset
        self.coverage: Any = None
        self._iteration = 0
        self._shared = SharedLabels(folder, offset, len(points)) if folder is not None else None
        self._rows = self._new_rows(points)

    @property
    def nbytes(self) -> int:
        """None of its own where it is shared."""
        return self._rows.nbytes + self.weights.nbytes if self._shared is None else 0

    @property
    def iteration(self) -> int:
        """-1 where another process may have changed the labels."""
        return self._iteration if self._shared is None or self._shared.are_mine() else -1

    @iteration.setter
    def iteration(self, number: int) -> None:
        self._iteration = number

    def restart(self) -> None:
        self._rows = self._new_rows(self._rows.points)

    def resume(self, centers: FloatArray) -> None:
        state = self._shared.load() if self._shared is not None else None
        self.restart()
        if state is not None and np.array_equal(state.centers, centers):
            self._rows.state = state
        else:
            self.assign_and_sum(centers)

    def assign_and_sum(self, centers: FloatArray) -> PartialSums:
        with self._changing():
            return self._rows.assign_and_sum(centers)[0]

    def nearest(self, centers: FloatArray) -> tuple[IndexArray, FloatArray]:
        labels = TablePoints(self._rows.points, self.weights, n_threads=1).labels_for(centers)
        distances = np.empty(len(labels))
        squared_distances(self._rows.points, centers, labels, distances)
        return labels.astype(np.intp), distances

    def labels_for(self, centers: FloatArray) -> LabelArray:
        self._catch_up()
        with self._changing():
            return self._rows.labels_for(centers).copy()

    def farthest(self, centers: FloatArray, count: int) -> list[FarPoint]:
        self._catch_up()
        with self._changing():
            return self._rows.farthest(centers, count)

    def points_at(self, chosen: IndexArray) -> FloatArray:
        points: FloatArray = self._rows.points[chosen].astype(np.float64)
        return points

    def _new_rows(self, points: RealArray) -> TablePoints:
        kept = (self._shared.labels, self._shared.room) if self._shared is not None else None
        return TablePoints(points, self.weights, n_threads=1, offset=self.offset, kept=kept)

    def _catch_up(self) -> None:
        """Goes on with what another process has left."""
        if self._shared is not None and not self._shared.are_mine():
            state = self._shared.load()
            self.restart()
            if state is not None:
                self._rows.state = state

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """While labels change."""
        if self._shared is not None:
            self._shared.invalidate()
        yield
        if self._shared is not None:
            self._shared.store(self._rows.state)
