"""Orders to lay out the colors of a palette in."""

import numpy as np

from kmeans_core.errors import OptionError
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.palette import Palette
from kmeans_core.types import FloatArray, IndexArray

ORDERS = {"share": "Most used", "lightness": "Lightness", "hue": "Hue", "smooth": "Smooth strip"}
# Of OKLab; below, a color looks gray, and its hue says nothing.
_MIN_CHROMA = 0.03


def palette_order(palette: Palette, order: str) -> IndexArray:
    """Where to find the first, second, … color of a palette, (k,).

    order: "share", most used first; and by OKLab "lightness", dark to light; "hue", grays from dark to light
    and then around the wheel from red; "smooth", dark to light by steps as small as they get.

    Raises OptionError for another order.
    """
    if order not in ORDERS:
        raise OptionError(f"order={order!r} is unknown; use one of: {', '.join(ORDERS)}.")
    if order == "share" or not len(palette):
        return np.arange(len(palette))
    places = from_srgb(palette.colors, "oklab")
    if order == "lightness":
        return np.argsort(places[:, 0], kind="stable")
    if order == "hue":
        chroma = np.hypot(places[:, 1], places[:, 2])
        hue = np.degrees(np.arctan2(places[:, 2], places[:, 1])) % 360
        is_gray = chroma < _MIN_CHROMA
        return np.lexsort((places[:, 0], np.where(is_gray, 0, hue), ~is_gray))
    return _short_path(places)


def _short_path(places: FloatArray) -> IndexArray:
    """From the darkest to the lightest by way of all others: always the nearest next, then improved by
    turning stretches around (2-opt) until none gets shorter."""
    apart = np.sqrt(((places[:, None] - places) ** 2).sum(axis=2))
    last = int(np.argmax(places[:, 0]))
    path = [int(np.argmin(places[:, 0]))]
    left = [place for place in range(len(places)) if place not in (path[0], last)]
    while left:
        nearest = min(left, key=lambda place: (apart[path[-1], place], place))
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
                apart[best[start - 1], best[start]]
                + apart[best[ends], best[ends + 1]]
                - apart[best[start - 1], best[ends]]
                - apart[best[start], best[ends + 1]]
            )
            most = int(np.argmax(gained))
            if gained[most] > 1e-12:
                end = int(ends[most])
                best[start : end + 1] = best[start : end + 1][::-1]
                improved = True
    return best
