"""Waiting for what another process or thread does."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def until(condition: Callable[[], object], seconds: float = 60, *, every: float = 0.02) -> None:
    """Comes back as soon as the condition holds, and fails if it does not in that many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen in {seconds} s"
        time.sleep(every)


def in_own_loop(work):
    """What a coroutine returns, run by a thread: browser tests keep a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
