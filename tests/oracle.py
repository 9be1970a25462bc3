"""Lloyd's algorithm as slow and obvious as it gets, with the rules that the real one documents."""

from collections.abc import Sequence

Point = tuple[float, ...]


def lloyd(
    points: Sequence[Point], weights: Sequence[float], centers: Sequence[Point], max_iter: int
) -> tuple[list[Point], list[int], int]:
    """Centers, labels and number of rounds, from given centers until nothing changes."""
    centers = [tuple(float(x) for x in center) for center in centers]
    previous: list[int] = []
    rounds = 0
    while rounds < max_iter:
        rounds += 1
        labels = [nearest(point, centers) for point in points]
        members = [[i for i, label in enumerate(labels) if label == c] for c in range(len(centers))]
        for cluster in range(len(centers)):
            if not members[cluster]:
                far = farthest_to_spare(points, centers, labels, members)
                members[labels[far]].remove(far)
                members[cluster] = [far]
        moved = [mean([points[i] for i in group], [weights[i] for i in group]) for group in members]
        done = labels == previous or moved == centers
        centers, previous = moved, labels
        if done:
            break
    return centers, [nearest(point, centers) for point in points], rounds


def nearest(point: Point, centers: Sequence[Point]) -> int:
    distances = [squared_distance(point, center) for center in centers]
    return distances.index(min(distances))


def squared_distance(a: Point, b: Point) -> float:
    total = (float(a[0]) - b[0]) * (float(a[0]) - b[0])
    for x, y in zip(a[1:], b[1:], strict=True):
        total += (float(x) - y) * (float(x) - y)
    return total


def farthest_to_spare(
    points: Sequence[Point], centers: Sequence[Point], labels: list[int], members: list[list[int]]
) -> int:
    """The point farthest from its center among those that do not leave their cluster empty."""
    spare = [i for i in range(len(points)) if i in members[labels[i]] and len(members[labels[i]]) > 1]
    return max(spare, key=lambda i: (squared_distance(points[i], centers[labels[i]]), -i))


def mean(points: Sequence[Point], weights: Sequence[float]) -> Point:
    total = sum(weights)
    return tuple(
        sum(float(x) * w for x, w in zip(column, weights, strict=True)) / total
        for column in zip(*points, strict=True)
    )
