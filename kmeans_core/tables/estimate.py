"""About how long clustering a table takes, accurate enough to say whether people have to wait."""

from collections.abc import Sequence

from kmeans_core.backends import load_backend
from kmeans_core.backends.base import Work
from kmeans_core.model_selection import MAX_SILHOUETTE_POINTS
from kmeans_core.tables.options import TableOptions
from kmeans_core.types import FloatArray

# That a fit takes before it converges, mostly.
_USUAL_ITERATIONS = 25
_FULL_SILHOUETTE_SECONDS = 0.3


def estimate_seconds(points: FloatArray, options: TableOptions, n_starts: int) -> float | None:
    """About how long clustering a table takes, accurate enough to say whether people have to wait.

    Parameters
    ----------
    points : ndarray of float64, shape (n, d)
    options : TableOptions
    n_starts : int
        Fits from different starts.

    Returns
    -------
    float or None
        Seconds of the fits, once the backend has started; None if that is not known, or long whatever the
        table.
    """
    fit = options.fit
    work = Work(points.shape[0], points.shape[1], fit.n_clusters, min(fit.max_iter, _USUAL_ITERATIONS))
    seconds = load_backend(fit.backend).estimate_seconds(work)
    return None if seconds is None else n_starts * seconds


def estimate_sweep_seconds(points: FloatArray, ks: Sequence[int], options: TableOptions) -> float | None:
    """The same of a sweep over several numbers of clusters, silhouettes included."""
    work = Work(points.shape[0], points.shape[1], sum(ks), _USUAL_ITERATIONS)
    seconds = load_backend(options.fit.backend).estimate_seconds(work)
    share = min(len(points) / MAX_SILHOUETTE_POINTS, 1.0)
    return None if seconds is None else seconds + len(ks) * share**2 * _FULL_SILHOUETTE_SECONDS
