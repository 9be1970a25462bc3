"""The memory of a child process and of everything below it, while it works."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from kmeans_core.jobs.supervisor import Supervisor

# Selection at every process takes some milliseconds of a core that is being measured.
_LOOK_SECONDS = 0.25


class TreeMemory:
    """peak: most bytes seen so far, None before the first look."""

    peak: int | None = None


@contextmanager
def peak_memory(child: Supervisor) -> Iterator[TreeMemory]:
    """Follows the memory of the worker and of all its child processes: the sum of resident sizes. Shared
    pages count for each of them.
    """
    memory, over = TreeMemory(), threading.Event()

    def watch() -> None:
        while True:
            total = _resident(child.pid)
            if total is not None:
                memory.peak = max(memory.peak or 0, total)
            if over.wait(_LOOK_SECONDS):
                return

    watcher = threading.Thread(target=watch, name="memory", daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        over.set()
        watcher.join()


def _resident(pid: int | None) -> int | None:
    if pid is None:
        return None
    total = 0
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.Error):
                total += process.memory_info().rss
    return total or None
