"""The values that travel between the modules: arrays, and what a fit returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]
LabelArray = NDArray[np.int32]
# Points in whatever real type the caller has them: 8-bit colors stay 8-bit until a kernel reads them.
RealArray = NDArray[Any]


@dataclass(frozen=True)
class Iteration:
    """One round of Lloyd's algorithm.

    index: 1 for the first round.
    inertia: weighted sum of squared (or Manhattan) distances to the centers the round began with.
    center_shift: how far the center that moved most has moved, in the unit of the points.
    reassigned: number of points that changed cluster; all of them in the first round.
    seconds: wall time of the round.

    A backend that keeps no history may still report its rounds as they begin, with nan for inertia and
    shift and 0 for reassigned. The rounds of a search for a start, see `effort.py`, all have the index 0.
    """

    index: int
    inertia: float
    center_shift: float
    reassigned: int
    seconds: float


OnIteration = Callable[[Iteration], None]


@dataclass(frozen=True, eq=False)
class KMeansResult:
    """What `cluster()` returns.

    centers: (k, d) float64; fewer than asked for when there are fewer distinct points, as `notes` says.
    labels: (n,) int32, the index of each point's nearest center.
    inertia: weighted sum of squared (or Manhattan) distances of these labels and centers, in float64.
    n_iter: rounds run.
    converged: whether the last round left every center within `tol` of where it was.
    history: one `Iteration` a round; empty for backends that do not record it.
    backend: name of the backend.
    seconds: phase → wall seconds: start (JIT compilation, Java), search (with `effort`), seed, transfer, fit,
        finish.
    notes: what a reader of the result should know, as sentences.
    """

    centers: FloatArray
    labels: LabelArray
    inertia: float
    n_iter: int
    converged: bool
    history: tuple[Iteration, ...]
    backend: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
