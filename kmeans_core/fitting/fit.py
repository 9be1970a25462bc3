"""`cluster()`, the one call behind every page and command: checks input, seeds, runs a backend, reports."""

import math
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.backends import get_backend, load_backend
from kmeans_core.backends.base import Backend
from kmeans_core.clustering import seeding
from kmeans_core.clustering.quick_kernels import nearest_labels
from kmeans_core.errors import OptionError
from kmeans_core.fitting.arguments import (
    check_levels,
    check_searchable,
    checked_centers,
    checked_points,
    checked_weights,
    count_of,
)
from kmeans_core.fitting.capabilities import check_capabilities
from kmeans_core.fitting.outcome import empty_clusters_notes, inertia_of
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, Iteration, KMeansResult, OnIteration, RealArray
from kmeans_core.validation import checked


def cluster(
    points: ArrayLike,
    n_clusters: int,
    *,
    weights: ArrayLike | None = None,
    backend: str | Backend = "numba",
    init: str | ArrayLike = "k-means++",
    max_iter: int = 100,
    tol: float = 0.0,
    early_stop: bool = True,
    distance: str = "euclidean",
    fixed: ArrayLike | None = None,
    seed: int = 0,
    effort: str = "fast",
    on_iteration: OnIteration | None = None,
) -> KMeansResult:
    """Groups weighted points around `n_clusters` centers with k-means or k-medians.

    Parameters
    ----------
    points : array_like, shape (n, d)
        Any real dtype, finite, none beyond 1e140. Never changed.
    n_clusters : int
        1 or more. With fewer distinct points, the result has one center for each, and a note.
    weights : array_like, shape (n,), optional
        Finite, 0 or more, not all 0; 1 each by default. A point of weight 3 counts like three equal points
        (but moves as a whole into an empty cluster).
    backend : str or Backend, default "numba"
        A name from `available_backends()`, or a backend object such as `NumpyBackend(partitions=7)`.
    init : {"k-means++", "greedy", "k-means||", "splitting", "maximin", "random", "first"} or array_like
        How initial centers are chosen, see the advice of `FitOptions.init`; or the (k, d) to start from.
    max_iter : int, default 100
        Most iterations, 1 to 2,147,483,647.
    tol : float, default 0.0
        Stop when no center moves farther than this, in the unit of the points; 0: when no label changes.
    early_stop : bool, default True
        False runs exactly `max_iter` iterations, as the paper does.
    distance : {"euclidean", "manhattan"}
        "manhattan" is k-medians, on uint8: centers are medians, and the inertia is a sum of distances.
    fixed : array_like, shape (m, d), optional
        They do not move, count in `n_clusters` and come first in the result. Each replaces the nearest of
        the given initial centers, or else of the centers of a fit without fixed ones.
    seed : int, default 0
        0 to 9,223,372,036,854,775,807; the same seed gives the same result.
    effort : {"fast", "balanced", "best"}
        Better initial centers, for 8-bit colors with whole weights; "best" may take 100 times as long.
    on_iteration : OnIteration, optional
        Called with each `Iteration`; an exception in it cancels the fit and reaches the caller.

    Returns
    -------
    KMeansResult

    Raises
    ------
    OptionError, UnsupportedOptionError, BackendUnavailableError, BackendFailedError
        For a bad argument; if the backend lacks an option; cannot run here; or fails while it runs.

    References
    ----------
    Lloyd, *Least squares quantization in PCM*, IEEE Trans. Inf. Theory 28 (1982).
    """
    options = FitOptions(
        n_clusters=n_clusters,
        backend=backend if isinstance(backend, str) else name_of(backend),
        init=init if isinstance(init, str) else "given",
        max_iter=max_iter,
        tol=tol,
        early_stop=early_stop,
        distance=distance,
        seed=seed,
        effort=effort,
    )
    return fit_points(
        points,
        options,
        weights=weights,
        backend=None if isinstance(backend, str) else backend,
        init=None if isinstance(init, str) else init,
        fixed=fixed,
        on_iteration=on_iteration,
    )


def fit_points(
    points: ArrayLike,
    options: FitOptions,
    *,
    weights: ArrayLike | None = None,
    backend: Backend | None = None,
    init: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
    on_iteration: OnIteration | None = None,
) -> KMeansResult:
    """What `cluster()` does, with its options as one value; result and errors are the same.

    Parameters
    ----------
    points, options, weights, backend, init, fixed, on_iteration
        `backend` is one made by hand, and `init` are (k, d) centers, both instead of those of `options`.
    """
    runner, options = checked_options(options, backend=backend, init=init, fixed=fixed)
    data = checked_points(points)
    found_weights = checked_weights(weights, len(data))
    check_searchable(data, found_weights, options)
    check_levels(data, options)
    n_dims = data.shape[1]
    kept = np.empty((0, n_dims))
    if fixed is not None and options.n_fixed:
        kept = checked_centers("fixed", fixed, n_dims, options.n_fixed)
    start = None if init is None else checked_centers("init", init, n_dims, options.n_clusters)
    task = _planned(_Task(data, found_weights, options, kept, start, options.n_clusters), on_iteration)
    return _fit(runner, task)


def checked_options(
    options: FitOptions,
    *,
    backend: Backend | None = None,
    init: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
) -> tuple[Backend, FitOptions]:
    """The backend and the options as it gets them, or the errors that `cluster()` raises for them."""
    # Which backends there are is asked where one is loaded: yardsticks too, and those that turn out broken.
    options = checked(options, skipping=("backend", "init") if init is not None else ("backend",))
    options = replace(
        options, init=options.init if init is None else "given", n_fixed=count_of("fixed", fixed)
    )
    runner = get_backend(options.backend) if backend is None else backend
    check_capabilities(runner, options)
    return runner, options


def name_of(backend: object) -> str:
    """The name of a backend made by hand. Raises OptionError for what is no backend."""
    name = getattr(backend, "name", None)
    if not isinstance(name, str) or not callable(getattr(backend, "fit", None)):
        raise OptionError(
            f"backend={backend!r} is not allowed; give a name from available_backends(), or a backend such "
            "as NumpyBackend(partitions=7)."
        )
    return name


@dataclass(frozen=True, eq=False)
class _Task:
    """A checked fit, from `centers` or, if None, from `n_seeds` that are found. notes: about the input."""

    points: RealArray
    weights: FloatArray
    options: FitOptions
    fixed: FloatArray
    centers: FloatArray | None
    n_seeds: int
    on_iteration: OnIteration | None = None
    notes: tuple[str, ...] = ()


def _planned(task: _Task, on_iteration: OnIteration | None) -> _Task:
    """With as many clusters as there can be: at most one for each distinct point."""
    options, fixed = task.options, task.fixed
    distinct = seeding.distinct_points(task.points, task.weights, options.n_clusters + 1)
    free = distinct[~(distinct[:, None] == fixed).all(axis=2).any(axis=1)] if len(fixed) else distinct
    possible = len(fixed) + len(free)
    centers, notes = task.centers, task.notes
    if possible < options.n_clusters:
        notes = (seeding.few_points_note(len(distinct), options.n_clusters),)
        options = replace(options, n_clusters=possible)
        centers = None
    if centers is None and (possible == options.n_clusters or not len(free)):
        # Every distinct point is a center: nothing to search.
        centers = np.vstack([fixed, free])
    return replace(
        task,
        options=options,
        centers=centers,
        n_seeds=min(options.n_clusters, len(distinct)),
        on_iteration=on_iteration,
        notes=notes,
    )


def _fit(backend: Backend, task: _Task) -> KMeansResult:
    points, weights, options = task.points, task.weights, task.options
    clock = perf_counter()
    backend.start()
    if options.effort != "fast":
        load_backend("numba").start()
    seconds = {"start": perf_counter() - clock}
    centers = _first_centers(backend, task, seconds)

    clock = perf_counter()
    fit = backend.fit(points, weights, centers, options, task.on_iteration)
    seconds["fit"] = perf_counter() - clock - sum(fit.seconds.values())
    for phase, phase_seconds in fit.seconds.items():
        seconds[phase] = seconds.get(phase, 0.0) + phase_seconds

    clock = perf_counter()
    labels = fit.labels if fit.labels is not None else nearest_labels(points, fit.centers)
    inertia = inertia_of(points, weights, replace(fit, labels=labels), options.distance)
    seconds["finish"] = perf_counter() - clock
    return KMeansResult(
        centers=fit.centers,
        labels=labels,
        inertia=inertia,
        n_iter=fit.n_iter,
        converged=fit.converged,
        history=fit.history,
        backend=backend.name,
        seconds=seconds,
        notes=(*task.notes, *fit.notes, *empty_clusters_notes(labels, len(fit.centers), options.n_fixed)),
    )


def _first_centers(runner: Backend, task: _Task, seconds: dict[str, float]) -> FloatArray | None:
    """Where the fit starts, or None where the backend seeds by itself. seconds: gets "search" and "seed"."""
    points, weights, options, centers = task.points, task.weights, task.options, task.centers
    if centers is None and options.effort != "fast":
        clock = perf_counter()
        centers = _search(points, weights, replace(options, n_clusters=task.n_seeds), task.on_iteration)
        seconds["search"] = perf_counter() - clock

    clock = perf_counter()
    seeds_here = options.init not in runner.traits.seeds_in_fit or options.n_fixed
    are_given = centers is not None and options.effort == "fast"
    if centers is None and runner.traits.initial_centers and seeds_here:
        centers = runner.seed_centers(points, weights, replace(options, n_clusters=task.n_seeds))
    seconds["seed"] = perf_counter() - clock

    if options.n_fixed and centers is not None:
        if not are_given:
            # Fixing a converged center of a fit without fixed ones leaves the others in place.
            clock = perf_counter()
            free = replace(options, n_clusters=len(centers), n_fixed=0)
            centers = runner.fit(points, weights, centers, free, task.on_iteration).centers
            seconds["search"] = seconds.get("search", 0.0) + perf_counter() - clock
        centers = seeding.with_fixed(centers, task.fixed, options.n_clusters)
    return centers


def _search(
    points: RealArray, weights: FloatArray, options: FitOptions, on_iteration: OnIteration | None
) -> FloatArray:
    """Better initial centers than those of `options.init`."""
    from kmeans_core.clustering.effort import search_initial_centers

    def report_search() -> None:
        if on_iteration is not None:
            on_iteration(Iteration(0, math.nan, math.nan, 0, 0.0))

    return search_initial_centers(
        points,
        weights,
        options.n_clusters,
        init=options.init,
        seed=options.seed,
        effort=options.effort,
        on_round=report_search,
    )
