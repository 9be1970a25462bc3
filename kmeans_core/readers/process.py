"""A reader as its pool sees it: a process to ask, to watch, and to end."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from kmeans_core.host import LARGE_PAGES
from kmeans_core.readers.messages import receive_answer, send_request

# What a reader may know of its owner's surroundings: neither tokens nor passwords.
_INHERITED = (
    *("PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TEMP", "TMP", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "COVERAGE_PROCESS_START"),
)


class ReaderProcess:
    """A running reader. One thread asks at a time; others may watch and end it. n_asked: how often it was
    asked."""

    def __init__(self, megabytes: int, seconds: int, modules: Sequence[str] = ()) -> None:
        root = str(Path(__file__).parents[2])
        kept = {name: os.environ[name] for name in os.environ if name in _INHERITED or name[:3] == "LC_"}
        paths = [root, *filter(None, [kept.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kmeans_core.readers.reader", str(megabytes), str(seconds), *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **kept,
                "PYTHONPATH": os.pathsep.join(paths),
                # One core a file: others have files too. And memory goes back at once.
                **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")},
                "MALLOC_ARENA_MAX": "2",
                **LARGE_PAGES,
                "ARROW_DEFAULT_MEMORY_POOL": "system",
            },
        )
        self._max_bytes = megabytes * 1_000_000
        self.n_asked = 0

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def resident_bytes(self) -> int:
        """Of memory; 0 if it is gone."""
        with suppress(psutil.Error):
            return int(psutil.Process(self._process.pid).memory_info().rss)
        return 0

    def ask(self, task: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Its answer. Raises EOFError or OSError when it is gone, ValueError for an answer that is none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.n_asked += 1
        send_request(self._process.stdin, {"task": task, "arguments": arguments})
        answer = receive_answer(self._process.stdout, self._process.pid, self._max_bytes)
        if not isinstance(answer, dict):
            raise ValueError("an answer of another kind")
        return answer

    def end(self) -> None:
        """Ends it, and waits until it has ended."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
