"""Reads files as the app does, and notes what became of them."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from kmeans_core.errors import InputError, KMeansError
from kmeans_core.readers.pool import ReaderPool
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import seeds

READERS = {
    "picture": "kmeans_core.images.reading_apart:_picture",
    "palette": "kmeans_core.images.reading_apart:_palette",
    "table": "kmeans_core.tables.reading_apart:_table",
    "model": "kmeans_core.tables.reading_apart:_model",
    "results": "tests.fuzz.trying:read_results",
}
_UNFORESEEN, _ENDED = "is damaged and cannot be read (", "is damaged, or needs more than"


@dataclass
class Outcome:
    """What became of the files of one kind. seconds, n_bytes: the most of one, memory without what a reader
    takes by itself. unforeseen: number of the file → what it was."""

    kind: str
    n_files: int = 0
    n_read: int = 0
    n_refused: int = 0
    seconds: float = 0.0
    n_bytes: int = 0
    unforeseen: dict[int, str] = field(default_factory=dict)

    @property
    def summary(self) -> Counter[str]:
        """The unforeseen ones, counted by what they say."""
        return Counter(text.partition("(")[2][:120] or text[:120] for text in self.unforeseen.values())


def read_results(data: bytes, name: str) -> int:
    """For readers: how many benchmark results a file has."""
    from kmeans_core.bench.records.exchange import import_rows

    return len(import_rows(data, Path(name).suffix[1:], name))


class Trial:
    """A reader to try files with."""

    def __init__(self, megabytes: int = 500, seconds: int = 15) -> None:
        self._pool = ReaderPool(1, megabytes, seconds)

    def read(self, reads: str, data: bytes, name: str) -> None:
        """Has it read. Raises KMeansError."""
        arguments = {"data": data, "name": name}
        if reads == "table":
            arguments["options"] = {}
        self._pool.read(READERS[reads], arguments, name=name, error=InputError)

    def run(self, kind: str, count: int, seed: int) -> Outcome:
        """Tries so many mutated files of a kind."""
        reads, data = seeds()[kind]
        outcome = Outcome(kind)
        for number in range(count):
            damaged = mutated(data, random.Random(f"{seed} {kind} {number}"))
            self.note(outcome, reads, damaged, f"damaged.{kind}", number)
        return outcome

    def note(
        self, outcome: Outcome, reads: str, data: bytes, name: str, number: int = 0, *, may_end: bool = False
    ) -> None:
        """Reads a file and adds what became of it to the outcome. may_end: whether its reader may end, as it
        does when a library cannot do without memory that it is refused."""
        outcome.n_files += 1
        with self._measured(outcome):
            try:
                self.read(reads, data, name)
                outcome.n_read += 1
            except KMeansError as error:
                if _UNFORESEEN in str(error) or (_ENDED in str(error) and not may_end):
                    outcome.unforeseen[number] = str(error)
                else:
                    outcome.n_refused += 1

    @contextmanager
    def _measured(self, outcome: Outcome) -> Iterator[None]:
        process = self._process()
        before = _peak(process, forget=True)
        began = time.perf_counter()
        yield
        outcome.seconds = max(outcome.seconds, time.perf_counter() - began)
        if process is not None:
            outcome.n_bytes = max(outcome.n_bytes, _peak(process) - before)

    def _process(self) -> psutil.Process | None:
        children = psutil.Process().children()
        own = [child for child in children if "kmeans_core.readers.reader" in " ".join(_command(child))]
        return own[0] if own else None

    def close(self) -> None:
        self._pool.close()


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def _peak(process: psutil.Process | None, *, forget: bool = False) -> int:
    """Most bytes that a process has had in memory, now or, if it is forgotten, from here on."""
    if process is None:
        return 0
    with suppress(OSError):
        if forget:
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
