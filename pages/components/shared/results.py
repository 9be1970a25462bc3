"""Getting a result: from the cache, at once, or from the worker process; and what a page shows meanwhile."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kmeans_core.errors import KMeansError
from kmeans_core.jobs.job import Job, JobState
from pages.components.shared.job_panel import ended_job
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.kept import Kept
from pages.components.shared.texts import say_error
from pages.components.shared.unforeseen import say_unforeseen

R = TypeVar("R")
S = TypeVar("S")

# What takes longer goes to the worker process, where its progress can be seen and Stop ends it.
MAX_QUICK_SECONDS = 1.5


@dataclass(frozen=True)
class Wanted(Generic[R]):
    """A result that somebody wants.

    request: equal for equal results. kept: where results of this kind are kept, by their request. estimate:
    seconds to have it here, None for unknown; may raise KMeansError for what cannot be had. compute: makes it
    here. task, arguments: of `Supervisor.submit()`, to have it made in the worker process. finish: the result
    from what the task returned.
    """

    request: Hashable
    kept: Kept[R]
    estimate: Callable[[], float | None]
    compute: Callable[[], R]
    task: str
    arguments: Callable[[], dict[str, Any]]
    finish: Callable[[Any], R]

    def is_quick(self) -> bool:
        seconds = self.estimate()
        return seconds is not None and seconds < MAX_QUICK_SECONDS


def result_or_job(wanted: Wanted[R], slot: JobSlot, *, start: bool = True) -> R | Job | None:
    """The result if it is there or quick to have, else the job that works on it.

    A job of this visitor that works on something else is stopped: its result is not wanted any more.
    start: whether to start a job if there is none; without, the result may be None.
    """
    slot.keep_only(wanted.request)
    result = wanted.kept.find(wanted.request)
    if result is not None:
        slot.drop()  # another visitor's run was faster
        return result
    if wanted.is_quick():
        return wanted.kept.get(wanted.request, wanted.compute)
    if not start and not slot.has_begun(wanted.request):
        return None
    job = slot.job(wanted.request, wanted.task, wanted.arguments)
    if job.state is not JobState.DONE:
        return job
    return wanted.kept.get(wanted.request, lambda: wanted.finish(job.result))


@dataclass(frozen=True)
class Attempt(Generic[S]):
    """What came of trying to have a result. shown: what to show, the last good one if there is none now.
    running: the job that works on it. is_current: whether `shown` is what was asked for."""

    shown: S | None
    running: Job | None
    is_current: bool


def attempt(
    get: Callable[[], R | Job | None],
    keep: Callable[[R], S],
    *,
    last: str,
    slot: JobSlot,
    notice: DeltaGenerator,
) -> Attempt[S]:
    """Tries to have a result, says where it should be seen why there is none, and keeps the last good one.

    keep: what is shown, from the result. last: its name in the session. notice: where errors go.
    """
    outcome: R | Job | None = None
    try:
        with notice:
            outcome = get()
    except KMeansError as error:
        say_error(error, notice)
    except Exception:  # noqa: BLE001 - what was shown last stays, whatever it is
        say_unforeseen(notice)
    running = None
    if isinstance(outcome, Job):
        state = outcome.state
        if state is JobState.DONE:  # it ended this very moment
            st.rerun()
        if state in (JobState.FAILED, JobState.STOPPED):
            with notice:
                ended_job(outcome, slot)
        else:
            running = outcome
    elif outcome is not None:
        st.session_state[last] = keep(outcome)
    is_current = outcome is not None and not isinstance(outcome, Job)
    return Attempt(st.session_state.get(last), running, is_current)


def show_problems(notice: DeltaGenerator, problems: list[str]) -> None:
    """What a link asks for in vain."""
    for problem in problems:
        notice.warning(problem, icon=":material/link_off:")
