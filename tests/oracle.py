"""Lloyd's algorithm as slow and obvious as it gets, with the rules that the real one documents."""

from collections.abc import Callable, Sequence

Point = tuple[float, ...]
Measure = Callable[[Point, Point], float]


def lloyd(
    points: Sequence[Point],
    weights: Sequence[float],
    centers: Sequence[Point],
    max_iter: int,
    distance: str = "euclidean",
    n_fixed: int = 0,
) -> tuple[list[Point], list[int], int]:
    """Centers, labels and number of iterations, from given centers until nothing changes. The first `n_fixed`
    centers stay."""
    apart, middle = (squared_distance, mean) if distance == "euclidean" else (manhattan_distance, median)
    centers = [tuple(float(x) for x in center) for center in centers]
    previous: list[int] = []
    n_iter = 0
    while n_iter < max_iter:
        n_iter += 1
        labels = [nearest(point, centers, apart) for point in points]
        members = [[i for i, label in enumerate(labels) if label == c] for c in range(len(centers))]
        for cluster in range(n_fixed, len(centers)):
            if not members[cluster]:
                far = farthest_to_spare(points, centers, labels, members, apart)
                members[labels[far]].remove(far)
                members[cluster] = [far]
        moved = centers[:n_fixed] + [
            middle([points[i] for i in group], [weights[i] for i in group]) for group in members[n_fixed:]
        ]
        done = labels == previous or moved == centers
        centers, previous = moved, labels
        if done:
            break
    return centers, [nearest(point, centers, apart) for point in points], n_iter


def squared_distance(a: Point, b: Point) -> float:
    total = (float(a[0]) - b[0]) * (float(a[0]) - b[0])
    for x, y in zip(a[1:], b[1:], strict=True):
        total += (float(x) - y) * (float(x) - y)
    return total


def manhattan_distance(a: Point, b: Point) -> float:
    return sum(abs(float(x) - y) for x, y in zip(a, b, strict=True))


def nearest(point: Point, centers: Sequence[Point], apart: Measure = squared_distance) -> int:
    distances = [apart(point, center) for center in centers]
    return distances.index(min(distances))


def farthest_to_spare(
    points: Sequence[Point],
    centers: Sequence[Point],
    labels: list[int],
    members: list[list[int]],
    apart: Measure,
) -> int:
    """The point farthest from its center among those that do not leave their cluster empty."""
    spare = [i for i in range(len(points)) if i in members[labels[i]] and len(members[labels[i]]) > 1]
    return max(spare, key=lambda i: (apart(points[i], centers[labels[i]]), -i))


def mean(points: Sequence[Point], weights: Sequence[float]) -> Point:
    total = sum(weights)
    return tuple(
        sum(float(x) * w for x, w in zip(column, weights, strict=True)) / total
        for column in zip(*points, strict=True)
    )


def median(points: Sequence[Point], weights: Sequence[float]) -> Point:
    """Of each coordinate, each point written down as often as it weighs; of two in the middle the lower."""
    columns = zip(*points, strict=True)
    written = [
        sorted(x for x, w in zip(column, weights, strict=True) for _ in range(w)) for column in columns
    ]
    return tuple(float(column[(len(column) - 1) // 2]) for column in written)
