"""Arrays that a caller gives, checked and turned into what kernels take."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kmeans_core.clustering import threads
from kmeans_core.clustering.counted import are_counted
from kmeans_core.errors import OptionError
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, RealArray

_MAX_COORDINATE = 1e140
_MAX_SEARCHED = 1024
# Values that are looked at while they are in the cache, and from how many on two threads look.
_BLOCK, _SHARED = 32_768, 1_000_000


def checked_points(points: ArrayLike) -> RealArray:
    """Points as an (n, d) array of their own real type."""
    found = _array("points", points)
    if found.ndim != 2 or 0 in found.shape:
        raise OptionError(
            f"points has shape {found.shape}; pass an array (n, d) with at least one point and one "
            "coordinate."
        )
    found = _real("points", found)
    if np.issubdtype(found.dtype, np.floating) and not _farthest(found) <= _MAX_COORDINATE:
        _finite("points", found)
        raise OptionError(
            f"points has values beyond {_MAX_COORDINATE:g}, whose squares are too large to add up; "
            "scale them down first."
        )
    return found


def checked_weights(weights: ArrayLike | None, n_points: int) -> FloatArray:
    """Weights as (n,) float64, 1 each by default, which then take no memory."""
    if weights is None:
        return np.broadcast_to(np.ones(1), n_points)
    found = _finite("weights", _array("weights", weights))
    if found.shape != (n_points,):
        raise OptionError(f"weights has shape {found.shape}; pass one weight per point: ({n_points},).")
    if found.min() < 0 or found.max() == 0:
        raise OptionError(
            f"weights range from {found.min():g} to {found.max():g}; all must be 0 or more, and at least one "
            "above 0."
        )
    found = found.astype(np.float64)
    if not 1e-200 < found.max() < 1e200:
        raise OptionError(
            f"The largest weight is {found.max():g}; it must lie between 1e-200 and 1e200. "
            "Divide all weights by the largest."
        )
    return found


def checked_centers(name: str, given: ArrayLike, n_dims: int, count: int) -> FloatArray:
    """Centers as (count, n_dims) float64."""
    centers = _finite(name, _array(name, given)).astype(np.float64)
    if centers.size and float(np.abs(centers).max()) > _MAX_COORDINATE:
        raise OptionError(f"{name} has values beyond {_MAX_COORDINATE:g}; pass centers near the points.")
    if centers.shape != (count, n_dims):
        raise OptionError(f"{name} has shape {centers.shape}; pass one center per row: ({count}, {n_dims}).")
    return centers


def _array(name: str, value: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except ValueError:
        raise OptionError(f"{name} is ragged; pass rows of equal length.") from None


def _real(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == bool or not (
        np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)
    ):
        raise OptionError(f"{name} has dtype {array.dtype}; pass real numbers (integer or float).")
    return array


def _finite(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if np.issubdtype(_real(name, array).dtype, np.floating) and not np.isfinite(array).all():
        raise OptionError(f"{name} has NaN or infinite values; fill or drop them first.")
    return array


def _farthest(array: NDArray[Any]) -> float:
    """The largest absolute value, or NaN if there is one; in threads, without a copy."""
    blocks = threads.split_range(len(array), array.size // _BLOCK)

    def farthest(rows: tuple[int, int]) -> float:
        part = array[slice(*rows)]
        return float(np.maximum(part.max(), -part.min()))

    return float(np.max(threads.map_shared(farthest, blocks, array.size // _SHARED)))


def check_searchable(points: RealArray, weights: FloatArray, options: FitOptions) -> None:
    """Raises OptionError where a search for initial centers makes no sense."""
    if options.effort == "fast":
        return
    if options.n_clusters > _MAX_SEARCHED:
        raise OptionError(
            f"effort={options.effort!r} handles at most {_MAX_SEARCHED:,} clusters, and n_clusters is "
            f"{options.n_clusters:,}; use effort='fast'."
        )
    if not are_counted(points, weights):
        raise OptionError(
            f"effort={options.effort!r} needs 8-bit colors, an (n, 3) array of uint8, with whole numbers as "
            "weights; use effort='fast' for other points."
        )


def check_levels(points: RealArray, options: FitOptions) -> None:
    """Raises OptionError where k-medians cannot count: points that are no 8-bit levels."""
    if options.distance == "manhattan" and points.dtype != np.uint8:
        raise OptionError(
            f"distance='manhattan' needs 8-bit points, and points has dtype {points.dtype}; pass whole "
            "numbers from 0 to 255 as uint8, or use distance='euclidean'."
        )


def count_of(name: str, centers: ArrayLike | None) -> int:
    """How many centers are given. Raises OptionError for rows of unequal length."""
    return 0 if centers is None else len(np.atleast_1d(_array(name, centers)))
