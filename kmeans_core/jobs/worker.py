"""The worker process: `python -m kmeans_core.jobs.worker`, started by the supervisor, never by hand.

It takes jobs from standard input one at a time and replies on its original standard output; anything that
libraries or Java print is sent to standard error instead. It ends when its input closes, so it never outlives
the server.
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
from kmeans_core.host import be_ended_first
from kmeans_core.jobs.frames import Done, Failed, Progress, StartJob, StopJob, receive, send
from kmeans_core.temporary import keep_everything

_log = logging.getLogger(__name__)


def main() -> None:
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    be_ended_first()
    keep_everything()
    # Ctrl-C in the server's terminal reaches this process too; the server decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    jobs: SimpleQueue[StartJob] = SimpleQueue()
    cancelled: set[str] = set()
    listener = threading.Thread(target=_listen, args=(sys.stdin.buffer, jobs, cancelled), daemon=True)
    listener.start()
    while True:
        message = jobs.get()
        send(output, _perform(message, output, cancelled))


def _listen(stream: IO[bytes], jobs: "SimpleQueue[StartJob]", cancelled: set[str]) -> None:
    try:
        while True:
            message = receive(stream)
            if isinstance(message, StopJob):
                cancelled.add(message.job)
            else:
                jobs.put(message)
    finally:
        # The server is gone, or sent something unreadable. Java notices by itself that this process has
        # ended.
        os._exit(0)


def _perform(message: StartJob, output: IO[bytes], cancelled: set[str]) -> Done | Failed:
    def report(value: Any) -> None:
        if message.job in cancelled:
            raise JobStoppedError("Stopped.")
        send(output, Progress(message.job, value))

    try:
        module, function = message.task.split(":")
        task: Callable[..., Any] = getattr(import_module(module), function)
        return Done(message.job, task(**message.arguments, on_progress=report))
    except JobStoppedError as error:
        return Failed(message.job, str(error), stopped=True)
    except KMeansError as error:
        return Failed(message.job, str(error))
    except MemoryError:
        return Failed(message.job, "There was not enough memory for this; use a smaller picture or table.")
    except Exception as error:  # noqa: BLE001 - a bug of ours must end the job, not the worker
        _log.exception("the task %s broke down", message.task)
        return Failed(
            message.job, f"An unexpected error ended the run ({type(error).__name__}: {error}); run it again."
        )


if __name__ == "__main__":
    main()
