"""`quantize()`: a picture in, the same picture in at most k colors out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.backends.base import Backend
from kmeans_core.errors import OptionError
from kmeans_core.fitting.fit import checked_options, fit_points, name_of
from kmeans_core.images.color_spaces import from_srgb, to_srgb
from kmeans_core.images.dither import dither as dither_pixels
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.indexed_png import fit_alpha, indexed_png
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import Palette, as_colors, hex_of
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.images.quality import Quality, measure_pixels, measure_quality
from kmeans_core.images.similar_colors import merge_similar
from kmeans_core.options import FitOptions
from kmeans_core.types import Iteration, KMeansResult, OnIteration
from kmeans_core.validation import checked


@dataclass(frozen=True, eq=False)
class QuantizedPicture:
    """A picture as a palette and one index a pixel.

    palette: the colors, most used first. options: what was asked for.
    indices: (height, width) uint8 into `palette`; `transparent` where a pixel is not shown.
    transparent: index that stands for "not shown", or None if every pixel is shown.
    alpha: (height, width) uint8 where pixels are partly transparent, as it is written; otherwise None.
    quality: how far it is from the original.
    fit: the clustering behind it; None for a picture without a visible pixel.
    unique_colors: distinct visible colors of the original.
    n_pixels: visible pixels.
    seconds: phase → wall seconds: load, start, histogram, convert, search, seed, transfer, fit,
        finish, remap.
    notes: what a viewer should know, as sentences.
    """

    palette: Palette
    options: QuantizeOptions
    indices: ByteArray
    transparent: int | None
    alpha: ByteArray | None
    quality: Quality
    fit: KMeansResult | None
    unique_colors: int
    n_pixels: int
    seconds: Mapping[str, float]
    notes: tuple[str, ...]

    def png_bytes(self) -> bytes:
        """The picture as an indexed PNG at full size and the smallest bit depth that holds the palette.

        Its table begins with the palette. Partly transparent pixels have entries of their own; where these
        are too many for a table, the file is in true color, see `indexed_png.py`.
        """
        alpha = self.alpha
        if alpha is None and self.transparent is not None:
            alpha = np.where(self.indices == self.transparent, np.uint8(0), np.uint8(255))
        return indexed_png(self.palette.colors, self.indices, alpha)


def quantize(
    picture: Picture,
    n_colors: int,
    *,
    backend: str | Backend = "numba",
    space: str = "srgb",
    dither: str = "none",
    dither_strength: float = 1.0,
    locked: ArrayLike | Sequence[str] = (),
    merge: float = 0.0,
    init: str | ArrayLike = "k-means++",
    max_iter: int = 100,
    tol: float = 0.0,
    early_stop: bool = True,
    distance: str = "euclidean",
    seed: int = 0,
    effort: str = "fast",
    on_iteration: OnIteration | None = None,
    histogram: ColorHistogram | None = None,
) -> QuantizedPicture:
    """Reduces a picture to at most `n_colors` colors with k-means on its distinct colors and their counts.

    n_colors: 1 to 256. Where part of the picture is not shown, that takes one more palette entry, or one
        of the 256.
    space: "srgb", "linear", "lab" or "oklab", the color space to cluster in and to assign in; centers,
        inertia and tol are in its units, see `images/color_spaces.py`.
    dither: "none", "floyd-steinberg", "atkinson", "bayer" or "blue-noise", see `images/dither.py`.
    dither_strength: 0 to 1, how much of it.
    locked: colors that the palette is to have exactly, whether the picture does or not: (m, 3) of 0 to 255,
        or texts such as "#8a7f6e". They are counted in `n_colors`; as many as that are a given palette.
    merge: colors that differ by less than this (CIEDE2000, 0 to 100) become one, the more used; the palette
        then has fewer than `n_colors`.
    distance: "euclidean", or in sRGB "manhattan"; dithering always compares by the first.
    histogram: the picture's, if it has been counted before; saves counting again.
    The other arguments are those of `cluster()`, which this calls and whose errors it raises.

    Source: Shim, *K-means Clustering Using Spark*, 2023, section on image compression; that distinct
    colors with counts give the same answer as pixels is arithmetic, not approximation.
    """
    options = QuantizeOptions(
        n_colors=n_colors,
        fit=FitOptions(
            backend=backend if isinstance(backend, str) else name_of(backend),
            init=init if isinstance(init, str) else "given",
            max_iter=max_iter,
            tol=tol,
            early_stop=early_stop,
            distance=distance,
            seed=seed,
            effort=effort,
        ),
        dither=dither,
        dither_strength=dither_strength,
        locked=tuple(hex_of(color) for color in as_colors(locked, "locked")),
        merge=merge,
        space=space,
    )
    return quantize_picture(
        picture,
        options,
        backend=None if isinstance(backend, str) else backend,
        init=None if isinstance(init, str) else init,
        histogram=histogram,
        on_iteration=on_iteration,
    )


def quantize_picture(
    picture: Picture,
    options: QuantizeOptions,
    *,
    backend: Backend | None = None,
    init: ArrayLike | None = None,
    histogram: ColorHistogram | None = None,
    on_iteration: OnIteration | None = None,
) -> QuantizedPicture:
    """What `quantize()` does, with its options as one value, stage by stage: count, fit, assign or dither,
    measure.

    backend: one made by hand instead of that of the options. init: (k, 3) centers to start from, in the
    coordinates of the space, instead of that of the options. The others are those of `quantize()`.
    """
    options = check_quantize_options(options, backend=backend, init=init)
    locked = as_colors(options.locked, "locked")
    n_colors, notes = _fitting_in_a_table(picture, options.n_colors, len(locked))
    histogram = _counted(picture, histogram)
    seconds = {"load": picture.load_seconds, "histogram": histogram.seconds}
    if not len(histogram.colors):
        return _nothing_visible(picture, options, locked, seconds)

    possible = len(locked) + histogram.without(locked)
    fit = _fit(
        histogram, replace(options, n_colors=min(n_colors, possible)), locked, backend, init, on_iteration
    )
    if possible < n_colors:
        notes.append(_all_kept(len(histogram.colors)))
    notes += fit.notes

    clock = perf_counter()
    palette, labels, merged = _palette(fit, histogram, options, locked)
    notes += merged
    palette, indices, quality = _assigned(picture, histogram, palette, labels, options, locked)
    alpha = picture.alpha if picture.is_partly_transparent else None
    if alpha is not None:
        alpha, note = fit_alpha(alpha, indices, len(palette))
        notes += [note] if note else []
    seconds |= {**fit.seconds, "remap": perf_counter() - clock}
    return QuantizedPicture(
        palette=palette,
        options=options,
        indices=indices,
        transparent=len(palette) if picture.visible is not None else None,
        alpha=alpha,
        quality=quality,
        fit=fit,
        unique_colors=len(histogram.colors),
        n_pixels=histogram.n_pixels,
        seconds=seconds,
        notes=tuple(notes),
    )


def palette_of(
    histogram: ColorHistogram, options: QuantizeOptions, *, on_iteration: OnIteration | None = None
) -> Palette:
    """The palette alone, of colors with counts that may come from many pictures, at least one color in all.

    Errors are those of `quantize()`."""
    options = check_quantize_options(options)
    locked = as_colors(options.locked, "locked")
    possible = len(locked) + histogram.without(locked)
    asked = replace(options, n_colors=min(options.n_colors, possible))
    fit = _fit(histogram, asked, locked, None, None, on_iteration)
    return _palette(fit, histogram, options, locked)[0]


def check_quantize_options(
    options: QuantizeOptions, *, backend: Backend | None = None, init: ArrayLike | None = None
) -> QuantizeOptions:
    """The options as plain values, or the OptionError or UnsupportedOptionError that `quantize()` raises for
    them, whatever the picture."""
    skipping = (*(("init",) if init is not None else ()), *(("backend",) if backend is not None else ()))
    options = checked(options, skipping=skipping)
    if options.fit.distance == "manhattan" and options.space != "srgb":
        raise OptionError(
            f"distance='manhattan' counts levels of red, green and blue, and space is {options.space!r}; "
            "use space='srgb', or distance='euclidean'."
        )
    locked = as_colors(options.locked, "locked")
    checked_options(_for_colors(options), backend=backend, init=init, fixed=locked if len(locked) else None)
    return options


def _for_colors(options: QuantizeOptions) -> FitOptions:
    return replace(options.fit, n_clusters=options.n_colors)


def _fitting_in_a_table(picture: Picture, n_colors: int, n_locked: int) -> tuple[int, list[str]]:
    """How many colors there is room for, and the notes so far: hidden pixels take an entry of a file's
    table."""
    notes = list(picture.notes)
    if picture.visible is None:
        return n_colors, notes
    if n_locked == MAX_COLORS:
        raise OptionError(
            "256 locked colors leave no entry for the pixels that are not shown; lock at most 255 of them."
        )
    if n_colors == MAX_COLORS:
        n_colors = MAX_COLORS - 1
        notes.append("One of the 256 palette entries stands for the pixels that are not shown.")
    return n_colors, notes


def _counted(picture: Picture, histogram: ColorHistogram | None) -> ColorHistogram:
    histogram = histogram or ColorHistogram.of(picture)
    visible = picture.visible
    shown = picture.width * picture.height if visible is None else int(np.count_nonzero(visible))
    if histogram.n_pixels != shown:
        raise OptionError(
            f"histogram counts {histogram.n_pixels:,} pixels, and the picture shows {shown:,}; give its own."
        )
    return histogram


def _fit(
    histogram: ColorHistogram,
    options: QuantizeOptions,
    locked: ByteArray,
    backend: Backend | None,
    init: ArrayLike | None,
    on_iteration: OnIteration | None,
) -> KMeansResult:
    """Clusters the colors in the space. A search for a start is done on sRGB levels, wherever it leads."""
    colors, counts, space, asked = histogram.colors, histogram.counts, options.space, _for_colors(options)
    fixed = from_srgb(locked, space) if len(locked) else None
    if space == "srgb":
        return fit_points(
            colors, asked, weights=counts, backend=backend, init=init, fixed=fixed, on_iteration=on_iteration
        )
    clock = perf_counter()
    points = from_srgb(colors, space)
    converted = perf_counter() - clock
    if asked.effort == "fast":
        fit = fit_points(
            points, asked, weights=counts, backend=backend, init=init, fixed=fixed, on_iteration=on_iteration
        )
        return replace(fit, seconds={**fit.seconds, "convert": converted})

    def before_rounds(step: Iteration) -> None:
        if on_iteration is not None and step.index == 0:
            on_iteration(step)

    search = FitOptions(asked.n_clusters, init=asked.init, seed=asked.seed, effort=asked.effort, max_iter=1)
    start = fit_points(
        colors,
        search,
        weights=counts,
        init=init,
        fixed=locked if len(locked) else None,
        on_iteration=before_rounds,
    )
    centers = from_srgb(start.centers, space)
    after = replace(asked, n_clusters=len(centers), effort="fast")
    fit = fit_points(
        points, after, weights=counts, backend=backend, init=centers, fixed=fixed, on_iteration=on_iteration
    )
    compiled = start.seconds["start"] + fit.seconds["start"]
    searched = sum(start.seconds.values()) - start.seconds["start"]
    seconds = {**fit.seconds, "convert": converted, "start": compiled, "search": searched}
    return replace(fit, seconds=seconds)


def _palette(
    fit: KMeansResult, histogram: ColorHistogram, options: QuantizeOptions, locked: ByteArray
) -> tuple[Palette, ByteArray, list[str]]:
    """The centers as colors, the index of each counted color among them, and what merging did."""
    palette, labels = Palette.from_centers(
        to_srgb(fit.centers, options.space), fit.labels, histogram.counts, n_kept=len(locked)
    )
    if not options.merge:
        return palette, labels, []
    found = len(palette)
    palette, rank = merge_similar(palette, options.merge, locked)
    notes = []
    if len(palette) < found:
        notes.append(
            f"{found} colors became {len(palette)}: the others differed by less than {options.merge:g}."
        )
    return palette, rank[labels], notes


def _assigned(
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
        indices = histogram.map_back(picture, labels, hidden=len(palette))
        return palette, indices, measure_quality(histogram.colors, histogram.counts, palette.colors, labels)
    indices = dither_pixels(
        picture,
        palette.colors,
        options.dither,
        strength=options.dither_strength,
        space=options.space,
        histogram=histogram,
    )
    shown = indices.reshape(-1) if picture.visible is None else indices[picture.visible]
    palette, rank = palette.counted_by(shown, kept=locked)
    indices = rank[indices]
    if picture.visible is not None:
        indices[~picture.visible] = len(palette)
    return palette, indices, measure_pixels(picture, palette.colors, indices)


def _all_kept(count: int) -> str:
    if count == 1:
        return "The picture has only 1 color; it is kept."
    return f"The picture has only {count} colors; all of them are kept."


def _nothing_visible(
    picture: Picture, options: QuantizeOptions, locked: ByteArray, seconds: Mapping[str, float]
) -> QuantizedPicture:
    return QuantizedPicture(
        palette=Palette(locked, np.zeros(len(locked), np.int64)),
        options=options,
        indices=np.full((picture.height, picture.width), len(locked), np.uint8),
        transparent=len(locked),
        alpha=None,
        quality=Quality(0.0, float("inf")),
        fit=None,
        unique_colors=0,
        n_pixels=0,
        seconds={**seconds, "start": 0.0, "seed": 0.0, "fit": 0.0, "remap": 0.0},
        notes=(*picture.notes, "Every pixel is transparent: there are no colors to reduce."),
    )
