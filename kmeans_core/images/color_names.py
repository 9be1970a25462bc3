"""What to call a color: the nearest of the names that CSS knows, or that people gave in xkcd's color survey.

Sources: CSS Color Module Level 4, section 6.1, as Pillow has it; Munroe, *Color survey results*, 2010, whose
list of 949 names is in the public domain (CC0).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import ImageColor

from kmeans_core.errors import OptionError
from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.palette import parse_colors
from kmeans_core.types import ByteArray, FloatArray

NAME_LISTS = {"css": "CSS", "xkcd": "xkcd survey"}


@dataclass(frozen=True)
class ColorName:
    """name: of the nearest color in the list. difference: CIEDE2000 to it, 0 if it is that color."""

    name: str
    difference: float


def color_names(colors: ByteArray, names: str = "css") -> list[ColorName]:
    """The nearest name of each color, (n, 3), by CIEDE2000; the first of the alphabet on a tie.

    names: "css" for its 148 names or "xkcd" for the 949 of the survey. Raises OptionError for another list.
    """
    if names not in NAME_LISTS:
        raise OptionError(f"names={names!r} is unknown; use one of: {', '.join(NAME_LISTS)}.")
    known, lab_colors = _known(names)
    n_colors, n_known = len(colors), len(known)
    pairs = np.repeat(from_srgb(colors, "lab"), n_known, axis=0), np.tile(lab_colors, (n_colors, 1))
    differences = ciede2000(*pairs).reshape(n_colors, n_known)
    nearest = np.argmin(differences, axis=1)
    return [ColorName(known[place], float(differences[row, place])) for row, place in enumerate(nearest)]


@cache
def _known(names: str) -> tuple[list[str], FloatArray]:
    """Names and their colors in CIELAB."""
    listed = dict(_css() if names == "css" else _survey())
    ordered = sorted(listed)
    return ordered, from_srgb(
        parse_colors([listed[name] for name in ordered], "names", distinct=False), "lab"
    )


def _css() -> dict[str, str]:
    colors = {name: ImageColor.getrgb(name) for name in ImageColor.colormap}
    return {name: f"#{red:02x}{green:02x}{blue:02x}" for name, (red, green, blue, *_) in colors.items()}


def _survey() -> dict[str, str]:
    lines = (Path(__file__).parent / "xkcd_colors.txt").read_text("utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines if not line.startswith("# "))
    return {name: color for color, name in pairs}
