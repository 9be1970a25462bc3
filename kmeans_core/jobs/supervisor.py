"""Runs jobs in one worker process, in order, and survives whatever happens to it.

worker = Supervisor()
job = worker.submit("kmeans_core.jobs.tasks:quantize_loaded", picture=…, options=…)
job.state, job.progress, job.position     # at any time, from any thread
worker.stop(job)                          # ends it, by force if it does not end by itself
"""

import logging
import threading
from collections import deque
from time import monotonic
from typing import Any

from kmeans_core.errors import BusyError
from kmeans_core.jobs.frames import Done, Failed, Progress, StartJob, StopJob
from kmeans_core.jobs.job import Job, JobState, Part
from kmeans_core.jobs.process import WorkerProcess, wait_for

_log = logging.getLogger(__name__)

# A job that should stop has this long to do so at its next progress report, which keeps the worker and its
# Java alive. After that the process tree is ended.
GRACE_SECONDS = 2.0
# An idle worker is ended after this long: its Java holds on to memory that a small host needs.
IDLE_SECONDS = 600.0

# Each waiting job may hold an uploaded picture in memory.
MAX_WAITING = 20

_ENDED = (
    "The worker process ended while it was working (killed, or out of memory). Nothing else is lost. Run it "
    "again and a new one starts; if that happens again, use a smaller picture or table."
)


class Supervisor:
    """Owner of the worker process. Thread-safe; starts nothing before the first job."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[Job] = deque()
        self._running: Job | None = None
        self._process: WorkerProcess | None = None
        self._closed = False
        self._threads: dict[str, threading.Thread] = {}

    def submit(
        self, task: str, *, abandon_after: float | None = None, fresh_process: bool = False, **arguments: Any
    ) -> Job:
        """Queues a task.

        Parameters
        ----------
        task : str
            "module:function", to be called with `**arguments` and `on_progress`.
        abandon_after : float, optional
            Seconds without a call of `job.mark_seen()` after which the job is stopped.
        fresh_process : bool, default False
            Runs it in a worker of its own, which ends with it: nothing of earlier jobs takes part, such as an
            idle Java and its memory, and nothing stays behind.
        **arguments : object
            Whatever can be pickled.

        Returns
        -------
        Job

        Raises
        ------
        BusyError
            When `MAX_WAITING` jobs wait already.
        """
        job = Job(task, arguments, abandon_after, fresh_process)
        with self._changed:
            if self._closed:
                job._enter(JobState.STOPPED, message="Stopped: the server is shutting down.")
                return job
            if len(self._queue) >= MAX_WAITING:
                raise BusyError(
                    f"{MAX_WAITING} runs are already waiting for this server; try again in a few minutes, "
                    "or use Numba, which needs no queue."
                )
            self._queue.append(job)
            for name, loop in (("jobs", self._dispatch), ("abandoned-jobs", self._stop_abandoned)):
                if name not in self._threads:
                    self._threads[name] = threading.Thread(target=loop, name=name, daemon=True)
                    self._threads[name].start()
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
            elif job is self._running and not job.stop_requested:
                job.stop_requested = True
                threading.Thread(target=self._stop_running, args=(job,), daemon=True).start()

    def close(self) -> None:
        """Ends the worker and whatever it runs."""
        with self._changed:
            self._closed = True
            for job in self._queue:
                job._enter(JobState.STOPPED, message="Stopped: the server is shutting down.")
            self._queue.clear()
            self._changed.notify_all()
            process = self._process
        if process is not None:
            wait_for(process.kill())

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None when none runs."""
        process = self._process
        return process.pid if process is not None and process.is_running else None

    def _dispatch(self) -> None:
        """Runs job after job. A failure of one must not affect the others."""
        while True:
            job = self._next_job()
            if job is None:
                return
            try:
                self._run_job(job)
            except Exception as error:  # noqa: BLE001 - the next jobs must not wait for ever
                _log.exception("the job %s could not be sent to the worker process", job.task)
                self._discard_process()
                job._enter(
                    JobState.FAILED,
                    message="The run could not be sent to the worker process "
                    f"({type(error).__name__}: {error}); run it again.",
                )
            with self._changed:
                self._running = None
                self._changed.notify_all()

    def _next_job(self) -> Job | None:
        """Waits for a job and marks it as running; None when closed. Ends a worker that is idle too long."""
        with self._changed:
            while not self._queue and not self._closed:
                if not self._changed.wait(IDLE_SECONDS):
                    self._discard_process()
            if self._closed:
                return None
            job = self._running = self._queue.popleft()
            job._enter(JobState.RUNNING)
            return job

    def _run_job(self, job: Job) -> None:
        if job.fresh_process:
            self._discard_process()
        is_used = self._process is not None and self._process.is_running
        if self._process is None or not is_used:
            self._process = WorkerProcess()
        process, has_answered = self._process, False
        try:
            process.send(StartJob(job.id, job.task, job.arguments))
            while True:
                answer = process.receive()
                has_answered = True
                match answer:
                    case Done() | Failed() if job._is_killed:
                        raise EOFError  # what it makes of the death of its children is no result
                    case Progress(value=Part(value=part)):
                        job.parts.append(part)
                    case Progress(value=value):
                        job.progress = value
                    case Done(result=result):
                        self._release(job)
                        job._enter(JobState.DONE, result=result)
                        return
                    case Failed(message=message, stopped=stopped):
                        self._release(job)
                        job._enter(JobState.STOPPED if stopped else JobState.FAILED, message=message)
                        return
        except (EOFError, OSError):
            self._discard_process()
            if job.stop_requested or self._closed:
                job._enter(JobState.STOPPED, message="Stopped.")
            elif is_used and not has_answered:
                self._run_job(job)  # the worker was killed a moment before: this job is not to blame
            else:
                job._enter(JobState.FAILED, message=_ENDED)

    def _release(self, job: Job) -> None:
        if job.fresh_process:
            self._discard_process()

    def _stop_running(self, job: Job) -> None:
        """Asks the job to stop, and kills the process if it does not in time. In a separate thread, because a
        worker that does not read its input would block the caller.
        """
        deadline = monotonic() + GRACE_SECONDS
        process = self._process
        if process is not None:
            try:
                process.send(StopJob(job.id), timeout=GRACE_SECONDS)
            except OSError:
                return  # it has ended already, and the dispatcher notices that too
        if job.wait(max(0.0, deadline - monotonic())):
            return
        with self._changed:
            # Under the lock, the job that runs cannot become another one's in between.
            job._is_killed = job is self._running
            killed = self._process.kill() if job._is_killed and self._process else []
        wait_for(killed)

    def _stop_abandoned(self) -> None:
        while not self._closed:
            with self._changed:
                jobs = [*self._queue, *([self._running] if self._running else [])]
            for job in jobs:
                if job.is_abandoned:
                    self.stop(job)
            with self._changed:
                self._changed.wait(1.0)

    def _discard_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            wait_for(process.kill())
