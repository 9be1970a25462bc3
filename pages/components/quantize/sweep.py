"""Palettes for every number of colors, from one sweep: for the curve, and for the picture as a slider moves.

The browser gets them after the picture, and whoever moves the slider before that sees nothing move yet.
"""

from typing import Any

from kmeans_core.images.choosing import CURVE, CurvePoint, error_curve
from kmeans_core.images.compiling import is_compiled
from kmeans_core.wording import number_text
from pages.components.quantize.runs import loaded
from pages.components.quantize.source import Source
from pages.components.shared.backends import backends
from pages.components.shared.front_end import component
from pages.components.shared.kept import Kept
from pages.components.shared.presence import leave_check
from pages.components.shared.turns import turn

_publish = component(__file__)

# Numbers that the slider stops at.
STOPS = CURVE
_CURVES: Kept[list[CurvePoint]] = Kept(lambda curve: sum(200 + 11 * len(point.colors) for point in curve))


def sweep(source: Source) -> list[CurvePoint]:
    """The error and the palette for each number of colors. Ends with this run if the visitor does something
    else meanwhile."""
    histogram, check = loaded(source)[1], leave_check()

    def make() -> list[CurvePoint]:
        with turn(heavy=True):
            return error_curve(histogram, on_point=lambda _: check())

    return _CURVES.get(source.sha, make)


def publish_sweep(source: Source, *, key: str) -> None:
    """Hands the palettes to the parts of the page that recolor the picture while the slider moves."""
    if not (backends()["numba"].available and is_compiled()):
        return
    points = sweep(source)
    if points:
        _publish(key=key, data={"picture": source.sha, "palettes": [_palette(point) for point in points]})


def _palette(point: CurvePoint) -> dict[str, Any]:
    return {
        "count": point.n_colors,
        "colors": [bytes(color).hex() for color in point.colors],
        "shares": [round(float(share), 5) for share in point.shares],
        "error": number_text(point.mse),
    }
