"""The values that travel between the modules: arrays, and what a fit returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

ByteArray = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]
LabelArray = NDArray[np.int32]
# Points in whatever real type the caller has them: 8-bit colors stay 8-bit until a kernel reads them.
RealArray = NDArray[Any]


@dataclass(frozen=True)
class Iteration:
    """One iteration of Lloyd's algorithm.

    Attributes
    ----------
    index : int
        1 for the first iteration; 0 for those of a search for initial centers, see
        `kmeans_core.clustering.effort`.
    inertia : float
        Weighted sum of squared (or Manhattan) distances to the centers before the update.
    center_shift : float
        How far the center that moved most has moved, in the unit of the points.
    reassigned : int
        Number of points that changed cluster; all of them in the first iteration.
    seconds : float
        Wall time of the iteration.

    Notes
    -----
    A backend without a history may still report iterations as they begin, with nan for inertia and shift and
    0 for reassigned. Those of a search are reported like that too.
    """

    index: int
    inertia: float
    center_shift: float
    reassigned: int
    seconds: float


OnIteration = Callable[[Iteration], None]
"""Called with each `Iteration` as it ends, by Spark ML from another thread, and with one of index 0 before
each iteration of a search. An exception it raises cancels the fit and reaches the caller."""


@dataclass(frozen=True, eq=False)
class KMeansResult:
    """What `cluster()` returns.

    Attributes
    ----------
    centers : ndarray of float64, shape (k, d)
        In the coordinates of the points. Fewer than asked for when there are fewer distinct points, as
        `notes` says. Fixed centers come first.
    labels : ndarray of int32, shape (n,)
        The index of each point's nearest center, 0 to k - 1.
    inertia : float
        Weighted sum of squared (or Manhattan) distances of these labels and centers, summed up in float64.
    n_iter : int
        Iterations that were run.
    converged : bool
        Whether no center moved farther than `tol` in the last iteration.
    history : tuple of Iteration
        One for each iteration; empty for backends that do not record them.
    backend : str
        Name of the backend.
    seconds : mapping of str to float
        Phase → wall seconds: start (JIT compilation, Java), search (with `effort` or `fixed`), seed,
        transfer, fit, finish. Phases that did not occur may be missing.
    notes : tuple of str
        What a reader of the result should know, as sentences.
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
