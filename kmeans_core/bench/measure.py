"""Runs cases and reports medians. Starting Java and compiling are phases of their own, never in the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from kmeans_core.backends import get_backend
from kmeans_core.bench.cases import Case
from kmeans_core.errors import BackendFailedError, BackendUnavailableError
from kmeans_core.fitting import cluster
from kmeans_core.images.histogram import ColorHistogram

# Every backend has it, so all that accept centers start from the same ones.
_INIT = "random"


@dataclass(frozen=True)
class Measurement:
    """One case, measured several times.

    status: "done", "unavailable" or "failed"; message says why.
    start: seconds of the first start: Java, JIT compilation. Not part of `seconds`.
    seconds: wall seconds of each repetition, from pixels to labels: histogram, seeding, transfer, fit.
    phases: median seconds of each phase.
    inertia: of the answer, so that nobody compares the speed of different answers.
    """

    backend: str
    status: str
    message: str = ""
    start: float = 0.0
    seconds: tuple[float, ...] = ()
    phases: Mapping[str, float] | None = None
    inertia: float | None = None
    n_iter: int = 0

    @property
    def median(self) -> float | None:
        return median(self.seconds) if self.seconds else None


def measure(case: Case, *, repeat: int, on_repeat: Callable[[int], None] | None = None) -> Measurement:
    """Runs one case `repeat` times after a start and a warm-up round that do not count.

    on_repeat: called with the number of each repetition before it begins; 0 is the warm-up.
    """
    try:
        backend = get_backend(case.backend)
    except BackendUnavailableError as error:
        return Measurement(case.backend, "unavailable", str(error))
    try:
        clock = perf_counter()
        backend.start()
        start = perf_counter() - clock
        seconds, phases = [], []
        fit = None
        for number in range(repeat + 1):
            if on_repeat is not None:
                on_repeat(number)
            clock = perf_counter()
            histogram = ColorHistogram.of(case.picture)
            counted = perf_counter() - clock
            fit = cluster(
                histogram.colors,
                case.n_colors,
                weights=histogram.counts,
                backend=backend,
                init=_INIT,
                # One round is enough to warm caches and wake Spark's Python workers.
                max_iter=case.n_iter if number else 1,
                early_stop=not backend.traits.fixed_iterations,
                seed=case.seed,
            )
            if number:
                seconds.append(perf_counter() - clock)
                phases.append({"histogram": counted, **fit.seconds})
    except BackendFailedError as error:
        return Measurement(case.backend, "failed", str(error))
    assert fit is not None
    return Measurement(
        case.backend,
        "done",
        start=start,
        seconds=tuple(seconds),
        phases={phase: median(run[phase] for run in phases) for phase in phases[0]},
        inertia=fit.inertia,
        n_iter=fit.n_iter,
    )
