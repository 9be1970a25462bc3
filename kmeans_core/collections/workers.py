"""Who works on collections."""

from kmeans_core.backends import load_backend
from kmeans_core.backends.distributed import ThreadWorkers, Workers

_BACKENDS = {"spark": "spark-rdd", "dask": "dask"}


def workers_on(on: str) -> Workers:
    """Those of an engine: "threads" of this process, "spark" or "dask".

    Raises BackendUnavailableError or BackendFailedError if it is not there.
    """
    return load_backend(_BACKENDS[on]).workers() if on in _BACKENDS else ThreadWorkers()
