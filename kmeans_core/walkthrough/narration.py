"""What a step of the walk means, in words and in code: for people, for NumPy and for a Spark job."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kmeans_core.walkthrough.walk import ASSIGN, UPDATE, Step
from kmeans_core.wording import count_text, number_text, significant

# A Spark job on a laptop would have two partitions for so few points.
_PARTITIONS = 2
_MAX_KEYS = 3


@dataclass(frozen=True)
class Narration:
    """A step in words.

    Attributes
    ----------
    said, ahead, spark : str
        What just happened; what comes next; what a Spark job does in this step.
    """

    said: str
    ahead: str
    spark: str


# The lines of code for each half of an iteration. `points` is an array (n, d) or an RDD of arrays, `centers`
# an array.
NUMPY = {
    ASSIGN: "squared = (points[:, None] - centers) ** 2\nlabels = squared.sum(axis=2).argmin(axis=1)",
    UPDATE: "for c in range(len(centers)):\n    centers[c] = points[labels == c].mean(axis=0)",
}
PYSPARK = {
    ASSIGN: "def nearest(point):\n"
    "    squared = (centers - point) ** 2\n"
    "    return int(squared.sum(axis=1).argmin())\n\n"
    "pairs = points.map(lambda p: (nearest(p), (p, 1)))",
    UPDATE: "totals = pairs.reduceByKey(\n"
    "    lambda a, b: (a[0] + b[0], a[1] + b[1])\n"
    ").collectAsMap()\n"
    "for c, (total, count) in totals.items():\n"
    "    centers[c] = total / count",
}


def narrate(step: Step) -> Narration:
    """The words for a step.

    Parameters
    ----------
    step : Step

    Returns
    -------
    Narration
    """
    match step.kind:
        case "start":
            return _start(step)
        case "assign":
            return _assign(step)
        case "update":
            return _update(step)
    return _end(step)


def code_kind(kind: str) -> str:
    """Which lines of code belong to a step: those of ASSIGN or of UPDATE."""
    return UPDATE if kind == UPDATE else ASSIGN


def _start(step: Step) -> Narration:
    k = len(step.centers)
    centers = "One initial center is" if k == 1 else f"{k} initial centers are"
    return Narration(
        f"{centers} set. No point belongs to a cluster yet.",
        "Assign gives every point to its nearest center.",
        f"The points lie in {_PARTITIONS} partitions and stay there. Only the centers travel: "
        f"{count_text(step.centers.size, 'number')} go out with each task.",
    )


def _assign(step: Step) -> Narration:
    if step.iteration == 1:
        said = f"{_points_were(len(step.labels))} assigned to the nearest center."
    elif step.reassigned == 0:
        said = "No point changed its cluster."
    else:
        said = f"{_points_were(step.reassigned)} reassigned to a nearer center."
    ahead = "Update moves every center to the mean of its points"
    empty = [str(c) for c in np.flatnonzero(step.counts == 0)]
    if empty:
        said += f" {_clusters(empty)} {'has' if len(empty) == 1 else 'have'} no point at all."
        ahead += "; one without points takes over the point farthest from its center"
    return Narration(said, f"{ahead}.", _map_text(step))


def _update(step: Step) -> Narration:
    if len(step.centers) == 1:
        said = "The center moved to the mean of all points."
    else:
        said = f"Every center moved to the mean of its points, the farthest by {significant(step.shift)}."
    if step.refilled:
        names = [str(c) for c in step.refilled]
        far = "the point" if len(names) == 1 else "points"
        said += f" {_clusters(names)} had none and took over {far} farthest from the other centers."
    return Narration(said, "Assign checks whether some points now have a nearer center.", _reduce_text(step))


def _end(step: Step) -> Narration:
    return Narration(
        f"No point has a nearer center: k-means has converged after "
        f"{count_text(step.iteration, 'iteration')}, with an inertia of {number_text(step.inertia or 0.0)}.",
        "This is the best result near this start, perhaps not the best of all. Drag a center, or try another "
        "start.",
        f"{_map_text(step)} The sums are those of the iteration before, so the driver starts no further job.",
    )


def _map_text(step: Step) -> str:
    n = len(step.labels)
    key_texts = ", ".join(
        f"{count:,} with key {c}" for c, count in enumerate(step.counts[:_MAX_KEYS].tolist())
    )
    more = len(step.counts) - _MAX_KEYS
    rest = f" and so on for {more} more" if more > 0 else ""
    return (
        f"map turns each of the {n:,} points into a pair (nearest center, (point, 1)), where the point lies: "
        f"{key_texts}{rest}. Nothing leaves a partition."
    )


def _reduce_text(step: Step) -> str:
    k = len(step.centers)
    cluster = int(np.argmax(step.counts))
    count = int(step.counts[cluster])
    assert step.sums is not None
    x, y = step.sums[cluster].tolist()
    return (
        f"reduceByKey adds up the pairs of each key, first inside the {_PARTITIONS} partitions, then "
        f"across them: at most {_PARTITIONS} × {k} sums cross the network instead of "
        f"{len(step.labels):,} points. Key {cluster} ends as (({x:,.1f}, {y:,.1f}), {count:,}), and the "
        "driver divides."
    )


def _points_were(count: int) -> str:
    return f"{count_text(count, 'point')} {'was' if count == 1 else 'were'}"


def _clusters(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"Cluster {names[0]}"
    return f"Clusters {', '.join(names[:-1])} and {names[-1]}"
