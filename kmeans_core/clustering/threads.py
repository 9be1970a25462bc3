"""Compiled code on several threads: the work in ranges, the first one in the calling thread."""

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_cores() -> int:
    """Cores that this process may run on, by its affinity; a quota such as Docker's `--cpus` does not show.

    Returns
    -------
    int
        1 or more.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def split_range(size: int, count: int) -> list[tuple[int, int]]:
    """0 to `size` in ranges of nearly equal length.

    Parameters
    ----------
    size : int
        0 or more.
    count : int
        How many ranges; there are fewer if `size` is smaller.

    Returns
    -------
    list of tuple of int
        First index and the one after the last, of each.
    """
    count = max(1, min(count, size))
    return list(itertools.pairwise(size * i // count for i in range(count + 1)))


def map_threaded(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Applies a function to every item, in parallel where it releases the GIL.

    Parameters
    ----------
    function : callable
        Must not call `map_threaded()` itself.
    items : sequence
        At least one; the first is handled in the calling thread.

    Returns
    -------
    list
        Results in order. The first exception is raised when all have ended.

    Notes
    -----
    Waking another thread takes 50 to 100 µs, whatever the queue.
    """
    others = [_pool().submit(function, part) for part in items[1:]]
    try:
        return [function(items[0]), *(other.result() for other in others)]
    finally:
        wait(others)  # even after an error, because they write into the caller's arrays


def map_shared(
    function: Callable[[Item], Result], items: Sequence[Item], n_threads: int | None = None
) -> list[Result]:
    """Applies a function to many items, each thread to a range of them.

    Parameters
    ----------
    function : callable
        As of `map_threaded()`.
    items : sequence
    n_threads : int, optional
        So many threads, as far as there are cores; by default one for each core.

    Returns
    -------
    list
        Results in order.
    """
    cores = usable_cores()
    ranges = split_range(len(items), cores if n_threads is None else min(cores, n_threads))
    found = map_threaded(lambda part: [function(item) for item in items[slice(*part)]], ranges)
    return [*itertools.chain.from_iterable(found)]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(usable_cores(), thread_name_prefix="kmeans")


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
