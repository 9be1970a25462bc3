"""The benchmark runs of this server: one measures, the others wait, and people stop only their own."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from kmeans_core.bench.measuring.cases import Plan
from kmeans_core.bench.measuring.limits import Limits
from kmeans_core.jobs.job import Job
from pages.components.shared.job_slot import worker

# Ended runs are kept for their messages, but only the last few.
_REMEMBERED = 20


@dataclass(frozen=True, eq=False)
class BenchmarkRun:
    """A plan in the worker process. owner: the secret of the visitor who started it."""

    job: Job
    owner: str = field(repr=False)
    title: str


class _Registry:
    """The runs of all visitors, whose sessions come in threads of their own."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.runs: tuple[BenchmarkRun, ...] = ()

    def add(self, run: BenchmarkRun) -> None:
        with self.lock:
            ended = [old for old in self.runs if old.job.is_over]
            forgotten = ended[: max(len(ended) - _REMEMBERED, 0)]
            self.runs = (*(old for old in self.runs if old not in forgotten), run)

    def remove(self, run: BenchmarkRun) -> None:
        with self.lock:
            self.runs = tuple(old for old in self.runs if old is not run)


# State of this module, one per process, and not of Streamlit's caches: any client may have those cleared, and
# whoever runs something would lose sight of it.
_REGISTRY = _Registry()


def start_run(
    plan: Plan, *, title: str, owner: str, store: Path, repeat: int, fresh: bool, limits: Limits
) -> BenchmarkRun:
    """Queues a plan. It continues when its page is closed.

    Raises OptionError for a plan beyond the limits, BusyError if too many wait.
    """
    limits.check(plan, repeat)
    job = worker().submit(
        "kmeans_core.bench.measuring.runner:run_in_worker",
        fresh_process=True,
        plan=plan,
        store=store,
        repeat=repeat,
        fresh=fresh,
        limits=limits,
    )
    run = BenchmarkRun(job, owner, title)
    _REGISTRY.add(run)
    return run


def active_runs() -> list[BenchmarkRun]:
    """Those that measure or wait, in their order."""
    return [run for run in _REGISTRY.runs if not run.job.is_over]


def own_run(owner: str) -> BenchmarkRun | None:
    """The visitor's run that measures or waits."""
    return next((run for run in active_runs() if run.owner == owner), None)


def ended_run(owner: str) -> BenchmarkRun | None:
    """The visitor's own newest run, if it has ended and none of theirs is active."""
    mine = [run for run in _REGISTRY.runs if run.owner == owner]
    return mine[-1] if mine and mine[-1].job.is_over else None


def dismiss(run: BenchmarkRun) -> None:
    """Forgets an ended run."""
    _REGISTRY.remove(run)


def stop_run(run: BenchmarkRun, owner: str) -> None:
    """Stops a run for its owner; for anybody else it does nothing."""
    if run.owner == owner:
        worker().stop(run.job)
