"""What a larger collection would take on more workers, from runs that were measured.

Passes grow with the pictures and shrink with the workers. How sure that is comes from how much the groups of
pictures differ, and from three assumptions, which `ASSUMPTIONS` says in words.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from kmeans_core.collections.report import CollectionReport, GroupTime

# Of a pass, what one machine takes longer or shorter than another of its kind, or than itself on another day.
_MACHINE = 0.15
# With twice as many workers, each does at least so much of what it did.
_DOUBLED = 0.9
_Z = 1.96  # 95 %
MAX_COLORS = 1 << 24
ASSUMPTIONS = (
    "The other pictures are like these in size and kind, and as quick to reach.",
    f"Each worker is like those measured, within {_MACHINE:.0%}; of the work of twice as many workers, up "
    f"to {1 - _DOUBLED:.0%} is lost.",
    "What the driver does by itself grows with the distinct colors, of which there are at most 16,777,216.",
)


class Measured(NamedTuple):
    """A run. seconds: by stage. work: of the workers' groups. n_unique: distinct colors, 0 if they were not
    counted."""

    n_workers: int
    n_unique: int
    seconds: dict[str, float]
    work: tuple[GroupTime, ...]

    @classmethod
    def of(cls, report: CollectionReport) -> "Measured":
        return cls(report.n_workers, report.n_colors, dict(report.seconds), report.work)


class Projection(NamedTuple):
    """Hours of wall time with their bounds, of 95 %, and what the workers cost."""

    hours: float
    least: float
    most: float
    n_workers: int
    price: float

    @property
    def cost(self) -> tuple[float, float, float]:
        """As expected, at least, and at most."""
        rate = self.price * self.n_workers
        return self.hours * rate, self.least * rate, self.most * rate


def project(
    runs: Sequence[Measured], n_pictures: int, n_workers: int, price: float = 0.0
) -> Projection | None:
    """What it would take.

    Parameters
    ----------
    runs : sequence of Measured
        Of like pictures, on like workers.
    n_pictures, n_workers : int
        How many there would be.
    price : float, default 0.0
        Of one worker, an hour.

    Returns
    -------
    Projection or None
        None if no run read any picture in every pass.
    """
    passes = [_pass(runs, stage) for stage in ("count", "write")]
    found = [one for one in passes if one is not None]
    needs_counts = any(run.n_unique for run in runs)
    if not found or (needs_counts and passes[0] is None):
        return None
    doublings = max(0.0, math.log2(n_workers / runs[-1].n_workers))
    lost = _DOUBLED**doublings
    expected = sum(one.seconds for one in found) * n_pictures / n_workers / math.sqrt(lost)
    spread = math.sqrt(sum((one.seconds * one.error) ** 2 for one in found)) / sum(
        one.seconds for one in found
    )
    relative = math.hypot(_Z * spread, _MACHINE)
    slowest = expected * (1 + relative) / math.sqrt(lost)
    fastest = expected * max(0.0, 1 - relative) * math.sqrt(lost)
    alone, least_alone, most_alone = _driver(runs[-1], n_pictures, n_workers)
    return Projection(
        hours=(expected + alone) / 3600,
        least=(fastest + least_alone) / 3600,
        most=(slowest + most_alone) / 3600,
        n_workers=n_workers,
        price=price,
    )


class _Pass(NamedTuple):
    """Worker seconds a picture, waiting for others included, and the standard error of that as a share."""

    seconds: float
    error: float


def _pass(runs: Sequence[Measured], stage: str) -> _Pass | None:
    groups = [group for run in runs for group in run.work if group.stage == stage]
    n_pictures = sum(group.n_pictures for group in groups)
    if not n_pictures:
        return None
    wall = sum(
        run.seconds[stage] * run.n_workers for run in runs if any(group.stage == stage for group in run.work)
    )
    mean = sum(group.seconds for group in groups) / n_pictures
    squares = sum((group.seconds - mean * group.n_pictures) ** 2 for group in groups)
    error = math.sqrt(squares * len(groups) / max(1, len(groups) - 1)) / (mean * n_pictures) if mean else 0.0
    return _Pass(wall / n_pictures, error)


def _driver(run: Measured, n_pictures: int, n_workers: int) -> tuple[float, float, float]:
    """Seconds of what is not a pass: adding up is done by the workers, the fit by the driver alone."""
    n_before = sum(group.n_pictures for group in run.work if group.stage == "count") or n_pictures
    merge, fit = run.seconds.get("merge", 0.0), run.seconds.get("fit", 0.0)
    more = max(1.0, n_pictures / n_before) * run.n_workers / n_workers
    most_fit = fit * MAX_COLORS / max(1, run.n_unique)
    start = run.seconds.get("start", 0.0)
    least, most = start + min(merge, merge * more) + fit, start + max(merge, merge * more) + most_fit
    return math.sqrt(least * most) if least else most, least, most
