"""Runs jobs in one worker process, in order, and outlives whatever happens to it.

worker = Supervisor()
job = worker.submit("kmeans_core.jobs.tasks:quantize_file", data=…, name=…, settings=…)
job.state, job.progress, job.position     # at any time, from any thread
worker.stop(job)                          # ends it, by force if it does not end by itself
"""

import itertools
import os
import subprocess
import sys
import threading
from collections import deque
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any

import psutil

from kmeans_core.jobs.frames import Cancel, Done, Failed, Progress, Run, receive, send

# A job that is told to stop has this long to do so at its next progress report, which keeps the worker and
# its Java warm. After that the process tree is ended.
GRACE_SECONDS = 2.0
# An idle worker is ended after this long: its Java holds on to memory that a small host needs.
IDLE_SECONDS = 600.0

_ENDED = (
    "The worker process ended in the middle of the run (killed, or out of memory). Nothing else is lost: run "
    "it again and a fresh one starts; if it ends again, use a smaller picture or fewer colors."
)


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Job:
    """One piece of work. Read-only for everybody but its supervisor.

    state: where it is. progress: the latest value the task reported, or None. result: what the task
    returned, once done. message: why it failed or stopped, as a sentence.
    """

    _numbers = itertools.count(1)

    def __init__(self, task: str, arguments: dict[str, Any]) -> None:
        self.id = str(next(self._numbers))
        self.task = task
        self.arguments = arguments
        self.state = JobState.QUEUED
        self.progress: Any = None
        self.result: Any = None
        self.message = ""
        self.stop_asked = False
        self._since = monotonic()
        self._ended = threading.Event()

    @property
    def is_over(self) -> bool:
        return self._ended.is_set()

    @property
    def seconds(self) -> float:
        """Seconds in the present state."""
        return monotonic() - self._since

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end; whether it came."""
        return self._ended.wait(timeout)

    def _enter(self, state: JobState, *, result: Any = None, message: str = "") -> None:
        self.result, self.message, self._since = result, message, monotonic()
        self.state = state
        if state in (JobState.DONE, JobState.FAILED, JobState.STOPPED):
            self.arguments = {}  # an uploaded file has no reason to stay in memory
            self._ended.set()


class Supervisor:
    """Owner of the worker process. Thread-safe; starts nothing before the first job."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[Job] = deque()
        self._running: Job | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._dispatcher: threading.Thread | None = None

    def submit(self, task: str, **arguments: Any) -> Job:
        """Queues `task`, "module:function", to be called with these arguments and `on_progress`."""
        job = Job(task, arguments)
        with self._changed:
            self._queue.append(job)
            if self._dispatcher is None:
                self._dispatcher = threading.Thread(target=self._dispatch, name="jobs", daemon=True)
                self._dispatcher.start()
            self._changed.notify_all()
        return job

    def position(self, job: Job) -> int:
        """How many jobs come before this one; 0 when it runs or is over."""
        with self._changed:
            if job not in self._queue:
                return 0
            return self._queue.index(job) + (self._running is not None)

    def stop(self, job: Job) -> None:
        """Ends a job. One that waits never starts; one that runs is over after `GRACE_SECONDS` at most."""
        with self._changed:
            if job in self._queue:
                self._queue.remove(job)
                job._enter(JobState.STOPPED, message="Stopped before it began.")
                return
            if job is not self._running or self._process is None:
                return
            job.stop_asked = True
            try:
                assert self._process.stdin is not None
                send(self._process.stdin, Cancel(job.id))
            except OSError:
                pass  # it is gone already; the dispatcher sees that too
        threading.Thread(target=self._end_after_grace, args=(job,), daemon=True).start()

    def close(self) -> None:
        """Ends the worker and whatever it runs."""
        with self._changed:
            self._closed = True
            for job in self._queue:
                job._enter(JobState.STOPPED, message="Stopped: the server shuts down.")
            self._queue.clear()
            self._changed.notify_all()
            process = self._process
        if process is not None:
            _end_tree(process)

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None when none runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def _dispatch(self) -> None:
        while True:
            job = self._next_job()
            if job is None:
                return
            try:
                self._run(job)
            finally:
                with self._changed:
                    self._running = None
                    self._changed.notify_all()

    def _next_job(self) -> Job | None:
        """Waits for a job and marks it as running; None when closed. Ends a worker that is idle too long."""
        with self._changed:
            while not self._queue and not self._closed:
                if not self._changed.wait(IDLE_SECONDS) and self._process is not None:
                    _end_tree(self._process)
                    self._process = None
            if self._closed:
                return None
            job = self._running = self._queue.popleft()
            job._enter(JobState.RUNNING)
            if self._process is None or self._process.poll() is not None:
                self._process = _start_process()
            return job

    def _run(self, job: Job) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            send(process.stdin, Run(job.id, job.task, job.arguments))
            while True:
                match receive(process.stdout):
                    case Progress(value=value):
                        job.progress = value
                    case Done(result=result):
                        job._enter(JobState.DONE, result=result)
                        return
                    case Failed(message=message, stopped=stopped):
                        job._enter(JobState.STOPPED if stopped else JobState.FAILED, message=message)
                        return
        except (EOFError, OSError):
            _end_tree(process)
            if job.stop_asked or self._closed:
                job._enter(JobState.STOPPED, message="Stopped.")
            else:
                job._enter(JobState.FAILED, message=_ENDED)

    def _end_after_grace(self, job: Job) -> None:
        if not job.wait(GRACE_SECONDS) and self._process is not None and job is self._running:
            _end_tree(self._process)


def _start_process() -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[2])
    inherited = os.environ.get("PYTHONPATH")
    return subprocess.Popen(
        [sys.executable, "-m", "kmeans_core.jobs.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{inherited}" if inherited else root},
    )


def _end_tree(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and everything it started: Java, and the Python workers that Java started."""
    try:
        root = psutil.Process(process.pid)
        tree = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        tree = []
    for member in tree:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(tree, timeout=5)
    process.wait(timeout=5)
