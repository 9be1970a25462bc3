"""How many clusters: inertia and silhouette over a range of k, and what they suggest."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.backends import get_backend
from kmeans_core.backends.numba_ import for_same_points
from kmeans_core.clustering import seeding
from kmeans_core.clustering.elbow import find_elbow
from kmeans_core.errors import OptionError
from kmeans_core.fitting import fit_points
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, LabelArray

MAX_SILHOUETTE_POINTS = 5000


@dataclass(frozen=True)
class SweepPoint:
    """One fit of a sweep.

    Attributes
    ----------
    k : int
        Number of clusters.
    inertia : float
    silhouette : float
        -1 to 1, nan where it is not defined, as for k = 1.
    n_iter : int
        Iterations that were run.
    seconds : float
        Of the fit.
    """

    k: int
    inertia: float
    silhouette: float
    n_iter: int
    seconds: float


@dataclass(frozen=True)
class Suggestion:
    """What a sweep suggests.

    Attributes
    ----------
    elbow : int or None
        k at the elbow of the inertia curve, None without one.
    silhouette : int or None
        k with the largest silhouette, the smaller k on a tie; None without any.
    sampled : int
        Number of points that silhouettes are computed on.
    """

    elbow: int | None
    silhouette: int | None
    sampled: int

    @property
    def k(self) -> int | None:
        """The k to try first: by the silhouette, or else by the elbow."""
        return self.silhouette or self.elbow


def sweep(
    points: ArrayLike,
    ks: Sequence[int],
    options: FitOptions | None = None,
    *,
    on_point: Callable[[SweepPoint], None] | None = None,
) -> list[SweepPoint]:
    """Clusters the same points with each k, in rising order, each from the centers of the one before.

    A fit for more clusters starts from the centers so far. Further ones are added one by one, each the best
    of several points drawn with probability proportional to their squared distance (greedy k-means++). The
    first k uses `init`. So inertia never rises with k, and each fit takes few iterations.

    Parameters
    ----------
    points : array_like, shape (n, d)
        As of `cluster()`; each has weight 1.
    ks : sequence of int
        1 or more each, instead of the number of the options.
    options : FitOptions, optional
        All but the number of clusters.
    on_point : callable, optional
        Called with each result as soon as it is there; an exception in it ends the sweep.

    Returns
    -------
    list of SweepPoint
        By rising k, each once. It ends at the number of distinct points.

    Raises
    ------
    OptionError
        For no k, or one below 1; and what `cluster()` raises.

    References
    ----------
    Arthur and Vassilvitskii, *k-means++: The Advantages of Careful Seeding*, SODA 2007, section 5.
    """
    if not ks or min(ks) < 1:
        raise OptionError(f"ks={list(ks)!r} is not allowed; give numbers of clusters, each 1 or more.")
    data, asked = np.asarray(points), options or FitOptions()
    rng = np.random.default_rng(asked.seed)
    centers: FloatArray | None = None
    sweep_points: list[SweepPoint] = []
    backend = for_same_points(get_backend(asked.backend))
    for k in sorted(set(ks)):
        start = None if centers is None else seeding.with_more(data, centers, k, rng)
        if start is not None and len(start) < k:
            break  # no more distinct points
        result = fit_points(data, replace(asked, n_clusters=k), backend=backend, init=start)
        if len(result.centers) < k and sweep_points:
            break
        centers = result.centers
        point = SweepPoint(
            len(centers),
            result.inertia,
            silhouette(data, result.labels, seed=asked.seed),
            result.n_iter,
            result.seconds["fit"],
        )
        sweep_points.append(point)
        if on_point is not None:
            on_point(point)
        if len(centers) < k:
            break
    return sweep_points


def suggest(points: Sequence[SweepPoint], n_points: int) -> Suggestion:
    """What a sweep suggests.

    Parameters
    ----------
    points : sequence of SweepPoint
        From `sweep()`; three or more for an elbow.
    n_points : int
        How many points were clustered.

    Returns
    -------
    Suggestion
    """
    with_silhouette = [point for point in points if not math.isnan(point.silhouette)]
    best = max(with_silhouette, key=lambda point: (point.silhouette, -point.k)).k if with_silhouette else None
    elbow = find_elbow([point.k for point in points], [point.inertia for point in points])
    return Suggestion(None if elbow is None else round(elbow), best, min(n_points, MAX_SILHOUETTE_POINTS))


def silhouette(points: ArrayLike, labels: LabelArray, *, seed: int = 0) -> float:
    """Mean silhouette coefficient: how much nearer points lie to their own cluster than to the next.

    Parameters
    ----------
    points : array_like, shape (n, d)
        Compared with every other; more than `MAX_SILHOUETTE_POINTS` are sampled.
    labels : ndarray of int, shape (n,)
        The cluster of each.
    seed : int, default 0
        Of the sample.

    Returns
    -------
    float
        -1 to 1; nan where it is not defined: for one cluster, or as many clusters as points.

    References
    ----------
    Rousseeuw, *Silhouettes*, Journal of Computational and Applied Mathematics 20 (1987), computed by
    scikit-learn.
    """
    from sklearn.metrics import silhouette_score

    table = np.asarray(points, dtype=np.float64)
    if len(table) > MAX_SILHOUETTE_POINTS:
        chosen = np.random.default_rng(seed).choice(len(table), MAX_SILHOUETTE_POINTS, replace=False)
        table, labels = table[chosen], labels[chosen]
    if not 2 <= len(np.unique(labels)) < len(table):
        return math.nan
    # scikit-learn expands the squares, which loses digits far from zero: blobs with a silhouette of 0.92 got
    # 0.12 after 1.7e9 was added.
    return float(silhouette_score(table - table.mean(axis=0), labels))
