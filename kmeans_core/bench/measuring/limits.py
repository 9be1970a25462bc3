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
    """cells: most cases in one run, 0 to forbid runs. seconds: longest repetition. megapixels: largest
    picture, or millions of points. repeat: most repetitions of a case."""

    cells: int = 1000
    seconds: float = 1800.0
    megapixels: float = 100.0
    repeat: int = 20

    @classmethod
    def from_environment(cls) -> "Limits":
        """KMEANS_BENCH_CELLS, KMEANS_BENCH_SECONDS and KMEANS_BENCH_MEGAPIXELS, where they are set.

        Raises OptionError if one of them is no number.
        """
        return cls(
            cells=int(_number("KMEANS_BENCH_CELLS", cls.cells)),
            seconds=_number("KMEANS_BENCH_SECONDS", cls.seconds),
            megapixels=_number("KMEANS_BENCH_MEGAPIXELS", cls.megapixels),
        )

    def check(self, plan: Plan, repeat: int) -> None:
        """Raises OptionError for a plan that goes beyond them."""
        if self.cells == 0:
            raise OptionError("This server does not measure; run the app yourself to measure your machine.")
        if len(plan.cases) > self.cells:
            raise OptionError(
                f"This grid has {len(plan.cases):,} cells, more than the {self.cells:,} allowed here; choose "
                "fewer backends, colors or iterations."
            )
        if not 1 <= repeat <= self.repeat:
            raise OptionError(f"repeat={repeat} is not allowed; give 1 to {self.repeat}.")
        most = max((case.cores for case in plan.cases if not case.master), default=0)
        if most > usable_cores():
            raise OptionError(f"cores={most} is more than this machine offers ({usable_cores()}); use fewer.")
        largest = max((source.pixels for source in plan.sources.values()), default=0)
        if largest > self.megapixels * 1.01e6:
            raise OptionError(
                f"{largest / 1e6:.3g} megapixels are more than the {self.megapixels:g} allowed here; "
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
