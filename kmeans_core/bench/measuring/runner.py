"""Runs a plan: case after case in child processes, every repetition stored before the next begins.

All cases of one backend on one number of cores share a child, and each child is fresh. Its first repetition
is therefore cold, Java and compiled code included; the others are warm. A backend whose engine needs some
work until it is as fast as it will be (`warm_up_seconds`) gets that before the warm ones count.

A case that takes too long is ended with its process, one that fails is a row with its message, and the rest
goes on.
"""

import itertools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from kmeans_core.backends import get_backend, load_backend
from kmeans_core.bench.analysis.estimate import Estimator
from kmeans_core.bench.measuring.cases import Case, Plan
from kmeans_core.bench.measuring.limits import Limits
from kmeans_core.bench.measuring.machine import Environment, describe_environment, machine_id
from kmeans_core.bench.measuring.progress import RunProgress
from kmeans_core.bench.measuring.repetition import Measurement, Unavailable
from kmeans_core.bench.measuring.tree_memory import TreeMemory, peak_memory
from kmeans_core.bench.records.results import DONE, FAILED, STOPPED, TIMEOUT, UNAVAILABLE, Repetition
from kmeans_core.bench.records.shipped import shipped_repetitions
from kmeans_core.bench.records.store import Store
from kmeans_core.errors import BackendUnavailableError
from kmeans_core.jobs.job import Job, JobState
from kmeans_core.jobs.supervisor import Supervisor

_POLL_SECONDS = 0.2


def pending(plan: Plan, store: Store, machine: str, repeat: int, seconds: float) -> tuple[Case, ...]:
    """The cases that this machine has no complete result for.

    What could not run is tried again, what took too long if `seconds` allow more, and what is outdated.

    Parameters
    ----------
    plan : Plan
    store : Store
    machine : str
        As of `machine_id()`.
    repeat : int
        Warm repetitions of each case.
    seconds : float
        The most of one repetition.

    Returns
    -------
    tuple of Case
    """
    results = store.results(machine)
    cells = {case: results.get(case) for case in plan.cases}
    return tuple(
        case
        for case, cell in cells.items()
        if cell is None
        or not cell.is_complete
        or cell.status in (FAILED, UNAVAILABLE)
        or (cell.status == DONE and len(cell.warm) < repeat)
        or (cell.status == TIMEOUT and seconds > (cell.last.seconds or 0.0))
        or cell.is_outdated
    )


def run_plan(
    plan: Plan,
    store: Store,
    *,
    repeat: int,
    fresh: bool = False,
    limits: Limits | None = None,
    on_progress: Callable[[RunProgress], None] | None = None,
) -> None:
    """Measures what is missing and stores it row by row.

    Parameters
    ----------
    plan : Plan
    store : Store
    repeat : int
        Warm repetitions of each case.
    fresh : bool, default False
        Measures everything.
    limits : Limits, optional
    on_progress : callable, optional
        Called with a `RunProgress` many times per second; an exception in it stops the run, marks the current
        case as stopped and reaches the caller.

    Raises
    ------
    OptionError
        For a plan beyond the limits.
    StoreError
        If results cannot be stored.
    """
    limits = limits or Limits()
    limits.check(plan, repeat)
    environment = describe_environment()
    missing = (
        plan.cases if fresh else pending(plan, store, machine_id(environment), repeat, limits.max_seconds)
    )
    run = _PlanRun(plan, missing, store, environment, repeat, limits, on_progress or (lambda progress: None))
    groups: dict[tuple[str, int, str], list[Case]] = {}
    for case in missing:
        groups.setdefault(case.process, []).append(case)
    for group in groups.values():
        run.measure_group(group)
    run.report(None)


class _PlanRun:
    """One run through the cases to measure."""

    def __init__(
        self,
        plan: Plan,
        missing: Sequence[Case],
        store: Store,
        environment: Environment,
        repeat: int,
        limits: Limits,
        on_progress: Callable[[RunProgress], None],
    ) -> None:
        self.plan, self.store, self.environment = plan, store, environment
        self.repeat, self.limits, self.on_progress = repeat, limits, on_progress
        self.id = uuid.uuid4().hex
        self.clock = monotonic()
        self.remaining_cases = list(missing)
        self.warm = 0  # repetitions of the current case that are done
        here = store.repetitions(machine_id(environment))
        self.estimator = Estimator(plan, here, shipped_repetitions(), repeat)
        self.worker: Supervisor | None = None

    def measure_group(self, cases: list[Case]) -> None:
        """Cases that share a child process. It is ended with them, whatever happens."""
        try:
            for case in cases:
                self._measure_case(case)
                self.remaining_cases.remove(case)
        finally:
            self._end_worker()

    def report(
        self, case: Case | None, number: int = 0, cold: bool = False, activity: str | int = ""
    ) -> None:
        elapsed = monotonic() - self.clock
        self.on_progress(
            RunProgress(
                done=len(self.plan.cases) - len(self.remaining_cases),
                total=len(self.plan.cases),
                case=case,
                repetition=number,
                wanted=self.repeat,
                cold=cold,
                activity=activity,
                elapsed=elapsed,
                remaining=self.estimator.remaining(self.remaining_cases, self.warm, None if cold else case),
            )
        )

    def _measure_case(self, case: Case) -> None:
        reason = _why_unavailable(case.backend)
        if reason is not None:
            self._store(case, 1, UNAVAILABLE, message=reason)
            return
        self.warm = 0
        for number in itertools.count(1):
            row = self._measure_once(case, number)
            self.estimator.update(row)
            if row.status == DONE and row.cold:
                row = self._warm_up(case, number, row)
            if row.status != DONE:
                self._end_worker()
                return
            self.warm += not row.cold
            if self.warm == self.repeat:
                return

    def _warm_up(self, case: Case, number: int, cold: Repetition) -> Repetition:
        """Runs a case for as long as its engine needs to be as fast as it will be. The cold row, or the one
        that it broke down with."""
        clock, wanted = monotonic(), load_backend(case.backend).warm_up_seconds
        while monotonic() - clock < wanted:
            row = self._measure_once(case, number, thrown_away=True)
            if row.status != DONE:
                return row
        return cold

    def _measure_once(self, case: Case, number: int, *, thrown_away: bool = False) -> Repetition:
        cold = self.worker is None
        worker = self.worker = self.worker or Supervisor()
        job = worker.submit(
            "kmeans_core.bench.measuring.repetition:measure_repetition",
            case=case,
            source=self.plan.sources[case.source],
        )
        clock: float | None = None
        with peak_memory(worker) as memory:
            try:
                while not job.wait(_POLL_SECONDS):
                    activity = "warming up" if thrown_away else job.progress or "starting"
                    self.report(case, number, cold, activity)
                    if job.progress not in (None, "reading", "starting"):
                        clock = clock or monotonic()
                    if clock is not None and monotonic() - clock > self.limits.max_seconds:
                        limit = f"{self.limits.max_seconds:g} s"
                        return self._store(
                            case,
                            number,
                            TIMEOUT,
                            message=f"Not done after {limit}, the limit for a repetition.",
                            seconds=self.limits.max_seconds,
                        )
                self.report(case, number, cold, "storing")
            except BaseException:
                if not job.is_over:
                    # First end the processes, then store the row, which says that they have ended.
                    self._end_worker()
                    self._store(case, number, STOPPED, message="Stopped.")
                elif not thrown_away:
                    self._store_job(case, number, job, memory)
                raise
        if thrown_away and job.state is JobState.DONE and isinstance(job.result, Measurement):
            return self._row(case, number, DONE, measured=job.result)
        return self._store_job(case, number, job, memory)

    def _store_job(self, case: Case, number: int, job: Job, memory: TreeMemory) -> Repetition:
        if job.state is not JobState.DONE:
            return self._store(case, number, FAILED, message=job.message)
        match job.result:
            case Unavailable(reason=reason):
                return self._store(case, number, UNAVAILABLE, message=reason)
            case Measurement() as measured:
                return self._store(case, number, DONE, measured=measured, sampled_peak=memory.peak)
        raise TypeError(f"unexpected answer of the measuring process: {job.result!r}")

    def _store(self, case: Case, number: int, status: str, **values: Any) -> Repetition:
        row = self._row(case, number, status, **values)
        self.store.add([row])
        return row

    def _row(
        self,
        case: Case,
        number: int,
        status: str,
        *,
        message: str = "",
        seconds: float | None = None,
        measured: Measurement | None = None,
        sampled_peak: int | None = None,
    ) -> Repetition:
        row = Repetition(
            uid=uuid.uuid4().hex,
            run=self.id,
            measured_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            environment=self.environment,
            case=case,
            wanted=self.repeat,
            number=number,
            cold=measured.cold if measured is not None else False,
            status=status,
            message=message,
            seconds=seconds,
        )
        if measured is not None:
            values = dict(vars(measured))
            # A peak between two polls of all processes shows in the worker's own value.
            peak = max(values.pop("own_peak_memory"), sampled_peak or 0)
            row = replace(row, **values, peak_memory=peak or None)
        return row

    def _end_worker(self) -> None:
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.close()


def _why_unavailable(backend: str) -> str | None:
    try:
        get_backend(backend)
    except BackendUnavailableError as error:
        return str(error)
    return None


def run_in_worker(
    plan: Plan, store: Any, repeat: int, fresh: bool, limits: Limits, on_progress: Callable[[Any], None]
) -> None:
    """The same as a job of the worker process. store: path of the file."""
    run_plan(plan, Store(store), repeat=repeat, fresh=fresh, limits=limits, on_progress=on_progress)
