"""The points farthest from their centers, for clusters that lost all of theirs, by their labels."""

import numpy as np

from kmeans_core.clustering import threads
from kmeans_core.clustering.jit_distances import squared_distances
from kmeans_core.clustering.kernels import FarPoint
from kmeans_core.types import FloatArray, IndexArray, LabelArray, RealArray

# Points whose distances are held at a time.
_CHUNK = 65_536


def far_points(
    points: RealArray,
    weights: FloatArray,
    labels: LabelArray,
    centers: FloatArray,
    count: int,
    offset: int = 0,
) -> list[FarPoint]:
    """As `Points.farthest`.

    points: (n, d). weights: (n,), or empty where all are 1. labels: (n,) the nearest of the centers, (k, d).
    offset: of the first point among all.
    """
    found: list[tuple[float, int]] = []
    for first, last in threads.split_range(len(points), -(-len(points) // _CHUNK)):
        distances = np.empty(last - first)
        squared_distances(points[first:last], centers, labels[first:last], distances)
        if len(weights):
            distances[weights[first:last] == 0] = -1.0
        found += [(float(distances[place]), first + int(place)) for place in _largest(distances, count)]
    found.sort(key=lambda one: (-one[0], one[1]))
    return [
        FarPoint(
            distance,
            offset + place,
            int(labels[place]),
            float(weights[place]) if len(weights) else 1.0,
            points[place].astype(np.float64),
        )
        for distance, place in found[:count]
        if distance >= 0.0
    ]


def _largest(values: FloatArray, count: int) -> IndexArray:
    """Places of the largest values, in order, the lowest place first on a tie."""
    places = np.arange(len(values))
    if len(values) > count:
        places = np.flatnonzero(values >= np.partition(values, -count)[-count])
    return places[np.argsort(-values[places], kind="stable")][:count]
