"""Colors as a palette file gives them, and what became of those that are not simply sRGB."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kmeans_core.images.color_spaces import encode, linear_of_lab
from kmeans_core.images.css_colors import srgb_of
from kmeans_core.types import ByteArray
from kmeans_core.wording import listed

# Rounding of what files have and of conversions; beyond it, a color is outside sRGB.
_TOLERANCE = 0.005
_LAB_D50, _LAB_D65 = "Lab (D50)", "Lab (D65)"


@dataclass
class Swatches:
    """The colors of a palette file while it is read.

    Attributes
    ----------
    levels : list of tuple of float
        Red, green and blue, 0 to 1; beyond that for a color that sRGB does not have.
    left_out : Counter of str
        What could not be read → how often.
    converted : Counter of str
        What was converted to sRGB → how many colors.
    n_transparent : int
        Colors whose transparency was ignored.
    guesses : list of str
        Sentences about what was guessed.
    lab : dict of int to tuple of float
        Place → CIELAB of the colors that are given so.
    """

    levels: list[tuple[float, float, float]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    converted: Counter[str] = field(default_factory=Counter)
    n_transparent: int = 0
    guesses: list[str] = field(default_factory=list)
    lab: dict[int, tuple[float, float, float]] = field(default_factory=dict)

    def add(self, levels: Sequence[float], *, alpha: float = 1.0, model: str = "") -> None:
        """One more color. model: what it was converted from, if not sRGB."""
        red, green, blue = levels
        self.levels.append((float(red), float(green), float(blue)))
        self.n_transparent += alpha < 1
        if model:
            self.converted[model] += 1

    def add_lab(self, lightness: float, a: float, b: float) -> None:
        """One more color, in CIELAB with the white D50, as the programs of print have it."""
        self.lab[len(self)] = (lightness, a, b)
        self.add(srgb_of("lab", (lightness, a, b)), model=_LAB_D50)

    def settle_white(self) -> None:
        """Takes D65 for the white of CIELAB where only so are all colors in sRGB: some programs write it."""
        if not self.lab:
            return
        linear = linear_of_lab(np.array([*self.lab.values()]))
        levels = np.sign(linear) * encode(np.abs(linear))
        if not _are_outside([self.levels[place] for place in self.lab]).any() or _are_outside(levels).any():
            return
        for place, (red, green, blue) in zip(self.lab, levels.tolist(), strict=True):
            self.levels[place] = (red, green, blue)
        self.converted[_LAB_D65] = self.converted.pop(_LAB_D50)
        self.guesses.append("Lab was read with the white D65, for with D50 colors would be outside sRGB.")

    def leave_out(self, what: str, count: int = 1) -> None:
        self.left_out[what] += count

    def __len__(self) -> int:
        return len(self.levels)

    def as_bytes(self) -> ByteArray:
        """(m, 3), clipped to sRGB and rounded."""
        levels = np.nan_to_num(np.array(self.levels, dtype=np.float64).reshape(-1, 3))
        return np.rint(255 * np.clip(levels, 0, 1)).astype(np.uint8)

    def left_out_text(self) -> str:
        """As in "2 colors of another model and 1 line without a color"."""
        return listed([_counted(what, count) for what, count in self.left_out.items()])

    def notes(self) -> list[str]:
        """What a user should know, as sentences."""
        n_outside = int(_are_outside(self.levels).sum())
        counts = {f"Converted from {model}": count for model, count in self.converted.items()}
        counts |= {"Outside sRGB, so clipped": n_outside, "Transparency ignored": self.n_transparent}
        notes = list(self.guesses)
        if self.left_out:
            notes.append(f"Left out of the palette: {self.left_out_text()}.")
        notes += [
            f"{what}: {_counted('color', count)} of the palette." for what, count in counts.items() if count
        ]
        return notes


def _are_outside(levels: ArrayLike) -> NDArray[np.bool_]:
    """Which colors, (n, 3), sRGB does not have."""
    found = np.asarray(levels, dtype=np.float64).reshape(-1, 3)
    return np.asarray(((found < -_TOLERANCE) | (found > 1 + _TOLERANCE)).any(axis=1))


def _counted(what: str, count: int) -> str:
    """("line without a color", 2) → "2 lines without a color"."""
    noun, space, rest = what.partition(" ")
    return f"{count:,} {noun}{'' if count == 1 else 's'}{space}{rest}"
