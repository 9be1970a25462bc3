"""One task of a visitor, from when it is submitted to its end."""

import itertools
import threading
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Any


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, eq=False)
class Part:
    """What a task reports when a part of its result is there: `Job.parts` has the values of all of them."""

    value: Any


class Job:
    """One task of a visitor, made by `Supervisor.submit()`. Only its supervisor changes it.

    Attributes
    ----------
    state : JobState
        Where it is.
    progress : object or None
        The latest value that the task reported, but for parts.
    parts : list of object
        Parts of the result that the task has reported.
    result : object or None
        What the task returned, once done.
    message : str
        Why it failed or stopped, as a sentence.
    """

    _numbers = itertools.count(1)

    def __init__(
        self,
        task: str,
        arguments: dict[str, Any],
        abandon_after: float | None = None,
        fresh_process: bool = False,
    ) -> None:
        self.id = str(next(self._numbers))
        self.task = task
        self.arguments = arguments
        self.state = JobState.QUEUED
        self.progress: Any = None
        self.parts: list[Any] = []
        self.result: Any = None
        self.message = ""
        self.stop_requested = False
        self.abandon_after = abandon_after
        self.fresh_process = fresh_process
        self._since = self._last_seen = monotonic()
        self._ended = threading.Event()
        self._is_killed = False

    @property
    def is_over(self) -> bool:
        return self._ended.is_set()

    @property
    def seconds(self) -> float:
        """Seconds in the current state."""
        return monotonic() - self._since

    def mark_seen(self) -> None:
        """Marks that somebody is still waiting for this job."""
        self._last_seen = monotonic()

    @property
    def is_abandoned(self) -> bool:
        return self.abandon_after is not None and monotonic() - self._last_seen > self.abandon_after

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end. Returns whether it came."""
        return self._ended.wait(timeout)

    def _enter(self, state: JobState, *, result: Any = None, message: str = "") -> None:
        self.result, self.message, self._since = result, message, monotonic()
        self.state = state
        if state in (JobState.DONE, JobState.FAILED, JobState.STOPPED):
            self.arguments = {}  # an uploaded file has no reason to stay in memory
            self._ended.set()
