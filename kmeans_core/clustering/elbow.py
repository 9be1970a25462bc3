"""Where a falling curve bends: beyond, more clusters gain less."""

from collections.abc import Sequence

_MIN_POINTS = 3


def find_elbow(x: Sequence[float], y: Sequence[float]) -> float | None:
    """The `x` at the elbow of a convex, falling curve.

    Parameters
    ----------
    x, y : sequence of float, of the same length
        `x` rises.

    Returns
    -------
    float or None
        One of `x`; None for fewer than three points or without an elbow.

    References
    ----------
    Kneedle: Satopää et al., *Finding a "kneedle" in a haystack*, ICDCS Workshops 2011.
    """
    from kneed import KneeLocator

    if len(x) < _MIN_POINTS:
        return None
    found = KneeLocator(x, y, curve="convex", direction="decreasing").knee
    return None if found is None else float(found)
