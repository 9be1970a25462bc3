"""The readers of this process: asked in turn, ended when a file takes too much, and replaced."""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import cache
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from kmeans_core import errors
from kmeans_core.errors import InputError, JobStoppedError, KMeansError
from kmeans_core.readers.limits import n_readers, reader_megabytes, reader_seconds
from kmeans_core.readers.process import ReaderProcess
from kmeans_core.wording import bytes_text, count_text

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.1
# After so many files, or so much memory that it did not give back, a reader is replaced by a new one.
_MAX_FILES, _MAX_KEPT_BYTES = 200, 150_000_000
# Files that wait, each of them in memory.
_MAX_WAITING = 40


class ReaderPool:
    """Readers, started when they are needed and kept for the next file. Thread-safe.

    Parameters
    ----------
    size : int
        How many files are read at once, at least 1.
    megabytes : int
        Memory for one file.
    seconds : int
        Time for one file.
    """

    def __init__(self, size: int, megabytes: int, seconds: int) -> None:
        self.size, self.megabytes, self.seconds = size, megabytes, seconds
        self._changed = threading.Condition()
        self._idle: list[tuple[ReaderProcess, int]] = []
        self._busy: set[ReaderProcess] = set()
        self._waiting: deque[object] = deque()
        self._starting = 0
        self._modules: dict[str, None] = {}
        self._is_closed = False
        # Where the system does not refuse memory: with what a reader takes by itself, and what it shares.
        self._max_resident = 2_000_000 * megabytes + 300_000_000

    def read(
        self,
        task: str,
        arguments: dict[str, Any],
        *,
        name: str,
        error: type[InputError],
        advice: str = "choose another file",
        on_wait: Callable[[int], None] = lambda before: None,
    ) -> Any:
        """Has a reader call a function with these arguments, and returns what it returns.

        Parameters
        ----------
        task : str
            "module:function".
        arguments : dict
            Its arguments by name, of the kinds that `values.pack()` takes; and so must be what it returns.
        name : str
            Of the file, for errors.
        error : type
            What is raised for a file that takes too much, or ends its reader.
        advice : str
            What to do with such a file, for the end of a sentence.
        on_wait : callable
            Called ten times a second, with how many files come before this one; 0 when it is being read.
            What it raises ends the reading.

        Raises
        ------
        KMeansError
            Whatever the function raises of this family; `error`, see above; BusyError if too many files wait.
        """
        reader, kept_bytes = self._taken(task.partition(":")[0], on_wait)
        try:
            answer = self._asked(reader, task, arguments, on_wait)
        except TimeoutError:
            self._discard(reader)
            most = count_text(self.seconds, "second")
            message = f"{name} takes more than {most} to open, the most that one file may; {advice}."
            raise error(message) from None
        except MemoryError:
            self._discard(reader)
            raise error(f"{name} needs {self._too_much()} to open; {advice}.") from None
        except (EOFError, OSError, ValueError, KeyError, TypeError) as cause:
            self._discard(reader)
            if self._is_closed:
                raise JobStoppedError("Stopped: the server is shutting down.") from None
            # A decoder that is refused memory may end its process, and so may a damaged file.
            _log.warning("a reader ended while it read a file: %s", cause)
            raise error(f"{name} is damaged, or needs {self._too_much()} to open; {advice}.") from None
        except BaseException:  # of `on_wait`
            self._discard(reader)
            raise
        self._give_back(reader, kept_bytes)
        if "error" in answer:
            kind, message = answer["error"]
            raise _kind_of_error(kind)(message)
        if "memory" in answer:
            raise error(f"{name} needs {self._too_much()} to open; {advice}.")
        if "unforeseen" in answer:
            _log.warning("%s failed unforeseen: %s", task, answer["unforeseen"])
            raise error(f"{name} is damaged and cannot be read ({answer['unforeseen']}); {advice}.")
        return answer["value"]

    def warm(self, *modules: str) -> None:
        """Starts a reader in the background that has these modules loaded, unless there is one already."""
        with self._changed:
            self._modules |= dict.fromkeys(modules)
            if self._is_closed or self._idle or self._busy or self._starting:
                return
            self._starting += 1
        threading.Thread(target=self._start_spare, name="spare-reader", daemon=True).start()

    def position(self) -> int:
        """How many files wait."""
        with self._changed:
            return len(self._waiting)

    def close(self) -> None:
        """Ends all readers."""
        with self._changed:
            self._is_closed = True
            readers = [*self._busy, *(reader for reader, _ in self._idle)]
            self._idle.clear()
            self._changed.notify_all()
        for reader in readers:
            reader.end()

    def _taken(self, module: str, on_wait: Callable[[int], None]) -> tuple[ReaderProcess, int]:
        """A reader, when it is this call's turn, and the memory that it had when it was new, or 0."""
        ticket = object()
        with self._changed:
            if len(self._waiting) >= _MAX_WAITING:
                raise errors.BusyError(
                    f"{_MAX_WAITING} files are waiting to be read on this server; try again in a minute."
                )
            self._modules[module] = None
            self._waiting.append(ticket)
        try:
            while (found := self._taken_now(ticket)) is None:
                with self._changed:
                    before = self._waiting.index(ticket) + 1
                    self._changed.wait(_LOOK_SECONDS)
                on_wait(before)
        finally:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()
        return found

    def _taken_now(self, ticket: object) -> tuple[ReaderProcess, int] | None:
        """A reader, if it is the turn of this ticket and there is one or room for one."""
        with self._changed:
            if self._is_closed:
                raise JobStoppedError("Stopped: the server is shutting down.")
            if self._waiting[0] is not ticket:
                return None
            while self._idle:
                reader, kept_bytes = self._idle.pop()
                if reader.is_running:
                    self._busy.add(reader)
                    return reader, kept_bytes
            if not self._has_room():
                return None
            self._starting += 1
        try:
            reader = self._started()
        finally:
            with self._changed:
                self._starting -= 1
        with self._changed:
            self._busy.add(reader)
        return reader, 0

    def _asked(
        self, reader: ReaderProcess, task: str, arguments: dict[str, Any], on_wait: Callable[[int], None]
    ) -> dict[str, Any]:
        """What a reader answers. Raises TimeoutError and MemoryError for a file that takes too much."""
        outcomes: SimpleQueue[dict[str, Any] | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                outcomes.put(reader.ask(task, arguments))
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                outcomes.put(error)

        threading.Thread(target=ask, name="ask-reader", daemon=True).start()
        deadline = monotonic() + self.seconds
        while True:
            try:
                outcome = outcomes.get(timeout=_LOOK_SECONDS)
            except Empty:
                on_wait(0)
                if monotonic() > deadline:
                    raise TimeoutError from None
                if reader.resident_bytes > self._max_resident:
                    raise MemoryError from None
                continue
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    def _has_room(self) -> bool:
        return len(self._busy) + self._starting < self.size

    def _started(self) -> ReaderProcess:
        return ReaderProcess(self.megabytes, self.seconds, list(self._modules))

    def _give_back(self, reader: ReaderProcess, kept_bytes: int) -> None:
        """Keeps a reader for the next file, or replaces it."""
        resident = reader.resident_bytes
        is_worn = reader.n_asked >= _MAX_FILES or (kept_bytes > 0 and resident > kept_bytes + _MAX_KEPT_BYTES)
        with self._changed:
            self._busy.discard(reader)
            if not is_worn and not self._is_closed:
                self._idle.append((reader, kept_bytes or resident))
                self._changed.notify_all()
                return
            self._starting += 1
            self._changed.notify_all()
        reader.end()
        threading.Thread(target=self._start_spare, name="spare-reader", daemon=True).start()

    def _start_spare(self) -> None:
        try:
            reader = self._started()
        except OSError:
            _log.exception("no reader could be started")
            reader = None
        with self._changed:
            self._starting -= 1
            if reader is not None and not self._is_closed:
                self._idle.append((reader, 0))
                reader = None
            self._changed.notify_all()
        if reader is not None:
            reader.end()

    def _discard(self, reader: ReaderProcess) -> None:
        with self._changed:
            self._busy.discard(reader)
            self._starting += 1
            self._changed.notify_all()
        reader.end()
        threading.Thread(target=self._start_spare, name="spare-reader", daemon=True).start()

    def _too_much(self) -> str:
        return f"more than {bytes_text(self.megabytes * 1e6)} of memory, the most that one file may have,"


def _kind_of_error(name: str) -> type[KMeansError]:
    kind = getattr(errors, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, KMeansError) else KMeansError


@cache
def readers() -> ReaderPool:
    """The readers of this process, with the limits of `limits.py`."""
    pool = ReaderPool(n_readers(), reader_megabytes(), reader_seconds())
    atexit.register(pool.close)
    return pool
