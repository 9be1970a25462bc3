"""The stages of a quantization: options checked, colors counted, fitted, made a palette, assigned."""

from dataclasses import replace
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.backends import load_backend
from kmeans_core.backends.base import Backend
from kmeans_core.errors import OptionError
from kmeans_core.fitting.fit import checked_options, fit_points
from kmeans_core.images.color_spaces import from_srgb, to_srgb
from kmeans_core.images.dither import dither
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import Palette, parse_colors
from kmeans_core.images.picture import Picture
from kmeans_core.images.quality import Quality, measure_pixel_quality, measure_quality
from kmeans_core.images.rounding import delivered_colors
from kmeans_core.images.similar_colors import merge_similar
from kmeans_core.options import FitOptions
from kmeans_core.types import ByteArray, Iteration, KMeansResult, OnIteration
from kmeans_core.validation import checked


class LockedColors(NamedTuple):
    """Colors that stay as they are. given: (m, 3), some perhaps more than once. distinct: (n, 3), in their
    order, as a fit has them."""

    given: ByteArray
    distinct: ByteArray

    @classmethod
    def of(cls, options: QuantizeOptions) -> "LockedColors":
        given = parse_colors(options.locked, "locked", distinct=False)
        return cls(given, parse_colors(options.locked, "locked"))

    def n_distinct(self, n_colors: int) -> int:
        """How many distinct colors make a palette of `n_colors`, repeated ones included."""
        return n_colors - (len(self.given) - len(self.distinct))

    def repeated(self, palette: Palette, indices: ByteArray) -> tuple[Palette, ByteArray]:
        """The palette with every color at each place where it was given, and the new indices."""
        if len(self.given) == len(self.distinct):
            return palette, indices
        longer, rank = palette.with_repeated(self.given)
        return longer, np.append(rank, np.uint8(len(longer) % 256))[indices]


def check_quantize_options(
    options: QuantizeOptions, *, backend: Backend | None = None, init: ArrayLike | None = None
) -> QuantizeOptions:
    """The options as plain values, or the OptionError or UnsupportedOptionError that `quantize()` raises for
    them, whatever the picture. "balanced", the default, does not insist on a search."""
    options = checked(options, skipping=("backend", "init"))
    if options.fit.effort == "balanced" and not _can_search(options, backend, init):
        options = options.having("effort", "fast")
    if options.fit.distance == "manhattan" and options.space != "srgb":
        raise OptionError(
            f"distance='manhattan' needs the levels of red, green and blue, and space is {options.space!r}; "
            "use space='srgb' or distance='euclidean'."
        )
    locked = parse_colors(options.locked, "locked")
    checked_options(_for_colors(options), backend=backend, init=init, fixed=locked if len(locked) else None)
    return options


def room_for(picture: Picture, n_colors: int, n_locked: int) -> tuple[int, list[str]]:
    """How many colors there is room for, and the notes so far: hidden pixels take an entry of a file's
    table."""
    notes = list(picture.notes)
    if picture.visible is None:
        return n_colors, notes
    if n_locked == MAX_COLORS:
        raise OptionError("256 locked colors leave no palette entry for hidden pixels; lock at most 255.")
    if n_colors == MAX_COLORS:
        n_colors = MAX_COLORS - 1
        notes.append("One of the 256 palette entries is for hidden pixels.")
    return n_colors, notes


def counted(picture: Picture, histogram: ColorHistogram | None) -> ColorHistogram:
    histogram = histogram or ColorHistogram.of(picture)
    visible = picture.visible
    shown = picture.width * picture.height if visible is None else int(np.count_nonzero(visible))
    if histogram.n_pixels != shown:
        raise OptionError(
            f"histogram counts {histogram.n_pixels:,} pixels, and the picture has {shown:,} visible ones; "
            "pass the picture's own histogram."
        )
    return histogram


def fit_colors(
    histogram: ColorHistogram,
    options: QuantizeOptions,
    locked: ByteArray,
    backend: Backend | None,
    init: ArrayLike | None,
    on_iteration: OnIteration | None,
) -> KMeansResult:
    """Clusters the colors in the space. A search for initial centers always runs on sRGB levels.

    Inertia is that of pixels: of partly transparent ones, what shows of it.
    """
    unit = histogram.opaque_weight

    def in_pixels(step: Iteration) -> Iteration:
        return replace(step, inertia=step.inertia / unit)

    def report(step: Iteration) -> None:
        if on_iteration is not None:
            on_iteration(in_pixels(step))

    fit = _fit_weighted(histogram, options, locked, backend, init, report if unit > 1 else on_iteration)
    if unit == 1:
        return fit
    return replace(fit, inertia=fit.inertia / unit, history=tuple(map(in_pixels, fit.history)))


def _fit_weighted(
    histogram: ColorHistogram,
    options: QuantizeOptions,
    locked: ByteArray,
    backend: Backend | None,
    init: ArrayLike | None,
    on_iteration: OnIteration | None,
) -> KMeansResult:
    colors, weights, space, asked = histogram.colors, histogram.weights, options.space, _for_colors(options)
    fixed = from_srgb(locked, space) if len(locked) else None
    if space == "srgb":
        return fit_points(
            colors, asked, weights=weights, backend=backend, init=init, fixed=fixed, on_iteration=on_iteration
        )
    clock = perf_counter()
    points = from_srgb(colors, space)
    converted = perf_counter() - clock
    if asked.effort == "fast":
        fit = fit_points(
            points, asked, weights=weights, backend=backend, init=init, fixed=fixed, on_iteration=on_iteration
        )
        return replace(fit, seconds={**fit.seconds, "convert": converted})

    def before_rounds(step: Iteration) -> None:
        if on_iteration is not None and step.index == 0:
            on_iteration(step)

    search = FitOptions(asked.n_clusters, init=asked.init, seed=asked.seed, effort=asked.effort, max_iter=1)
    start = fit_points(
        colors,
        search,
        weights=weights,
        init=init,
        fixed=locked if len(locked) else None,
        on_iteration=before_rounds,
    )
    centers = from_srgb(start.centers, space)
    after = replace(asked, n_clusters=len(centers), effort="fast")
    fit = fit_points(
        points, after, weights=weights, backend=backend, init=centers, fixed=fixed, on_iteration=on_iteration
    )
    compiled = start.seconds["start"] + fit.seconds["start"]
    searched = sum(start.seconds.values()) - start.seconds["start"]
    seconds = {**fit.seconds, "convert": converted, "start": compiled, "search": searched}
    return replace(fit, seconds=seconds)


def palette_from(
    fit: KMeansResult, histogram: ColorHistogram, options: QuantizeOptions, locked: ByteArray, n_wanted: int
) -> tuple[Palette, ByteArray, list[str]]:
    """The centers as colors, the index of each counted color among them, and what merging did."""
    colors, nearest = delivered_colors(
        to_srgb(fit.centers, options.space),
        histogram.colors,
        histogram.weights,
        n_wanted=n_wanted,
        n_kept=len(locked),
        space=options.space,
        distance=options.fit.distance,
    )
    palette, labels = Palette.from_labels(colors, nearest, histogram.counts, n_kept=len(locked))
    if not options.merge:
        return palette, labels, []
    found = len(palette)
    palette, rank = merge_similar(palette, options.merge, locked)
    notes = []
    if len(palette) < found:
        notes.append(
            f"{found} colors were merged into {len(palette)}; the others differed by less than "
            f"ΔE {options.merge:g}."
        )
    return palette, rank[labels], notes


def assigned(
    picture: Picture,
    histogram: ColorHistogram,
    palette: Palette,
    labels: ByteArray,
    options: QuantizeOptions,
    locked: ByteArray,
) -> tuple[Palette, ByteArray, Quality]:
    """The index of every pixel, (height, width), and how far the result is from the original. Dithering
    changes how often each color is used, and with that the order of the palette."""
    if options.dither == "none":
        indices = histogram.paint(picture, labels, hidden=len(palette))
        return palette, indices, measure_quality(histogram, palette.colors, labels)
    indices = dither(
        picture,
        palette.colors,
        options.dither,
        strength=options.dither_strength,
        space=options.space,
        histogram=histogram,
    )
    shown = indices.reshape(-1) if picture.visible is None else indices[picture.visible]
    palette, rank = palette.recount(shown, kept=locked)
    indices = rank[indices]
    if picture.visible is not None:
        indices[~picture.visible] = len(palette)
    return palette, indices, measure_pixel_quality(picture, palette.colors, indices)


def _can_search(options: QuantizeOptions, backend: Backend | None, init: ArrayLike | None) -> bool:
    if init is not None or options.fit.init == "given":
        return False
    return (backend or load_backend(options.fit.backend)).traits.initial_centers


def _for_colors(options: QuantizeOptions) -> FitOptions:
    return replace(options.fit, n_clusters=options.n_colors)
