"""The worker as its supervisor sees it: a process to write messages to, read answers from, and end."""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from kmeans_core.backends import registry
from kmeans_core.jobs.frames import receive, send
from kmeans_core.temporary import remove_leftovers


class WorkerProcess:
    """A running `python -m kmeans_core.jobs.worker`. Thread-safe, but for one reader at a time.

    Raises OSError if it cannot be started.
    """

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        inherited = os.environ.get("PYTHONPATH")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kmeans_core.jobs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ
            | {
                "PYTHONPATH": f"{root}{os.pathsep}{inherited}" if inherited else root,
                registry.VARIABLE: registry.registered_text(),
            },
        )
        self._writing = threading.Lock()  # one message at a time

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, message: object, timeout: float = -1.0) -> bool:
        """Writes a message; False if another one could not be written within `timeout` seconds before it,
        to a process that does not read. Without end by default.

        Raises OSError when the process is gone.
        """
        assert self._process.stdin is not None
        if not self._writing.acquire(timeout=timeout):
            return False
        try:
            send(self._process.stdin, message)
        finally:
            self._writing.release()
        return True

    def receive(self) -> Any:
        """The next answer. Raises EOFError or OSError when the process is gone."""
        assert self._process.stdout is not None
        return receive(self._process.stdout)

    def kill(self) -> list[psutil.Process]:
        """Kills the process and everything it started: Java, and the Python workers that Java started.
        Returns those to wait for."""
        if not self.is_running:
            return []  # its id may belong to another process by now
        try:
            root = psutil.Process(self.pid)
            # The process last: a benchmark run that loses its own worker still stores that it was stopped.
            tree = [*root.children(recursive=True), root]
        except psutil.Error:
            return []
        for member in tree:
            with suppress(psutil.Error):
                member.kill()
        return tree


def wait_for(killed: list[psutil.Process]) -> None:
    """Waits until killed processes are gone, 5 seconds at most, and removes what they left behind."""
    psutil.wait_procs(killed, timeout=5)
    remove_leftovers()
