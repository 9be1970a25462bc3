"""The app as a process, for the browser tests and for measuring."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


class App:
    """The app in a process of its own."""

    def __init__(self, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
        options = ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        # Whatever other tests write into the folder would run pages again.
        options += ["--server.fileWatcherType", "none"]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT, env=os.environ | environment)
        self._wait_until_healthy()

    def _wait_until_healthy(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except OSError:
                assert self.process.poll() is None, "the app ended before it was healthy"
                assert time.monotonic() < end, "the app is not healthy after 60 s"
                time.sleep(0.1)

    def below(self) -> list[psutil.Process]:
        """Processes that the server started, and those that they did."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def java(self) -> list[psutil.Process]:
        """Java processes below the server."""
        return [process for process in self.below() if "java" in process.name()]

    def close(self) -> None:
        if self.process.poll() is not None:
            return
        below = self.below()
        self.process.terminate()
        self.process.wait(timeout=20)
        psutil.wait_procs(below, timeout=20)
