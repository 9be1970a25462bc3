"""A backend as another package would bring it: everything about it in one class."""

from kmeans_core.backends.base import HEAD_TO_HEAD, BackendBase, Fit, Traits
from kmeans_core.backends.numpy_ import LocalPoints
from kmeans_core.clustering.lloyd import run_lloyd


class ToyBackend(BackendBase):
    name = "toy"
    title = "Toy"
    summary = "Our loop in a nutshell."
    traits = Traits(own=True)
    color = "#123456"
    rival = "paper-numpy"
    compared_on = ("quick", HEAD_TO_HEAD)

    def version(self):
        return "toy 1.0"

    def estimate_seconds(self, work):
        return 0.0

    def fit(self, points, weights, centers, options, on_iteration):
        local = LocalPoints(points, weights)
        end = run_lloyd(local, centers, options, on_iteration)
        return Fit(end.centers, local.labels_for(end.centers), len(end.history), end.converged, end.history)
