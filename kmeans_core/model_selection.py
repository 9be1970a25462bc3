"""How many clusters: inertia and silhouette over a range of k, and what they suggest."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.clustering import seeding
from kmeans_core.errors import OptionError
from kmeans_core.fitting import fit_points
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, LabelArray

MAX_SILHOUETTE_POINTS = 5000


@dataclass(frozen=True)
class SweepPoint:
    """k: clusters found. silhouette: -1 to 1, nan for k = 1. n_iter: rounds it took. seconds: of the fit."""

    k: int
    inertia: float
    silhouette: float
    n_iter: int
    seconds: float


@dataclass(frozen=True)
class Suggestion:
    """elbow: where the curve of inertia bends, None where it does not. silhouette: k with the largest, None
    without any. sampled: points the silhouettes were measured on."""

    elbow: int | None
    silhouette: int | None
    sampled: int

    @property
    def k(self) -> int | None:
        """What to try first."""
        return self.silhouette or self.elbow


def sweep(
    points: ArrayLike,
    ks: Sequence[int],
    options: FitOptions | None = None,
    *,
    on_point: Callable[[SweepPoint], None] | None = None,
) -> list[SweepPoint]:
    """Clusters the same points with each k, in rising order, each from where the one before ended.

    A fit for more clusters starts from the centers found so far and, one by one, the best of several points
    drawn with chances in proportion to their squared distance (greedy k-means++; Arthur and Vassilvitskii,
    SODA 2007, section 5). The first k starts with `init`. So inertia never rises with k, in few rounds each.

    points: (n, d). ks: 1 or more each, instead of the number of the options. on_point: called with each
    result as it is there.

    Raises OptionError for bad arguments, and what `cluster()` raises.
    """
    if not ks or min(ks) < 1:
        raise OptionError(f"ks={list(ks)!r} is not allowed; give numbers of clusters, each 1 or more.")
    data, asked = np.asarray(points), options or FitOptions()
    rng = np.random.default_rng(asked.seed)
    centers: FloatArray | None = None
    found: list[SweepPoint] = []
    for k in sorted(set(ks)):
        start = None if centers is None else seeding.with_more(data, centers, k, rng)
        if start is not None and len(start) < k:
            break  # no more distinct points
        result = fit_points(data, replace(asked, n_clusters=k), init=start)
        if len(result.centers) < k and found:
            break
        centers = result.centers
        point = SweepPoint(
            len(centers),
            result.inertia,
            silhouette(data, result.labels, seed=asked.seed),
            result.n_iter,
            result.seconds["fit"],
        )
        found.append(point)
        if on_point is not None:
            on_point(point)
        if len(centers) < k:
            break
    return found


def suggest(points: Sequence[SweepPoint], n_points: int) -> Suggestion:
    """What a sweep over `n_points` points suggests.

    The elbow is found by Kneedle (Satopää et al., *Finding a "kneedle" in a haystack*, ICDCS Workshops 2011).
    """
    from kneed import KneeLocator

    known = [point for point in points if not math.isnan(point.silhouette)]
    best = max(known, key=lambda point: (point.silhouette, -point.k)).k if known else None
    elbow = None
    if len(points) >= 3:
        knee = KneeLocator(
            [point.k for point in points],
            [point.inertia for point in points],
            curve="convex",
            direction="decreasing",
        ).knee
        elbow = None if knee is None else int(knee)
    return Suggestion(elbow, best, min(n_points, MAX_SILHOUETTE_POINTS))


def silhouette(points: ArrayLike, labels: LabelArray, *, seed: int = 0) -> float:
    """Mean silhouette coefficient, -1 to 1: how much nearer points lie to their own cluster than to the next.

    On all points, or on `MAX_SILHOUETTE_POINTS` drawn at random when there are more: each is compared with
    every other. nan where it means nothing: one cluster only, or as many as points.

    Source: Rousseeuw, *Silhouettes*, Journal of Computational and Applied Mathematics 20 (1987), computed by
    scikit-learn.
    """
    from sklearn.metrics import silhouette_score

    table = np.asarray(points, dtype=np.float64)
    if len(table) > MAX_SILHOUETTE_POINTS:
        chosen = np.random.default_rng(seed).choice(len(table), MAX_SILHOUETTE_POINTS, replace=False)
        table, labels = table[chosen], labels[chosen]
    if not 2 <= len(np.unique(labels)) < len(table):
        return math.nan
    # scikit-learn expands squares, which cancel far from zero: blobs of 0.92 got 0.12 with 1.7e9 added.
    return float(silhouette_score(table - table.mean(axis=0), labels))
