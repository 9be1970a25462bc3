"""One repetition of one case, timed phase by phase. Runs in a child process that the runner starts.

The clock of a repetition runs from the pixels in memory to labels and centers: counting colors, seeding,
sending the data to the workers, the iterations, and the result. Start-up (Java, compiled code, imports)
happens once per process; it is timed separately and never part of the rest. The first repetition of a backend
in its process is the cold one.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any

from kmeans_core.backends import get_backend, spark_settings
from kmeans_core.backends.base import Backend
from kmeans_core.bench.measuring import memory
from kmeans_core.bench.measuring.cases import Case, Source, Workload
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import BackendUnavailableError, OptionError
from kmeans_core.fitting import cluster
from kmeans_core.types import Iteration, KMeansResult

# Every backend has it, so all that accept centers start from the same ones.
_INIT = "random"

# How often a worker reports its iteration: seldom, so that reporting costs nothing.
_REPORT_SECONDS = 0.2


@dataclass(frozen=True)
class Measurement:
    """What one repetition took.

    cold: the first of its backend in this process. start: seconds of the start-up, 0 unless cold.
    seconds: from pixels to labels, without `start`. phases: `PHASES` → seconds, which add up to `seconds`.
    iteration_seconds: of each iteration, empty if the backend does not record them. iterations_run: how many.
    points: distinct colors, or points. inertia: of the result. own_peak_memory: peak bytes of this process
    alone, 0 if the system does not report it.
    """

    cold: bool
    start: float
    seconds: float
    phases: dict[str, float]
    iterations: tuple[float, ...]
    rounds: int
    inertia: float
    pixels: int
    points: int
    dims: int
    own_peak_memory: int


# In the order they happen, except "prepare": everything else before the first iteration, such as checking the
# input and laying out arrays. A backend without a history has its seeding and its result in "iterate".
PHASES = ("histogram", "seed", "transfer", "prepare", "iterate", "result")


@dataclass(frozen=True)
class Unavailable:
    """Why a case cannot run on this machine."""

    reason: str


# What this process has read and started so far.
_workloads: dict[str, Workload] = {}
_started: set[str] = set()


def measure_repetition(
    case: Case, source: Source, on_progress: Callable[[Any], None]
) -> Measurement | Unavailable:
    """Runs a case once. on_progress: called with a word for what happens, then with the number of the
    iteration.

    Cores are limited for the whole process, so one process serves cases of one backend and number of cores.
    """
    try:
        _limit_cores(case)
        backend = get_backend(case.backend)
    except BackendUnavailableError as error:
        return Unavailable(str(error))
    on_progress("starting")
    cold = case.backend not in _started
    clock = perf_counter()
    backend.start()
    start = perf_counter() - clock if cold else 0.0
    _started.add(case.backend)

    # After the start-up, which would seem shorter if reading had already imported half of it.
    on_progress("reading")
    workload = _workloads.get(source.key) or source.load()
    _workloads.clear()  # a large picture is enough at a time
    _workloads[source.key] = workload
    on_progress("running")
    return _measure_fit(case, backend, workload, start, cold, on_progress)


def _measure_fit(
    case: Case,
    backend: Backend,
    workload: Workload,
    start: float,
    cold: bool,
    on_progress: Callable[[Any], None],
) -> Measurement:
    memory.forget_peak()
    reporter = _ProgressReporter(on_progress)
    clock = perf_counter()
    points, weights = workload.points()
    histogram_seconds = perf_counter() - clock
    fit = cluster(
        points,
        case.n_clusters,
        weights=weights,
        backend=backend,
        init=_INIT,
        max_iter=case.n_iter,
        tol=case.tol or 0.0,
        early_stop=case.tol is not None or not backend.traits.fixed_iterations,
        seed=case.seed,
        # For Spark ML this would poll its jobs ten times per second, and slow down what is measured.
        on_iteration=reporter.report if backend.traits.history else None,
    )
    seconds = perf_counter() - clock
    before_iterations = reporter.first_iteration_began - clock if fit.history else None
    phases = _phases(fit, histogram_seconds, before_iterations, seconds)
    if backend.traits.per_pixel:
        # This algorithm works on pixels. Counting their colors and expanding them again is our way of passing
        # them on, so it is not part of its time.
        phases |= {"histogram": 0.0, "prepare": 0.0}
    return Measurement(
        cold=cold,
        start=start,
        seconds=sum(phases.values()),
        phases=phases,
        iterations=tuple(step.seconds for step in fit.history),
        rounds=fit.n_iter,
        inertia=fit.inertia,
        pixels=workload.pixels,
        points=len(points),
        dims=int(points.shape[1]),
        own_peak_memory=memory.peak(),
    )


def _phases(
    fit: KMeansResult, histogram_seconds: float, before_iterations: float | None, seconds: float
) -> dict[str, float]:
    """The phases of the whole. before_iterations: until the first iteration began; None if unknown."""
    named = {
        "histogram": histogram_seconds,
        "seed": fit.seconds["seed"],
        "transfer": fit.seconds.get("transfer", 0.0),
    }
    if before_iterations is None:
        iterate, result = fit.seconds["fit"], fit.seconds["finish"]
        prepare = seconds - sum(named.values()) - iterate - result
    else:
        iterate = sum(iteration.seconds for iteration in fit.history)
        prepare = before_iterations - sum(named.values())
        result = seconds - before_iterations - iterate
    return {**named, "prepare": prepare, "iterate": iterate, "result": result}


class _ProgressReporter:
    """Reports the number of the iteration, now and then."""

    def __init__(self, on_progress: Callable[[Any], None]) -> None:
        self.on_progress = on_progress
        self.last = monotonic()
        self.first_iteration_began = 0.0  # when it began

    def report(self, iteration: Iteration) -> None:
        if iteration.index == 1:
            self.first_iteration_began = perf_counter() - iteration.seconds
        if monotonic() - self.last >= _REPORT_SECONDS:
            self.last = monotonic()
            self.on_progress(iteration.index)


def _limit_cores(case: Case) -> None:
    """Gives this process, and all it starts, as many cores as the case says."""
    if spark_settings.is_local():
        os.environ["KMEANS_SPARK_MASTER"] = f"local[{case.cores}]"
    cores = usable_cores()
    if case.cores == cores:
        return
    if case.cores > cores:
        raise OptionError(f"cores={case.cores} is more than this machine offers ({cores}); use fewer.")
    if not hasattr(os, "sched_setaffinity"):
        raise BackendUnavailableError(
            "This system does not let a program limit its cores; measure with all of them."
        )
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: case.cores])
