"""The worker process of this server, and the one job that a visitor has in it for a page."""

import atexit
from collections.abc import Callable
from typing import Any

import streamlit as st

from kmeans_core.jobs.job import Job
from kmeans_core.jobs.supervisor import Supervisor

# Browsers slow timers of background tabs down to one call per minute.
_ABANDON_SECONDS = 90.0


# State of this module, one per process, and not of Streamlit's caches: any client may have those cleared.
_WORKER = Supervisor()
atexit.register(_WORKER.close)


def worker() -> Supervisor:
    """The worker process of this server, shared by all visitors."""
    return _WORKER


class JobSlot:
    """A visitor's job for one purpose. A new request takes the place of the old one, which is stopped.

    abandon_after: seconds without a visit until it is stopped.
    """

    def __init__(self, name: str, abandon_after: float = _ABANDON_SECONDS) -> None:
        self.key = f"job_slot_{name}"
        self.abandon_after = abandon_after

    def job(self, request: object, task: str, arguments: Callable[[], dict[str, Any]]) -> Job:
        """The job that works on the request; submitted now if there is none. May raise BusyError.

        request: equal for equal work. task, arguments: of `Supervisor.submit()`.
        """
        self.keep_only(request)
        if self._held is None:
            job = worker().submit(task, abandon_after=self.abandon_after, **arguments())
            st.session_state[self.key] = (request, job)
        held = self._held
        assert held is not None
        return held[1]

    def keep_only(self, request: object) -> None:
        """Stops a job that works on something else: its result is not wanted any more."""
        if self._held is not None and self._held[0] != request:
            self.drop()

    def has_begun(self, request: object) -> bool:
        """Whether a job for this request runs or has ended."""
        return self._held is not None and self._held[0] == request

    def drop(self) -> None:
        """Stops the job, if there is one, and forgets it."""
        if self._held is not None:
            worker().stop(self._held[1])
        self.forget()

    def forget(self) -> None:
        """Forgets the job, so that the same request starts again."""
        st.session_state[self.key] = None

    @property
    def _held(self) -> tuple[object, Job] | None:
        held: tuple[object, Job] | None = st.session_state.get(self.key)
        return held
