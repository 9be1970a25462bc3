"""Orders for the colors of a palette."""

import numpy as np

from kmeans_core.errors import OptionError
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.palette import Palette
from kmeans_core.types import FloatArray, IndexArray

ORDERS = {"share": "Most used", "lightness": "Lightness", "hue": "Hue", "smooth": "Smooth strip"}
# In OKLab; below it a color looks gray, and its hue means nothing.
_MIN_CHROMA = 0.03


def palette_order(palette: Palette, order: str) -> IndexArray:
    """The indices of a palette's colors in an order, (k,).

    order: "share", most used first; and by OKLab "lightness", dark to light; "hue", grays from dark to light
    and then around the wheel from red; "smooth", dark to light in steps as small as possible.

    Raises OptionError for another order.
    """
    if order not in ORDERS:
        raise OptionError(f"order={order!r} is unknown; use one of: {', '.join(ORDERS)}.")
    if order == "share" or not len(palette):
        return np.argsort(-palette.counts, kind="stable")
    oklab_colors = from_srgb(palette.colors, "oklab")
    if order == "lightness":
        return np.argsort(oklab_colors[:, 0], kind="stable")
    if order == "hue":
        chroma = np.hypot(oklab_colors[:, 1], oklab_colors[:, 2])
        hue = np.degrees(np.arctan2(oklab_colors[:, 2], oklab_colors[:, 1])) % 360
        is_gray = chroma < _MIN_CHROMA
        return np.lexsort((oklab_colors[:, 0], np.where(is_gray, 0, hue), ~is_gray))
    return _short_path(oklab_colors)


def _short_path(oklab_colors: FloatArray) -> IndexArray:
    """A path from the darkest to the lightest color through all others: always the nearest next, then
    improved by reversing stretches (2-opt) until no reversal makes it shorter.
    """
    distances = np.sqrt(((oklab_colors[:, None] - oklab_colors) ** 2).sum(axis=2))
    last = int(np.argmax(oklab_colors[:, 0]))
    path = [int(np.argmin(oklab_colors[:, 0]))]
    left = [place for place in range(len(oklab_colors)) if place not in (path[0], last)]
    while left:
        nearest = min(left, key=lambda place: (distances[path[-1], place], place))
        path.append(nearest)
        left.remove(nearest)
    if last != path[0]:
        path.append(last)
    best = np.array(path)
    improved = True
    while improved:
        improved = False
        for start in range(1, len(best) - 2):
            # Turning around start … end changes two steps only; the ends of the path stay.
            ends = np.arange(start + 1, len(best) - 1)
            gained = (
                distances[best[start - 1], best[start]]
                + distances[best[ends], best[ends + 1]]
                - distances[best[start - 1], best[ends]]
                - distances[best[start], best[ends + 1]]
            )
            best_end = int(np.argmax(gained))
            if gained[best_end] > 1e-12:
                end = int(ends[best_end])
                best[start : end + 1] = best[start : end + 1][::-1]
                improved = True
    return best
