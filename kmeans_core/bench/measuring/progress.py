"""Where a run of a plan is."""

from dataclasses import dataclass

from kmeans_core.bench.measuring.cases import Case
from kmeans_core.wording import duration_text


@dataclass(frozen=True)
class RunProgress:
    """Where a run is.

    done, total: cells. case: the current one, None before the first. repetition: its number, `wanted` of
    them warm. doing: a word or a round's number from the child. elapsed, remaining: seconds; remaining is an
    estimate.
    """

    done: int
    total: int
    case: Case | None
    repetition: int
    wanted: int
    cold: bool
    doing: str | int
    elapsed: float
    remaining: float | None


def progress_text(progress: RunProgress) -> str:
    """Where a run is, in a line: "2 of 5 cells · NumPy, 10 colors, 50 iterations: run 2, iteration 7"."""
    cells = f"{progress.done} of {progress.total} cells"
    if progress.case is None:
        return cells
    doing = f"iteration {progress.doing}" if isinstance(progress.doing, int) else progress.doing
    run = "cold run" if progress.cold else f"run {progress.repetition}"
    left = "" if progress.remaining is None else f", about {duration_text(progress.remaining)} left"
    elapsed = duration_text(progress.elapsed)
    return f"{cells} · {progress.case.title}: {run}, {doing} · {elapsed}{left}"
