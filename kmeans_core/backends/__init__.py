"""Interchangeable ways to run k-means, one file each, found by name in one table.

Imports the algorithm from `clustering/`; `fitting.py` and all that lies above may import it.
"""

from importlib import import_module
from typing import cast

from kmeans_core.backends.base import Backend, BackendInfo
from kmeans_core.errors import BackendUnavailableError, OptionError

# name → module and class; a module is imported when its backend is asked for.
_TABLE = {
    "numpy": ("numpy_", "NumpyBackend"),
    "numba": ("numba_", "NumbaBackend"),
    "sklearn": ("sklearn_", "SklearnBackend"),
    "spark-rdd": ("spark_rdd", "SparkRddBackend"),
    "spark-ml": ("spark_ml", "SparkMlBackend"),
    "dask": ("dask_", "DaskBackend"),
    "minibatch": ("minibatch", "MinibatchBackend"),
    "paper-numpy": ("paper", "PaperNumpyBackend"),
    "paper-rdd": ("paper", "PaperRddBackend"),
}
YARDSTICKS = ("paper-numpy", "paper-rdd")
BACKENDS = tuple(name for name in _TABLE if name not in YARDSTICKS)
# What a benchmark compares: all that run the same rounds over the same points.
COMPARED = tuple(name for name in _TABLE if name != "minibatch")


def get_backend(name: str) -> Backend:
    """The backend of that name, ready to use.

    Raises OptionError for an unknown name, BackendUnavailableError if it cannot run on this machine.
    """
    backend = load_backend(name)
    reason = backend.missing()
    if reason is not None:
        raise BackendUnavailableError(f"The backend {name} cannot run here: {reason}")
    return backend


def available_backends(*, yardsticks: bool = False) -> list[BackendInfo]:
    """Every backend with whether it can run here and, if not, why; the paper's yardsticks on demand."""
    return [_info(load_backend(name)) for name in (*BACKENDS, *(YARDSTICKS if yardsticks else ()))]


def load_backend(name: str) -> Backend:
    """The backend of that name, whether or not it can run here. Raises OptionError for an unknown name."""
    if name not in _TABLE:
        raise OptionError(f"backend={name!r} is unknown; use one of: {', '.join(BACKENDS)}.")
    module, attribute = _TABLE[name]
    return cast(Backend, getattr(import_module(f"kmeans_core.backends.{module}"), attribute)())


def _info(backend: Backend) -> BackendInfo:
    reason = backend.missing()
    return BackendInfo(
        backend.name,
        backend.title,
        backend.summary,
        reason is None,
        reason,
        backend.version(),
        backend.traits,
    )
