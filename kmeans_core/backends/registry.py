"""Where backends are found: ours, those of installed packages, and those that a program adds.

Another package brings one by an entry point, whose name is the backend's:

    [project.entry-points."kmeans_core.backends"]
    mine = "my_package.my_module:MyBackend"

Environment:
    KMEANS_BACKENDS   more of them, as `name=module:Class`, separated by commas. This is also how worker
                      processes learn what their owner has registered.
"""

import logging
import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from kmeans_core.backends.base import Backend, BackendInfo, Traits
from kmeans_core.errors import BackendUnavailableError, OptionError

ENTRY_POINTS = "kmeans_core.backends"
VARIABLE = "KMEANS_BACKENDS"

# name → module and class, imported when the backend is asked for. A new backend of ours is one line here.
_OURS = {
    "paper-numpy": "kmeans_core.backends.paper:PaperNumpyBackend",
    "numpy": "kmeans_core.backends.numpy_:NumpyBackend",
    "numba": "kmeans_core.backends.numba_:NumbaBackend",
    "sklearn": "kmeans_core.backends.sklearn_:SklearnBackend",
    "paper-rdd": "kmeans_core.backends.paper:PaperRddBackend",
    "spark-rdd": "kmeans_core.backends.spark_rdd:SparkRddBackend",
    "spark-ml": "kmeans_core.backends.spark_ml:SparkMlBackend",
    "dask": "kmeans_core.backends.dask_:DaskBackend",
    "minibatch": "kmeans_core.backends.minibatch:MinibatchBackend",
}

_log = logging.getLogger(__name__)
_registered: dict[str, str] = {}


def register_backend(name: str, location: str) -> None:
    """Adds a backend for this process and the workers that it starts from now on.

    Parameters
    ----------
    name : str
        What it is called in options; the same as its class's `name`.
    location : str
        Where its class is, such as ``"my_module:MyBackend"``; see `kmeans_core.backends.base`.

    Raises
    ------
    OptionError
        If the name is taken, or the location is not written like that.
    """
    if name in _OURS:
        raise OptionError(f"The name {name!r} is taken by a backend of kmeans_core; choose another.")
    if location.count(":") != 1:
        raise OptionError(f"location={location!r} is not allowed; write it as 'module:Class'.")
    _registered[name] = location


def unregister_backend(name: str) -> None:
    """Takes back what `register_backend()` added; does nothing if it did not.

    Parameters
    ----------
    name : str
        The name that was given there.
    """
    _registered.pop(name, None)


def registered_text() -> str:
    """What was registered here, as the value of `KMEANS_BACKENDS` for a worker process."""
    return ",".join(f"{name}={location}" for name, location in _from_others().items())


def load_backend(name: str) -> Backend:
    """The backend of that name, whether or not it can run here.

    Parameters
    ----------
    name : str
        As in options; a yardstick's too.

    Returns
    -------
    Backend
        A new instance; nothing of what it runs on has been started.

    Raises
    ------
    OptionError
        For an unknown name.
    BackendUnavailableError
        If it belongs to another package whose code cannot be loaded.
    """
    location = None
    if isinstance(name, str):
        location = _OURS.get(name) or _from_others().get(name) or _installed().get(name)
    if location is None:
        raise OptionError(f"backend={name!r} is unknown; use one of: {', '.join(backend_names())}.")
    module, _, attribute = location.partition(":")
    try:
        backend: Backend = getattr(import_module(module), attribute)()
    except Exception as error:
        if name in _OURS:
            raise
        _log.warning("the backend %s cannot be loaded from %s", name, location, exc_info=True)
        raise BackendUnavailableError(
            f"The backend {name} cannot be loaded from {location} ({type(error).__name__}: {error}); update "
            "the package that it comes from, or remove it."
        ) from error
    return backend


def get_backend(name: str) -> Backend:
    """The backend of that name, ready to use.

    Parameters
    ----------
    name : str
        As in options; a yardstick's too.

    Returns
    -------
    Backend
        A new instance, for which `missing()` was None.

    Raises
    ------
    OptionError
        For an unknown name.
    BackendUnavailableError
        If it cannot be loaded, or cannot run on this machine; the message says what it lacks.
    """
    backend = load_backend(name)
    reason = backend.missing()
    if reason is not None:
        raise BackendUnavailableError(f"The backend {name} cannot run here: {reason}")
    return backend


def all_backends() -> tuple[Backend, ...]:
    """Every backend that can be loaded, yardsticks too, in the order that they ask for."""
    found = []
    for name in {**_OURS, **_installed(), **_from_others()}:
        try:
            found.append(load_backend(name))
        except BackendUnavailableError:  # logged
            continue
    return tuple(sorted(found, key=lambda backend: (backend.order, backend.name)))


def backend_names(*, yardsticks: bool = False) -> tuple[str, ...]:
    """Names of what `available_backends()` lists."""
    return tuple(backend.name for backend in all_backends() if yardsticks or not backend.yardstick)


def backend_titles() -> dict[str, str]:
    """name → title of what `available_backends()` lists."""
    return {backend.name: backend.title for backend in all_backends() if not backend.yardstick}


def available_backends(*, yardsticks: bool = False) -> list[BackendInfo]:
    """Every backend, whether it can run here, and if not why.

    Parameters
    ----------
    yardsticks : bool, default False
        Lists the paper's two as well.

    Returns
    -------
    list of BackendInfo
        In the order that the backends ask for. Those whose code cannot be loaded are left out, and logged.

    Examples
    --------
    >>> from kmeans_core import available_backends
    >>> [row.name for row in available_backends() if row.available][:2]
    ['numpy', 'numba']
    """
    return [BackendInfo.of(backend) for backend in all_backends() if yardsticks or not backend.yardstick]


def compared_backends(comparison: str | None = None) -> tuple[Backend, ...]:
    """What a benchmark compares.

    Parameters
    ----------
    comparison : str, optional
        One comparison by its name, that of a preset such as "quick"; by default all that take part in any.

    Returns
    -------
    tuple of Backend
        Yardsticks too, in the order that they ask for.
    """
    return tuple(
        backend
        for backend in all_backends()
        if (backend.compared_on if comparison is None else comparison in backend.compared_on)
    )


def capable_backends(able: Callable[[Traits], bool]) -> tuple[Backend, ...]:
    """Those whose traits fulfil a condition.

    Parameters
    ----------
    able : callable
        Called with the `Traits` of each; whether it is wanted.

    Returns
    -------
    tuple of Backend
        Without yardsticks, in the order that they ask for.
    """
    return tuple(backend for backend in all_backends() if not backend.yardstick and able(backend.traits))


def forget_installed() -> None:
    """Looks for installed packages again, next time somebody asks."""
    _installed.cache_clear()


@cache
def _installed() -> dict[str, str]:
    """Entry points of other packages: name → location."""
    found: dict[str, str] = {}
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name in _OURS or entry.name in found:
            _log.warning("the backend %s of %s is left out: the name is taken", entry.name, entry.value)
            continue
        found[entry.name] = entry.value
    return found


def _from_others() -> dict[str, str]:
    """Registered here, or by the owner of this process."""
    given = os.environ.get(VARIABLE, "")
    pairs = (entry.partition("=") for entry in given.split(",") if "=" in entry)
    inherited = {name.strip(): location.strip() for name, _, location in pairs}
    return {name: where for name, where in (inherited | _registered).items() if name not in _OURS}
