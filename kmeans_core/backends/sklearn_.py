"""scikit-learn's KMeans with `sample_weight`: what people would use instead.

One run from the centers it is given (`n_init=1`, `algorithm="lloyd"`). It stops by itself when no label
changes, so it cannot run an exact number of iterations, and it reports no progress.
"""

import warnings

import numpy as np

from kmeans_core.backends.base import HEAD_TO_HEAD, BackendBase, Fit, Traits, Work
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, OnIteration, RealArray

# Measured on two cores with 3 and with 10 coordinates.
_DIFFERENCES_PER_SECOND = 1.2e9


class SklearnBackend(BackendBase):
    name = "sklearn"
    title = "scikit-learn"
    summary = "scikit-learn's KMeans with sample weights; compiled, on all cores."
    start_title = "Import"
    traits = Traits(own=False, history=False, progress=False, fixed_iterations=False)
    order = 30
    color = "#b87900"
    rival = "paper-numpy"
    compared_on = ("quick", "paper", "pixels", "colors", "cores", "tables", HEAD_TO_HEAD)
    packages = ("scikit-learn",)
    modules = ("sklearn",)
    extra = "tables"

    def start(self) -> None:
        """Imports scikit-learn, which takes about a second the first time."""
        import sklearn.cluster  # noqa: F401 - loading it is all that start() does

    def estimate_seconds(self, work: Work) -> float:
        return work.differences / _DIFFERENCES_PER_SECOND

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        from sklearn.cluster import KMeans
        from sklearn.exceptions import ConvergenceWarning

        assert centers is not None
        table = np.array(points, dtype=np.float64)
        estimator = KMeans(
            len(centers),
            init=centers,
            n_init=1,
            max_iter=options.max_iter,
            tol=_relative_tolerance(table, options.tol),
            algorithm="lloyd",
            copy_x=False,
        )
        with warnings.catch_warnings():
            # It warns of fewer distinct clusters than asked for, which happens with nearly equal points; the
            # labels show that anyway.
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(table, sample_weight=weights)
        n_iter = int(estimator.n_iter_)
        return Fit(
            np.asarray(estimator.cluster_centers_, dtype=np.float64),
            estimator.labels_.astype(np.int32),
            n_iter,
            n_iter < options.max_iter,
        )


def _relative_tolerance(points: FloatArray, tol: float) -> float:
    """scikit-learn compares the sum of all squared shifts with its `tol` times the mean variance of the
    columns; below the square of ours, no center can have moved farther than ours allows."""
    variance = float(np.var(points, axis=0).mean())
    return tol * tol / variance if variance > 0 else 0.0
