"""Compiled code on several threads: ranges of the work, the first one in the thread that asks."""

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


def usable_cores() -> int:
    """Cores this process may run on, by its affinity; a quota such as Docker's `--cpus` does not show."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ranges(size: int, count: int) -> list[tuple[int, int]]:
    """0 to `size` cut into `count` runs of nearly equal length, or fewer if there is less to cut."""
    count = max(1, min(count, size))
    return list(itertools.pairwise(size * i // count for i in range(count + 1)))


def each(function: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """`function` of every part, at the same time where it lets go of the GIL. It must not call this itself.

    Waking another thread takes 50 to 100 µs, whatever the queue.
    """
    others = [_pool().submit(function, part) for part in parts[1:]]
    try:
        return [function(parts[0]), *(other.result() for other in others)]
    finally:
        wait(others)  # whatever was raised: they write into arrays of the caller


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(usable_cores(), thread_name_prefix="kmeans")


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
