"""`cluster()`, the one call behind every page and command: checks input, seeds, runs a backend, reports."""

import math
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.backends import get_backend, load_backend
from kmeans_core.backends.base import Backend, Fit
from kmeans_core.clustering import kernels, seeding
from kmeans_core.clustering.counted import are_counted, cluster_sums, inertia_from_sums
from kmeans_core.clustering.distances import DISTANCES
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

    points: (n, d), any real dtype, finite, none beyond 1e140. Never changed.
    n_clusters: 1 or more. With fewer distinct points than that, the result has one center for each, and
        a note.
    weights: (n,), finite, 0 or more, not all 0; a point of weight 3 counts like three equal points (but
        moves as one into a cluster that lost all its points). Default: 1 each.
    backend: a name from `available_backends()`, or a backend made by hand, `NumpyBackend(partitions=7)`.
    init: "k-means++", "greedy" (the same, the best of several draws each time), "k-means||" (its parallel
        form: few passes, wherever the points are), "splitting", "maximin", "random", "first", or the (k, d)
        centers to start from.
    max_iter: most iterations, 1 to 2,147,483,647.
    tol: stop when no center moves farther than this, in the unit of the points, 0 or more. The default
        runs until no label changes.
    early_stop: False runs exactly `max_iter` iterations, as the paper does.
    distance: "euclidean", or "manhattan" for k-medians, on whole numbers from 0 to 255 (uint8): a center is
        the median of each coordinate, and the inertia a sum of distances. First centers are found by
        squared distances all the same.
    fixed: (m, d) centers that stay where they are, counted in `n_clusters`; the result has them first. They
        take the places of the nearest given centers, or else of the nearest of a fit without them.
    seed: 0 to 9,223,372,036,854,775,807; the same seed gives the same result.
    effort: "fast" starts from the centers of `init`; "balanced" and "best" search for a better start first,
        on 8-bit colors with whole weights, see `clustering/effort.py`. "best" may take 100 times as long.
    on_iteration: called with each `Iteration` as it ends, by Spark ML from another thread, and with one of
        index 0 before each iteration of a search; an exception it raises cancels the fit and reaches the
        caller.

    Raises OptionError for a bad argument, UnsupportedOptionError if the backend lacks what is asked of it,
    BackendUnavailableError if it cannot run here, BackendFailedError if it breaks down on the way.

    Method: Lloyd, *Least squares quantization in PCM*, IEEE Trans. Inf. Theory 28 (1982).
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
    """What `cluster()` does, with its options as one value.

    backend: one made by hand instead of that of `options.backend`. init: (k, d) centers to start from instead
    of `options.init`. The other arguments and the errors are those of `cluster()`.
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
    return _run(runner, task)


def checked_options(
    options: FitOptions,
    *,
    backend: Backend | None = None,
    init: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
) -> tuple[Backend, FitOptions]:
    """The backend and the options as it gets them, or the errors that `cluster()` raises for them.

    Arguments are those of `fit_points()`.
    """
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
    """A checked fit. points: (n, d). weights: (n,). fixed: (m, d). centers: (k, d) to start from, or None to
    have them found. n_seeds: how many are to be found. notes: about the input."""

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
        notes = (f"Only {len(distinct):,} distinct points, fewer than {options.n_clusters:,} clusters.",)
        options = replace(options, n_clusters=possible)
        centers = None
    if centers is None and (possible == options.n_clusters or not len(free)):
        # Every distinct point is a center; there is nothing to search for.
        centers = np.vstack([fixed, free])
    return replace(
        task,
        options=options,
        centers=centers,
        n_seeds=min(options.n_clusters, len(distinct)),
        on_iteration=on_iteration,
        notes=notes,
    )


def _run(runner: Backend, task: _Task) -> KMeansResult:
    points, weights, options = task.points, task.weights, task.options
    clock = perf_counter()
    runner.start()
    if options.effort != "fast":
        load_backend("numba").start()
    seconds = {"start": perf_counter() - clock}
    centers = _first_centers(runner, task, seconds)

    clock = perf_counter()
    fit = runner.fit(points, weights, centers, options, task.on_iteration)
    seconds["fit"] = perf_counter() - clock - sum(fit.seconds.values())
    for phase, spent in fit.seconds.items():
        seconds[phase] = seconds.get(phase, 0.0) + spent

    clock = perf_counter()
    labels = fit.labels if fit.labels is not None else kernels.nearest_labels(points, fit.centers)
    inertia = _inertia(points, weights, replace(fit, labels=labels), options.distance)
    seconds["finish"] = perf_counter() - clock
    return KMeansResult(
        centers=fit.centers,
        labels=labels,
        inertia=inertia,
        n_iter=fit.n_iter,
        converged=fit.converged,
        history=fit.history,
        backend=runner.name,
        seconds=seconds,
        notes=task.notes + fit.notes,
    )


def _first_centers(runner: Backend, task: _Task, seconds: dict[str, float]) -> FloatArray | None:
    """Where the fit starts, (k, d), or None where the backend seeds by itself. seconds: gets the phases
    "search" and "seed"."""
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
            # From where all would come to rest, so that fixing one of those leaves the others in place.
            clock = perf_counter()
            free = replace(options, n_clusters=len(centers), n_fixed=0)
            centers = runner.fit(points, weights, centers, free, task.on_iteration).centers
            seconds["search"] = seconds.get("search", 0.0) + perf_counter() - clock
        centers = seeding.with_fixed(centers, task.fixed, options.n_clusters)
    return centers


def _inertia(points: RealArray, weights: FloatArray, fit: Fit, distance: str) -> float:
    """Of what a backend has found, reckoned in the same way for all."""
    assert fit.labels is not None
    if distance != "euclidean" or not are_counted(points, weights):
        return DISTANCES[distance].inertia(points, weights, fit.centers, fit.labels)
    sums = fit.sums
    if sums is None:
        sums = cluster_sums(points, weights, fit.labels, len(fit.centers))
    return inertia_from_sums(sums, fit.centers)


def _search(
    points: RealArray, weights: FloatArray, options: FitOptions, on_iteration: OnIteration | None
) -> FloatArray:
    """A better start than that of `options.init`."""
    from kmeans_core.clustering.effort import find_start

    def look() -> None:
        if on_iteration is not None:
            on_iteration(Iteration(0, math.nan, math.nan, 0, 0.0))

    return find_start(
        points,
        weights,
        options.n_clusters,
        init=options.init,
        seed=options.seed,
        effort=options.effort,
        on_round=look,
    )
