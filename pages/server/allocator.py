"""How the C library hands out memory, which long-running servers with threads need otherwise than it does."""

import ctypes
import gc
from contextlib import suppress

# Of mallopt(3): how many pools there are, and from which size on something has a map of its own, which goes
# back to the system as soon as it is freed.
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
_ARENAS, _LARGE_BYTES = 2, 32 * 2**20


def keep_little() -> None:
    """Few pools, and maps for large arrays: by default each thread has a pool, and pools keep the most that
    they ever had. Does nothing where the C library is another one than glibc."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, _ARENAS)
        library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """Frees cycles of objects, and returns to the system what the pools keep for later."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
