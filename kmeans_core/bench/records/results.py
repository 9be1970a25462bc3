"""What has been measured: repetitions, and the cells that they make up."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from kmeans_core.backends import load_backend
from kmeans_core.bench.measuring.cases import Case
from kmeans_core.bench.measuring.machine import Environment, is_same_code, machine_id

DONE, TIMEOUT, FAILED, STOPPED, UNAVAILABLE = "done", "timeout", "failed", "stopped", "unavailable"
STATUSES = (DONE, TIMEOUT, FAILED, STOPPED, UNAVAILABLE)


@dataclass(frozen=True)
class Repetition:
    """One row of the store: one run of one case, done or not.

    Attributes
    ----------
    uid, run : str
        Identifies the row wherever it is copied to; the benchmark run it belongs to.
    measured_at : str
        ISO time in UTC.
    environment, case
        What it ran on; the work.
    wanted, number, cold : int, int, bool
        How many warm repetitions of this case the run should make; 1 for the first; whether it is cold.
    status, message : str
        One of `STATUSES`, with a message unless done.
    start, seconds, phases, iterations, rounds, inertia, pixels, points, dims
        Those of a `Measurement`; 0, empty or None unless done. `seconds` of a timeout is its limit.
    peak_memory : int or None
        Bytes of all processes of the run at once.
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
    """A case with its repetitions from one run on one machine, in order.

    Attributes
    ----------
    case : Case
    repetitions : tuple of Repetition
        At least one.
    """

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
        """Done if any warm repetition is done, else the status of the last one."""
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

    @property
    def is_outdated(self) -> bool:
        """Whether a backend of ours was measured with other kernels than those that are here."""
        return load_backend(self.case.backend).traits.own and not is_same_code(self.last.environment)

    @cached_property
    def seconds(self) -> float | None:
        """Median of the warm repetitions."""
        return median(row.seconds for row in self.warm if row.seconds is not None) if self.warm else None

    @property
    def last(self) -> Repetition:
        return self.repetitions[-1]

    @property
    def sample(self) -> Repetition:
        """A repetition to read inertia, points and iterations from: all that are done have the same."""
        return self.warm[0] if self.warm else self.cold or self.last

    def phase(self, name: str) -> float:
        """Median seconds of a phase over the warm repetitions."""
        return median(row.phases.get(name, 0.0) for row in self.warm)

    @property
    def peak_memory(self) -> int | None:
        peaks = [row.peak_memory for row in self.repetitions if row.peak_memory is not None]
        return max(peaks) if peaks else None


class Results:
    """The cells of one machine, one a case: from the newest run that completed it, or else the newest."""

    def __init__(self, repetitions: Iterable[Repetition]) -> None:
        self.repetitions = tuple(repetitions)
        by_case: dict[Case, dict[str, list[Repetition]]] = {}
        for row in self.repetitions:
            by_case.setdefault(row.case, {}).setdefault(row.run, []).append(row)
        # Every cell that was ever measured, oldest first.
        self.history: dict[Case, tuple[Cell, ...]] = {
            case: tuple(
                sorted(
                    (Cell(case, tuple(rows)) for rows in by_run.values()),
                    key=lambda cell: cell.last.measured_at,
                )
            )
            for case, by_run in by_case.items()
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
        """Environment of the newest repetition."""
        return max(self.repetitions, key=lambda row: row.measured_at).environment


def _current(cells: tuple[Cell, ...]) -> Cell:
    done = [cell for cell in cells if cell.is_complete and cell.status == DONE]
    return (done or [cell for cell in cells if cell.is_complete] or list(cells))[-1]
