"""The worker process: `python -m kmeans_core.jobs.worker`, started by the supervisor, never by hand.

It takes jobs from standard input one at a time and answers on what was its standard output; anything that
libraries or Java print is sent to standard error instead. It ends when its input closes, so it never
outlives the server.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from queue import SimpleQueue
from typing import IO, Any

from kmeans_core.errors import JobStoppedError, KMeansError
from kmeans_core.jobs.frames import Cancel, Done, Failed, Progress, Run, receive, send

_log = logging.getLogger(__name__)


def main() -> None:
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Ctrl-C in the server's terminal reaches this process too; the server decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    jobs: SimpleQueue[Run] = SimpleQueue()
    cancelled: set[str] = set()
    listener = threading.Thread(target=_listen, args=(sys.stdin.buffer, jobs, cancelled), daemon=True)
    listener.start()
    while True:
        run = jobs.get()
        send(answers, _perform(run, answers, cancelled))


def _listen(stream: IO[bytes], jobs: "SimpleQueue[Run]", cancelled: set[str]) -> None:
    try:
        while True:
            message = receive(stream)
            if isinstance(message, Cancel):
                cancelled.add(message.job)
            else:
                jobs.put(message)
    finally:
        # The server is gone, or speaks no language we know. Java notices by itself that this process ended.
        os._exit(0)


def _perform(run: Run, answers: IO[bytes], cancelled: set[str]) -> Done | Failed:
    def report(value: Any) -> None:
        if run.job in cancelled:
            raise JobStoppedError("Stopped.")
        send(answers, Progress(run.job, value))

    try:
        module, function = run.task.split(":")
        task: Callable[..., Any] = getattr(import_module(module), function)
        return Done(run.job, task(**run.arguments, on_progress=report))
    except JobStoppedError as error:
        return Failed(run.job, str(error), stopped=True)
    except KMeansError as error:
        return Failed(run.job, str(error))
    except MemoryError:
        return Failed(run.job, "There was not enough memory for this; use a smaller picture or table.")
    except Exception as error:  # noqa: BLE001 - a defect of ours must end the job, not the worker
        _log.exception("the task %s broke down", run.task)
        return Failed(
            run.job, f"An unexpected error ended the run ({type(error).__name__}: {error}); run it again."
        )


if __name__ == "__main__":
    main()
