"""A palette without a picture: for colors with counts that may come from many pictures."""

from dataclasses import replace

import numpy as np

from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import Palette, hex_of
from kmeans_core.images.rounding import delivered_colors
from kmeans_core.images.stages import LockedColors, check_quantize_options, fit_colors, palette_from
from kmeans_core.options import FitOptions
from kmeans_core.types import ByteArray, OnIteration


def find_palette(
    histogram: ColorHistogram,
    options: QuantizeOptions,
    *,
    start: ByteArray | None = None,
    on_iteration: OnIteration | None = None,
) -> Palette:
    """The palette alone, for colors with counts that may come from many pictures.

    Parameters
    ----------
    histogram : ColorHistogram
        At least one color.
    options : QuantizeOptions
    start : ndarray of uint8, shape (k, 3), optional
        Distinct sRGB colors to start from, in place of a search. Not used where the palette has another
        number of colors.
    on_iteration : OnIteration, optional
        As of `quantize()`, whose errors these are.

    Returns
    -------
    Palette
    """
    return fit_palette(histogram, options, start=start, on_iteration=on_iteration)[0]


def fit_palette(
    histogram: ColorHistogram,
    options: QuantizeOptions,
    *,
    start: ByteArray | None = None,
    on_iteration: OnIteration | None = None,
) -> tuple[Palette, ByteArray]:
    """The palette as of `find_palette()`, and the index into it of each color, (n,), without dithering."""
    options = check_quantize_options(options)
    locked = LockedColors.of(options)
    possible = len(locked.distinct) + histogram.count_others(locked.distinct)
    n_wanted = min(locked.n_distinct(options.n_colors), possible)
    wanted, init = replace(options, n_colors=n_wanted), None
    if start is not None and len(start) == n_wanted:
        wanted = wanted.having("effort", "fast")
        init = from_srgb(start, options.space)
    fit = fit_colors(histogram, wanted, locked.distinct, None, init, on_iteration)
    palette, labels, _ = palette_from(fit, histogram, options, locked.distinct, n_wanted)
    palette, rank = palette.with_repeated(locked.given)
    return palette, rank[labels]


def assigning(palette: Palette, options: QuantizeOptions) -> QuantizeOptions:
    """Options that only assign the colors of a given palette."""
    return QuantizeOptions(
        n_colors=len(palette),
        fit=FitOptions(max_iter=1, distance=options.fit.distance),
        dither=options.dither,
        dither_strength=options.dither_strength,
        locked=tuple(hex_of(color) for color in palette.colors),
        space=options.space,
    )


def nearest_labels(histogram: ColorHistogram, options: QuantizeOptions) -> ByteArray:
    """What options of `assigning()` do with each color, without dithering: its index in their palette, (n,).

    With a palette that comes from `find_palette()` these are not always the labels of `fit_palette()`: of two
    colors as near as each other, the first counts, and the most used stand first here.
    """
    locked = LockedColors.of(options)
    colors, labels = delivered_colors(
        locked.distinct,
        histogram.colors,
        histogram.weights,
        n_wanted=len(locked.distinct),
        n_kept=len(locked.distinct),
        space=options.space,
        distance=options.fit.distance,
    )
    unused = np.zeros(len(colors), np.int64)
    _, places = Palette(colors, unused).with_repeated(locked.given)
    return places[labels]
