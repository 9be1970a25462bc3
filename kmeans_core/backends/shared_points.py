"""Points in a file that every process of this machine maps into its memory: nothing is sent, and all of them
together hold it once.

Ten columns of a million rows take 80 MB. Spark streams the partitions of an RDD to Python in every iteration,
and reads a broadcast once in each process; Dask sends a copy to each worker.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kmeans_core.backends.distributed import PartitionData, RemotePartitions, Result, part_bounds
from kmeans_core.clustering.shared_labels import SharedLabels
from kmeans_core.temporary import new_folder
from kmeans_core.types import FloatArray, RealArray

# Of a table that has to be copied before it is written, because its rows do not stand one after the other.
_ROWS_WRITTEN = 65_536


class SharedPart(NamedTuple):
    """Where a partition is. folder: of the files. shape, dtype: of all points. start, stop: its rows.
    are_weighted: whether there is a file of weights; otherwise, each point weighs `weight`."""

    folder: str
    shape: tuple[int, int]
    dtype: str
    start: int
    stop: int
    are_weighted: bool
    weight: float

    def open(self) -> PartitionData:
        """The partition, of which nothing is read yet."""
        rows = slice(self.start, self.stop)
        # Nothing writes, but for arrays that nobody could write to, Numba would compile the same code again.
        points = np.memmap(_points_file(self.folder), self.dtype, "c", shape=self.shape)[rows]
        weights = np.broadcast_to(np.float64(self.weight), self.stop - self.start)
        if self.are_weighted:
            weights = np.asarray(np.memmap(_weights_file(self.folder), np.float64, "c")[rows])
        return PartitionData(self.start, np.asarray(points), weights, self.folder)


class SharedPartitions:
    """places: applies a function to each `SharedPart`, on some worker."""

    def __init__(self, places: RemotePartitions[SharedPart], folder: Path) -> None:
        self.places, self.folder = places, folder

    def map(self, function: Callable[[PartitionData], Result]) -> list[Result]:
        return self.places.map(partial(_apply_to_shared, function))

    def close(self) -> None:
        self.places.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def share_points(
    points: RealArray,
    weights: FloatArray,
    count: int,
    place: Callable[[list[SharedPart]], RemotePartitions[SharedPart]],
) -> SharedPartitions | None:
    """The points, (n, d), and their weights, (n,), in `count` partitions of nearly equal size, or fewer if
    there are fewer points; None where there is no room for the file.

    place: what calls a function on each of some parts, on workers of this machine.
    """
    folder = new_folder("points")
    are_weighted = weights.strides != (0,)
    shape, dtype, weight = points.shape, points.dtype.str, float(weights[0])
    parts = [
        SharedPart(str(folder), shape, dtype, start, stop, are_weighted, weight)
        for start, stop in part_bounds(len(points), count)
    ]
    try:
        _write(points, _points_file(folder))
        if are_weighted:
            _write(weights, _weights_file(folder))
        for part in parts:
            SharedLabels.allocate(folder, part.start, part.stop - part.start)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return SharedPartitions(place(parts), folder)


def _write(values: RealArray, path: Path) -> None:
    step = len(values) if values.flags.c_contiguous else _ROWS_WRITTEN
    with path.open("wb") as file:
        for start in range(0, len(values), step):
            np.ascontiguousarray(values[start : start + step]).tofile(file)


def _points_file(folder: str | Path) -> Path:
    return Path(folder, "points")


def _weights_file(folder: str | Path) -> Path:
    return Path(folder, "weights")


def _apply_to_shared(function: Callable[[PartitionData], Result], part: SharedPart) -> Result:
    return function(part.open())
