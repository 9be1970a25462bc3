"""`cluster()`, the one call behind every page and command: checks input, seeds, runs a backend, reports."""

import math
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kmeans_core.backends import capable_backends, get_backend, load_backend
from kmeans_core.backends.base import Backend, Fit
from kmeans_core.clustering import kernels, seeding
from kmeans_core.clustering.counted import are_counted, cluster_sums, inertia_from_sums
from kmeans_core.clustering.distances import DISTANCES
from kmeans_core.errors import OptionError, UnsupportedOptionError
from kmeans_core.types import FitOptions, FloatArray, Iteration, KMeansResult, OnIteration, RealArray

# What Spark's Java side can hold: a 32-bit number of iterations and a 64-bit seed.
_MOST_ITERATIONS = 2**31 - 1
_LARGEST_SEED = 2**63 - 1
_LARGEST_COORDINATE = 1e140
EFFORTS = ("fast", "balanced", "best")
_MOST_SEARCHED = 1024


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
    max_iter: most rounds, 1 to 2,147,483,647.
    tol: stop when no center moves farther than this, in the unit of the points, 0 or more. The default
        runs until no label changes.
    early_stop: False runs exactly `max_iter` rounds, as the paper does.
    distance: "euclidean", or "manhattan" for k-medians, on whole numbers from 0 to 255 (uint8): a center is
        the median of each coordinate, and the inertia a sum of distances. First centers are found by
        squared distances all the same.
    fixed: (m, d) centers that stay where they are, counted in `n_clusters`; the result has them first. They
        take the places of the nearest given centers, or else of the nearest of a fit without them.
    seed: 0 to 9,223,372,036,854,775,807; the same seed gives the same result.
    effort: "fast" starts from the centers of `init`; "balanced" and "best" search for a better start first,
        on 8-bit colors with whole weights, see `clustering/effort.py`. "best" may take 100 times as long.
    on_iteration: called with each `Iteration` as it ends, by Spark ML from another thread, and with one of
        index 0 before each round of a search; an exception it raises cancels the fit and reaches the caller.

    Raises OptionError for a bad argument, UnsupportedOptionError if the backend lacks what is asked of it,
    BackendUnavailableError if it cannot run here, BackendFailedError if it breaks down on the way.

    Method: Lloyd, *Least squares quantization in PCM*, IEEE Trans. Inf. Theory 28 (1982).
    """
    runner, options = check_options(
        n_clusters,
        backend=backend,
        init=init,
        max_iter=max_iter,
        tol=tol,
        early_stop=early_stop,
        distance=distance,
        fixed=fixed,
        seed=seed,
        effort=effort,
    )
    table = _checked_points(points)
    mass = _checked_weights(weights, len(table))
    if effort != "fast":
        _check_searchable(table, mass, options)
    if distance == "manhattan" and table.dtype != np.uint8:
        raise OptionError(
            f"distance='manhattan' counts 8-bit levels, and points has the type {table.dtype}; give whole "
            "numbers from 0 to 255 as uint8, or use distance='euclidean'."
        )
    kept = np.empty((0, table.shape[1]))
    if fixed is not None and options.n_fixed:
        kept = _checked_centers("fixed", fixed, table.shape[1], options.n_fixed)
    start_centers = (
        None if isinstance(init, str) else _checked_centers("init", init, table.shape[1], options.n_clusters)
    )

    notes: tuple[str, ...] = ()
    distinct = seeding.distinct_points(table, mass, options.n_clusters + 1)
    loose = distinct[~(distinct[:, None] == kept).all(axis=2).any(axis=1)] if len(kept) else distinct
    possible = len(kept) + len(loose)
    if possible < options.n_clusters:
        notes = (f"Only {len(distinct):,} distinct points, fewer than {options.n_clusters:,} clusters.",)
        options = replace(options, n_clusters=possible)
        start_centers = None
    if start_centers is None and (possible == options.n_clusters or not len(loose)):
        # Every distinct point is a center; there is nothing to search for.
        start_centers = np.vstack([kept, loose])
    n_seeds = min(options.n_clusters, len(distinct))
    return _run(runner, table, mass, start_centers, kept, n_seeds, options, on_iteration, notes)


def check_options(
    n_clusters: int,
    *,
    backend: str | Backend,
    init: str | ArrayLike,
    max_iter: int,
    tol: float,
    early_stop: bool,
    distance: str = "euclidean",
    fixed: ArrayLike | None = None,
    seed: int,
    effort: str = "fast",
) -> tuple[Backend, FitOptions]:
    """The backend and the options, or the errors that `cluster()` raises for them."""
    options = FitOptions(
        n_clusters=_whole_number("n_clusters", n_clusters, 1),
        init=init if isinstance(init, str) else "given",
        max_iter=_whole_number("max_iter", max_iter, 1, _MOST_ITERATIONS),
        tol=_checked_tol(tol),
        early_stop=bool(early_stop),
        distance=distance,
        seed=_whole_number("seed", seed, 0, _LARGEST_SEED),
        effort=effort,
        n_fixed=0 if fixed is None else len(np.atleast_1d(_array("fixed", fixed))),
    )
    if distance not in DISTANCES:
        raise OptionError(f"distance={distance!r} is unknown; use one of: {', '.join(DISTANCES)}.")
    if effort not in EFFORTS:
        raise OptionError(f"effort={effort!r} is unknown; use one of: {', '.join(EFFORTS)}.")
    if isinstance(init, str) and init not in seeding.METHODS:
        raise OptionError(
            f"init={init!r} is unknown; use one of: {', '.join(seeding.METHODS)}, "
            "or pass an array of centers."
        )
    runner = get_backend(backend) if isinstance(backend, str) else backend
    _check_traits(runner, options)
    return runner, options


def _run(
    runner: Backend,
    points: RealArray,
    weights: FloatArray,
    centers: FloatArray | None,
    fixed: FloatArray,
    n_seeds: int,
    options: FitOptions,
    on_iteration: OnIteration | None,
    notes: tuple[str, ...],
) -> KMeansResult:
    clock = perf_counter()
    runner.start()
    if options.effort != "fast":
        load_backend("numba").start()
    seconds = {"start": perf_counter() - clock}

    if centers is None and options.effort != "fast":
        clock = perf_counter()
        centers = _search(points, weights, replace(options, n_clusters=n_seeds), on_iteration)
        seconds["search"] = perf_counter() - clock

    clock = perf_counter()
    seeds_here = options.init not in runner.traits.seeds_in_fit or options.n_fixed
    are_given = centers is not None and options.effort == "fast"
    if centers is None and runner.traits.initial_centers and seeds_here:
        centers = runner.seed_centers(points, weights, replace(options, n_clusters=n_seeds))
    seconds["seed"] = perf_counter() - clock

    if options.n_fixed and centers is not None:
        if not are_given:
            # From where all would come to rest, so that fixing one of those leaves the others in place.
            clock = perf_counter()
            free = replace(options, n_clusters=len(centers), n_fixed=0)
            centers = runner.fit(points, weights, centers, free, on_iteration).centers
            seconds["search"] = seconds.get("search", 0.0) + perf_counter() - clock
        centers = seeding.with_fixed(centers, fixed, options.n_clusters)

    clock = perf_counter()
    fit = runner.fit(points, weights, centers, options, on_iteration)
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
        notes=notes + fit.notes,
    )


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


def _check_searchable(points: RealArray, weights: FloatArray, options: FitOptions) -> None:
    if options.n_clusters > _MOST_SEARCHED:
        raise OptionError(
            f"effort={options.effort!r} is for at most {_MOST_SEARCHED:,} clusters, and n_clusters is "
            f"{options.n_clusters:,}; use effort='fast'."
        )
    if not are_counted(points, weights):
        raise OptionError(
            f"effort={options.effort!r} is for 8-bit colors, an (n, 3) array of uint8, with whole numbers of "
            "pixels as weights; use effort='fast' for other points."
        )


def _checked_points(points: ArrayLike) -> RealArray:
    table = _array("points", points)
    if table.ndim != 2 or 0 in table.shape:
        raise OptionError(
            f"points has the shape {table.shape}; give a table of n points by d coordinates, both 1 or more."
        )
    table = _finite("points", table)
    if np.issubdtype(table.dtype, np.floating) and float(np.abs(table).max()) > _LARGEST_COORDINATE:
        raise OptionError(
            f"points holds numbers beyond {_LARGEST_COORDINATE:g}, whose squares are too large to add; "
            "scale them down first."
        )
    return table


def _checked_weights(weights: ArrayLike | None, n_points: int) -> FloatArray:
    if weights is None:
        return np.ones(n_points)
    mass = _finite("weights", _array("weights", weights))
    if mass.shape != (n_points,):
        raise OptionError(f"weights has the shape {mass.shape}; give one weight a point: ({n_points},).")
    if mass.min() < 0 or mass.max() == 0:
        raise OptionError(
            f"weights run from {mass.min():g} to {mass.max():g}; give weights of 0 or more, not all 0."
        )
    mass = mass.astype(np.float64)
    if not 1e-200 < mass.max() < 1e200:
        raise OptionError(
            f"The largest weight is {mass.max():g}; sums of squares need it between 1e-200 and 1e200. "
            "Divide all weights by their largest."
        )
    return mass


def _checked_centers(name: str, given: ArrayLike, n_dims: int, count: int) -> FloatArray:
    centers = _finite(name, _array(name, given)).astype(np.float64)
    if centers.size and float(np.abs(centers).max()) > _LARGEST_COORDINATE:
        raise OptionError(f"{name} holds numbers beyond {_LARGEST_COORDINATE:g}; give centers nearer by.")
    if centers.shape != (count, n_dims):
        raise OptionError(
            f"{name} has the shape {centers.shape}; give one center a row: ({count}, {n_dims})."
        )
    return centers


def _array(name: str, value: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except ValueError:
        raise OptionError(f"{name} is ragged; give rows of equal length.") from None


def _finite(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == bool or not (
        np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)
    ):
        raise OptionError(f"{name} has the type {array.dtype}; give real numbers (integer or float).")
    if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
        raise OptionError(f"{name} holds NaN or infinity; fill or drop those entries first.")
    return array


def _whole_number(name: str, value: object, least: int, most: int = _LARGEST_SEED) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        raise OptionError(
            f"{name}={value!r} is not allowed; give a whole number of {least} or more, at most {most:,}."
        )
    return int(value)


def _checked_tol(tol: float) -> float:
    if isinstance(tol, bool) or not isinstance(tol, int | float | np.number) or not 0 <= tol < math.inf:
        raise OptionError(f"tol={tol!r} is not allowed; give a number of 0 or more.")
    return float(tol)


def _check_traits(backend: Backend, options: FitOptions) -> None:
    """Raises UnsupportedOptionError, naming the backends that can, if this one cannot do what is asked."""
    traits = backend.traits

    def refuse(what: str, able: Sequence[Backend]) -> UnsupportedOptionError:
        names = ", ".join(other.name for other in able)
        return UnsupportedOptionError(f"The backend {backend.name} {what}; use {names}.")

    if options.distance not in traits.distances:
        able = capable_backends(lambda traits: options.distance in traits.distances)
        raise refuse(f"does not measure {options.distance} distances", able)
    if options.effort != "fast" and options.init == "given":
        raise OptionError(
            f"effort={options.effort!r} searches for a start, and init gives one; leave out one of them."
        )
    if options.effort != "fast" and not traits.initial_centers:
        able = capable_backends(lambda traits: traits.initial_centers)
        raise refuse("seeds by itself, so effort is of no use", able)
    if options.init == "given" and not traits.initial_centers:
        able = capable_backends(lambda traits: traits.initial_centers)
        raise refuse("does not start from given centers", able)
    if options.n_fixed > options.n_clusters:
        raise OptionError(
            f"fixed gives {options.n_fixed:,} centers, and n_clusters={options.n_clusters:,} counts them in; "
            "ask for more clusters, or fix fewer centers."
        )
    if options.n_fixed and not traits.fixed_centers:
        able = capable_backends(lambda traits: traits.fixed_centers)
        raise refuse("moves every center, so fixed cannot be kept", able)
    if options.init != "given" and options.init not in traits.inits:
        able = capable_backends(lambda traits: options.init in traits.inits)
        raise refuse(f"does not start with init={options.init!r}", able)
    if not options.early_stop and not traits.fixed_iterations:
        able = capable_backends(lambda traits: traits.fixed_iterations)
        raise refuse("cannot run a fixed number of iterations", able)
