"""What has been measured: repetitions, and the cells that they make up."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from kmeans_core.bench.measuring.cases import Case
from kmeans_core.bench.measuring.machine import Environment, machine_id

DONE, TIMEOUT, FAILED, STOPPED, UNAVAILABLE = "done", "timeout", "failed", "stopped", "unavailable"
STATUSES = (DONE, TIMEOUT, FAILED, STOPPED, UNAVAILABLE)


@dataclass(frozen=True)
class Repetition:
    """One row of the store: one run of one case, done or not.

    uid: identifies the row wherever it is copied to. run: the benchmark run it belongs to. measured_at: ISO
    time in UTC. wanted: warm repetitions that the run was to make of this case. number: 1 for the first.
    status: one of `STATUSES`, with a message unless done. The figures after it are those of a
    `Measurement`, and 0, empty or None unless done; `seconds` of a timeout is what it was given.
    peak_memory: bytes of all processes of the run at once.
    """

    uid: str
    run: str
    measured_at: str
    environment: Environment
    case: Case
    wanted: int
    number: int
    cold: bool
    status: str
    message: str = ""
    start: float = 0.0
    seconds: float | None = None
    phases: Mapping[str, float] = field(default_factory=dict)
    iterations: tuple[float, ...] = ()
    rounds: int = 0
    inertia: float | None = None
    pixels: int = 0
    points: int = 0
    dims: int = 0
    peak_memory: int | None = None

    @cached_property
    def machine(self) -> str:
        return machine_id(self.environment)


@dataclass(frozen=True)
class Cell:
    """A case with its repetitions from one run on one machine, in order."""

    case: Case
    repetitions: tuple[Repetition, ...]

    @cached_property
    def warm(self) -> tuple[Repetition, ...]:
        return tuple(row for row in self.repetitions if row.status == DONE and not row.cold)

    @cached_property
    def cold(self) -> Repetition | None:
        return next((row for row in self.repetitions if row.status == DONE and row.cold), None)

    @property
    def status(self) -> str:
        """Done if any warm repetition is, else what ended it."""
        return DONE if self.warm else self.last.status

    @property
    def message(self) -> str:
        return "" if self.warm else self.last.message

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to measure: all repetitions done, or a known reason why not."""
        if any(row.status in (TIMEOUT, FAILED, UNAVAILABLE) for row in self.repetitions):
            return True
        return len(self.warm) >= self.last.wanted

    @cached_property
    def seconds(self) -> float | None:
        """Median of the warm repetitions."""
        return median(row.seconds for row in self.warm if row.seconds is not None) if self.warm else None

    @property
    def last(self) -> Repetition:
        return self.repetitions[-1]

    @property
    def sample(self) -> Repetition:
        """A repetition to read inertia, points and rounds from: they are the same in all that are done."""
        return self.warm[0] if self.warm else self.cold or self.last

    def phase(self, name: str) -> float:
        """Median seconds of a phase over the warm repetitions."""
        return median(row.phases.get(name, 0.0) for row in self.warm)

    @property
    def peak_memory(self) -> int | None:
        found = [row.peak_memory for row in self.repetitions if row.peak_memory is not None]
        return max(found) if found else None


class Results:
    """The cells of one machine, one a case: from the newest run that completed it, or else the newest."""

    def __init__(self, repetitions: Iterable[Repetition]) -> None:
        self.repetitions = tuple(repetitions)
        runs: dict[Case, dict[str, list[Repetition]]] = {}
        for row in self.repetitions:
            runs.setdefault(row.case, {}).setdefault(row.run, []).append(row)
        # Every cell that was ever measured, oldest first.
        self.history: dict[Case, tuple[Cell, ...]] = {
            case: tuple(
                sorted(
                    (Cell(case, tuple(rows)) for rows in by_run.values()),
                    key=lambda cell: cell.last.measured_at,
                )
            )
            for case, by_run in runs.items()
        }
        self._cells = {case: _current(cells) for case, cells in self.history.items()}

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._cells.values())

    def __len__(self) -> int:
        return len(self._cells)

    def get(self, case: Case) -> Cell | None:
        return self._cells.get(case)

    def where(self, condition: Callable[[Case], bool]) -> "list[Cell]":
        return [cell for case, cell in self._cells.items() if condition(case)]

    @property
    def environment(self) -> Environment:
        """Of the newest repetition."""
        return max(self.repetitions, key=lambda row: row.measured_at).environment


def _current(cells: tuple[Cell, ...]) -> Cell:
    done = [cell for cell in cells if cell.is_complete and cell.status == DONE]
    return (done or [cell for cell in cells if cell.is_complete] or list(cells))[-1]
