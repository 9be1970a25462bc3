"""A reader: `python -m kmeans_core.readers.reader MEGABYTES SECONDS [MODULES]`, started by its pool.

It takes requests from standard input, one at a time, and answers on its original standard output; what
decoders print goes nowhere. It ends when its input does, and never outlives its owner by more than the time
that a file may take.
"""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from kmeans_core.errors import KMeansError
from kmeans_core.host import be_ended_first
from kmeans_core.readers.messages import Answer, receive_request

_OPEN_FILES = 64
# Set where this process is a reader: what it reads needs no other one.
_is_reader = False


def is_reader() -> bool:
    """Whether this process is a reader itself."""
    return _is_reader


def main(arguments: Sequence[str]) -> None:
    global _is_reader
    megabytes, seconds, *modules = arguments
    _is_reader = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the owner's terminal is the owner's business
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    be_ended_first()
    with suppress(OSError, AttributeError):
        os.nice(5)
    for module in modules:
        import_module(module)
    limit_cpu = _limit(int(megabytes), int(seconds))
    # From here on, decoders speak: tens of thousands of lines about one file.
    warnings.simplefilter("ignore")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    file: int | None = None
    while True:
        request = requests.get()
        limit_cpu()
        if file is not None:
            os.close(file)
        file = _answer(request).send(output)
        del request


def _listen(stream: IO[bytes], requests: "SimpleQueue[dict[str, Any]]") -> None:
    try:
        while True:
            requests.put(receive_request(stream))
    finally:
        os._exit(0)  # its owner is gone


def _answer(request: dict[str, Any]) -> Answer:
    module, function = request["task"].split(":")
    try:
        task: Callable[..., Any] = getattr(import_module(module), function)
        return Answer({"value": task(**request["arguments"])})
    except KMeansError as error:
        return Answer({"error": [type(error).__name__, str(error)]})
    except MemoryError:
        return Answer({"memory": True})
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes a decoder do
        return Answer({"unforeseen": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"})


def _limit(megabytes: int, seconds: int) -> Callable[[], None]:
    """Sets the limits of this process, as far as the system has such. Returns what gives it the same time
    once more."""
    try:
        import resource
    except ImportError:  # Windows: the pool watches
        return lambda: None

    def limit(kind: int, most: int) -> None:
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, hard))

    def limit_cpu() -> None:
        times = os.times()
        # The owner ends it by the clock; this is for a reader whose owner has been ended.
        limit(resource.RLIMIT_CPU, int(times.user + times.system) + 2 * seconds)

    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    # Linux counts here what is written to and not shared, and not the addresses that allocators only reserve.
    limit(resource.RLIMIT_DATA, _data_bytes() + megabytes * 1_000_000)
    return limit_cpu


def _data_bytes() -> int:
    """What counts for RLIMIT_DATA already, in bytes."""
    with suppress(OSError, IndexError, ValueError):
        return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    return 0


if __name__ == "__main__":
    # Under its own name, and not a second time as `__main__`: `is_reader()` is asked by others.
    import_module("kmeans_core.readers.reader").main(sys.argv[1:])
