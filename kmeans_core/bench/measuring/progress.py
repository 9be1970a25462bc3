"""Where a run of a plan is."""

from dataclasses import dataclass

from kmeans_core.bench.measuring.cases import Case
from kmeans_core.wording import duration_text


@dataclass(frozen=True)
class RunProgress:
    """Where a run is.

    Attributes
    ----------
    done, total : int
        Cells.
    case : Case or None
        The current one, None before the first.
    repetition, wanted, cold : int, int, bool
        Its number; how many of them are to be warm; whether this one is cold.
    activity : str or int
        A word, or the number of the iteration.
    elapsed, remaining : float, float or None
        Seconds; remaining is an estimate.
    """

    done: int
    total: int
    case: Case | None
    repetition: int
    wanted: int
    cold: bool
    activity: str | int
    elapsed: float
    remaining: float | None


def progress_text(progress: RunProgress) -> str:
    """Where a run is: "2 of 5 cells · NumPy, 10 colors, 50 iterations: repetition 2, iteration 7"."""
    cells = f"{progress.done} of {progress.total} cells"
    if progress.case is None:
        return cells
    activity = f"iteration {progress.activity}" if isinstance(progress.activity, int) else progress.activity
    run = "cold repetition" if progress.cold else f"repetition {progress.repetition}"
    remaining_cases = (
        "" if progress.remaining is None else f", about {duration_text(progress.remaining)} left"
    )
    elapsed = duration_text(progress.elapsed)
    return f"{cells} · {progress.case.title}: {run}, {activity} · {elapsed}{remaining_cases}"
