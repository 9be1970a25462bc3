"""How much a visitor of a hosted app may measure."""

import os
from dataclasses import dataclass

import psutil

from kmeans_core.bench.described import described
from kmeans_core.bench.measuring.cases import Case, Plan
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import OptionError

# Of the machine's memory, for one case.
_MEMORY_SHARE = 0.7


@dataclass(frozen=True)
class Limits:
    """How much a visitor may measure.

    Attributes
    ----------
    max_cells : int, default 1000
        Cases in one run, 0 to forbid runs.
    max_seconds : float, default 1800.0
        Of one repetition.
    max_megapixels : float, default 100.0
        Of the picture, or millions of points.
    max_repeat : int, default 20
        Repetitions of a case.
    """

    max_cells: int = 1000
    max_seconds: float = 1800.0
    max_megapixels: float = 100.0
    max_repeat: int = 20

    @classmethod
    def from_environment(cls) -> "Limits":
        """KMEANS_BENCH_CELLS, KMEANS_BENCH_SECONDS and KMEANS_BENCH_MEGAPIXELS, where they are set.

        Raises OptionError if one of them is not a number.
        """
        return cls(
            max_cells=int(_number("KMEANS_BENCH_CELLS", cls.max_cells)),
            max_seconds=_number("KMEANS_BENCH_SECONDS", cls.max_seconds),
            max_megapixels=_number("KMEANS_BENCH_MEGAPIXELS", cls.max_megapixels),
        )

    def check(self, plan: Plan, repeat: int) -> None:
        """Raises an error for a plan that goes beyond the limits.

        Parameters
        ----------
        plan : Plan
        repeat : int
            Warm repetitions of each case.

        Raises
        ------
        OptionError
            Also for more cores or memory than this machine has.
        """
        if self.max_cells == 0:
            raise OptionError(
                "This server does not run benchmarks; run the app yourself to measure your machine."
            )
        if len(plan.cases) > self.max_cells:
            raise OptionError(
                f"This grid has {len(plan.cases):,} cells, more than the {self.max_cells:,} allowed here; "
                "choose fewer backends, colors or iterations."
            )
        if not 1 <= repeat <= self.max_repeat:
            raise OptionError(f"repeat={repeat} is not allowed; give 1 to {self.max_repeat}.")
        max_cores = max((case.cores for case in plan.cases if not case.master), default=0)
        if max_cores > usable_cores():
            raise OptionError(
                f"cores={max_cores} is more than this machine offers ({usable_cores()}); use fewer."
            )
        max_pixels = max((source.pixels for source in plan.sources.values()), default=0)
        if max_pixels > self.max_megapixels * 1.01e6:
            raise OptionError(
                f"{max_pixels / 1e6:.3g} megapixels are more than the {self.max_megapixels:g} allowed here; "
                "choose a smaller size."
            )
        need = max((_yardstick_bytes(plan, case) for case in plan.cases), default=0)
        if need > _MEMORY_SHARE * psutil.virtual_memory().total:
            raise OptionError(
                f"The paper's NumPy would take about {need / 1e9:,.0f} GB, a distance from every pixel to "
                "every color; leave it out, or choose a smaller size or fewer colors."
            )


def _yardstick_bytes(plan: Plan, case: Case) -> float:
    """What an algorithm that works pixel by pixel holds at once: points, differences, distances."""
    if not described(case.backend).traits.per_pixel:
        return 0.0
    return 8.0 * plan.sources[case.source].pixels * (case.n_clusters + 9)


def _number(name: str, default: float) -> float:
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    try:
        value = float(given)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise OptionError(f"{name}={given!r} is not allowed; give a number of 0 or more.")
    return value
