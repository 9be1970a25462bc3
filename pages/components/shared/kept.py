"""Results that this server keeps for a while, all visitors' together within one bound of memory.

State of this module, one per process, and not of Streamlit's caches: any client may have those cleared, and
they do not know how large what they keep is.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Any, Generic, TypeVar

from kmeans_core.host import memory_bytes
from pages.components.shared.presence import leave_check

T = TypeVar("T")

# Of the machine's memory, for everything that is kept; a host with 1 GB has 200 MB for it.
_SHARE, _MAX_BYTES = 0.2, 2_000_000_000
# A result beside its larger parts.
_BASE_BYTES = 2_000


class Kept(Generic[T]):
    """Results of one kind, each under a key. Thread-safe.

    Parameters
    ----------
    size : callable
        About how many bytes a result takes.
    """

    def __init__(self, size: Callable[[T], int]) -> None:
        self._size = size

    def find(self, key: Hashable) -> T | None:
        """What is kept under this key, or None."""
        found: T | None = _shelf.find((self, key))
        return found

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under this key, or what `make` returns, which is then kept.

        Of several visitors who ask for the same at once, one makes it and the others wait; if that one leaves
        or fails, the next one tries.
        """
        check, whole = leave_check(), (self, key)
        while True:
            found: T | None = _shelf.find(whole)
            if found is not None:
                return found
            if _shelf.begin(whole):
                break
            _shelf.wait()
            check()
        try:
            made = make()
            _shelf.put(whole, made, self._size(made) + _BASE_BYTES)
            return made
        finally:
            _shelf.end(whole)


class _Shelf:
    """Everything that is kept, the last used at the end. max_bytes: of all together."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._changed = threading.Condition()
        self._entries: OrderedDict[Hashable, tuple[Any, int, float]] = OrderedDict()
        self._in_work: set[Hashable] = set()

    @property
    def n_bytes(self) -> int:
        with self._changed:
            return sum(size for _, size, _ in self._entries.values())

    def find(self, key: Hashable) -> Any:
        with self._changed:
            if key not in self._entries:
                return None
            value, size, _ = self._entries.pop(key)
            self._entries[key] = (value, size, monotonic())
            return value

    def put(self, key: Hashable, value: Any, size: int) -> None:
        with self._changed:
            self._entries[key] = (value, size, monotonic())
            total = sum(one for _, one, _ in self._entries.values())
            # The newest stays in any case: somebody is about to look at it.
            while total > self.max_bytes and len(self._entries) > 1:
                _, (_, dropped, _) = self._entries.popitem(last=False)
                total -= dropped

    def begin(self, key: Hashable) -> bool:
        """Whether nobody works on it, so that the caller may."""
        with self._changed:
            if key in self._in_work:
                return False
            self._in_work.add(key)
            return True

    def end(self, key: Hashable) -> None:
        with self._changed:
            self._in_work.discard(key)
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            self._changed.wait(0.1)

    def forget_unused(self, ttl_seconds: float) -> int:
        """Drops what has not been asked for lately. Returns how many bytes that were."""
        limit, dropped = monotonic() - ttl_seconds, 0
        with self._changed:
            for key, (_, size, last_used) in list(self._entries.items()):
                if last_used < limit:
                    del self._entries[key]
                    dropped += size
        return dropped


_shelf = _Shelf(min(int(_SHARE * memory_bytes()), _MAX_BYTES))


def kept_bytes() -> int:
    """What all that is kept takes."""
    return _shelf.n_bytes


def max_kept_bytes() -> int:
    """What all that is kept may take."""
    return _shelf.max_bytes


def forget_unused(ttl_seconds: float) -> int:
    """Forgets what nobody has asked for lately. Returns how many bytes that were."""
    return _shelf.forget_unused(ttl_seconds)
