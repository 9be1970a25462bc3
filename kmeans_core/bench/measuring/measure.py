"""One repetition of one case, timed phase by phase. Runs in a child process that the runner starts.

The clock of a repetition runs from the pixels in memory to labels and centers: counting colors, seeding,
sending the data to the engine, the rounds, and the result. Starting up (Java, compiled code, imports) is paid
once a process; it is timed apart and never part of the rest. The first repetition of a backend in its
process is the cold one.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any

from kmeans_core.backends import get_backend, spark_session
from kmeans_core.backends.base import Backend
from kmeans_core.bench.measuring import memory
from kmeans_core.bench.measuring.cases import Case, Source, Workload
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import BackendUnavailableError, OptionError
from kmeans_core.fitting import cluster
from kmeans_core.types import Iteration, KMeansResult

# Every backend has it, so all that accept centers start from the same ones.
_INIT = "random"

# How often a child tells which iteration it is at: seldom, so that telling does not count.
_TELL_SECONDS = 0.2


@dataclass(frozen=True)
class Measurement:
    """What one repetition took.

    cold: the first of its backend in this process. start: seconds of the start-up, 0 unless cold.
    seconds: from pixels to labels, without `start`. phases: `PHASES` → seconds, which add up to `seconds`.
    iterations: seconds of each round, empty if the backend does not tell. rounds: how many were run.
    points: distinct colors, or points. inertia: of the answer. own_peak_memory: most bytes this process alone
    held, 0 where the system does not tell.
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


# In the order they happen, but that "prepare" is all that has no name before the first round: checking the
# input, laying out arrays. A backend that tells no rounds has its seeding and its result in "iterate".
PHASES = ("histogram", "seed", "transfer", "prepare", "iterate", "result")


@dataclass(frozen=True)
class Unavailable:
    """Why a case cannot run on this machine."""

    reason: str


# What this process has read and started so far.
_workloads: dict[str, Workload] = {}
_started: set[str] = set()


def measure(case: Case, source: Source, on_progress: Callable[[Any], None]) -> Measurement | Unavailable:
    """Runs a case once. on_progress: called with a word for what happens, then with the number of the round.

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

    # After the start, which would seem shorter if reading had imported half of it.
    on_progress("reading")
    workload = _workloads.get(source.key) or source.load()
    _workloads.clear()  # a large picture is enough at a time
    _workloads[source.key] = workload
    on_progress("running")
    return _timed(case, backend, workload, start, cold, on_progress)


def _timed(
    case: Case,
    backend: Backend,
    workload: Workload,
    start: float,
    cold: bool,
    on_progress: Callable[[Any], None],
) -> Measurement:
    memory.forget_peak()
    teller = _Teller(on_progress)
    clock = perf_counter()
    points, weights = workload.points()
    counted = perf_counter() - clock
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
        # Spark ML would be asked about its jobs ten times a second, at the cost of what is measured.
        on_iteration=teller.tell if backend.traits.history else None,
    )
    seconds = perf_counter() - clock
    before = teller.first_round - clock if fit.history else None
    phases = _phases(fit, counted, before, seconds)
    if backend.traits.per_pixel:
        # Such an algorithm works on pixels as they are. That they come as counted colors, to be spread out
        # again, is our way of handing them over, and not on its clock.
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


def _phases(fit: KMeansResult, counted: float, before: float | None, seconds: float) -> dict[str, float]:
    """The phases of the whole. before: seconds until the first round began, None if it is not known."""
    named = {"histogram": counted, "seed": fit.seconds["seed"], "transfer": fit.seconds.get("transfer", 0.0)}
    if before is None:
        iterate, result = fit.seconds["fit"], fit.seconds["finish"]
        prepare = seconds - sum(named.values()) - iterate - result
    else:
        iterate = sum(step.seconds for step in fit.history)
        prepare = before - sum(named.values())
        result = seconds - before - iterate
    return {**named, "prepare": prepare, "iterate": iterate, "result": result}


class _Teller:
    """Passes on the number of the round, now and then."""

    def __init__(self, on_progress: Callable[[Any], None]) -> None:
        self.on_progress = on_progress
        self.last = monotonic()
        self.first_round = 0.0  # when it began

    def tell(self, iteration: Iteration) -> None:
        if iteration.index == 1:
            self.first_round = perf_counter() - iteration.seconds
        if monotonic() - self.last >= _TELL_SECONDS:
            self.last = monotonic()
            self.on_progress(iteration.index)


def _limit_cores(case: Case) -> None:
    """Gives this process, and all it starts, as many cores as the case says."""
    if spark_session.is_local():
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
