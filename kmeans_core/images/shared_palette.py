"""A palette without a picture: for colors with counts that may come from many pictures."""

from dataclasses import replace

from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import Palette, parse_colors
from kmeans_core.images.stages import check_quantize_options, fit_colors, palette_from
from kmeans_core.types import OnIteration


def find_palette(
    histogram: ColorHistogram, options: QuantizeOptions, *, on_iteration: OnIteration | None = None
) -> Palette:
    """The palette alone, for colors with counts that may come from many pictures.

    Parameters
    ----------
    histogram : ColorHistogram
        At least one color.
    options : QuantizeOptions
    on_iteration : OnIteration, optional
        As of `quantize()`, whose errors these are.

    Returns
    -------
    Palette
    """
    options = check_quantize_options(options)
    given = parse_colors(options.locked, "locked", distinct=False)
    locked = parse_colors(options.locked, "locked")
    n_colors = options.n_colors - (len(given) - len(locked))
    possible = len(locked) + histogram.count_others(locked)
    n_wanted = min(n_colors, possible)
    fit = fit_colors(histogram, replace(options, n_colors=n_wanted), locked, None, None, on_iteration)
    return palette_from(fit, histogram, options, locked, n_wanted)[0].with_repeated(given)[0]
