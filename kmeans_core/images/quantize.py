"""`quantize()`: a picture in, the same picture in at most k colors out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.backends.base import Backend
from kmeans_core.errors import OptionError
from kmeans_core.fitting import check_options, cluster
from kmeans_core.images.color_spaces import SPACES, from_srgb, to_srgb
from kmeans_core.images.dither import DITHERS
from kmeans_core.images.dither import dither as dither_pixels
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.indexed_png import fit_alpha, indexed_png
from kmeans_core.images.palette import Palette, as_colors
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.images.quality import Quality, measure_pixels, measure_quality
from kmeans_core.images.similar_colors import merge_similar
from kmeans_core.types import KMeansResult, OnIteration

MOST_COLORS = 256


@dataclass(frozen=True, eq=False)
class QuantizedPicture:
    """A picture as a palette and one index a pixel.

    palette: the colors, most used first. space, distance: that they were clustered in and by.
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
    space: str
    distance: str
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
    _check(n_colors, space, dither, dither_strength, distance, merge)
    kept = as_colors(locked, "locked")
    hidden = picture.visible is not None
    notes = list(picture.notes)
    if hidden and len(kept) == MOST_COLORS:
        raise OptionError(
            "256 locked colors leave no entry for the pixels that are not shown; lock at most 255 of them."
        )
    if hidden and n_colors == MOST_COLORS:
        n_colors = MOST_COLORS - 1
        notes.append("One of the 256 palette entries stands for the pixels that are not shown.")
    histogram = histogram or ColorHistogram.of(picture)
    visible = picture.visible
    shown = picture.width * picture.height if visible is None else int(np.count_nonzero(visible))
    if histogram.n_pixels != shown:
        raise OptionError(
            f"histogram counts {histogram.n_pixels:,} pixels, and the picture shows {shown:,}; give its own."
        )
    seconds = {"load": picture.load_seconds, "histogram": histogram.seconds}
    if not len(histogram.colors):
        check_options(
            n_colors,
            backend=backend,
            init=init,
            max_iter=max_iter,
            tol=tol,
            early_stop=early_stop,
            distance=distance,
            fixed=kept,
            seed=seed,
            effort=effort,
        )
        return _nothing_visible(picture, kept, space, distance, seconds)

    others = histogram.without(kept)
    fit = _fit(
        histogram,
        space,
        kept,
        min(n_colors, len(kept) + others),
        backend=backend,
        init=init,
        max_iter=max_iter,
        tol=tol,
        early_stop=early_stop,
        distance=distance,
        seed=seed,
        effort=effort,
        on_iteration=on_iteration,
    )
    if len(kept) + others < n_colors:
        notes.append(_all_kept(len(histogram.colors)))
    notes += fit.notes

    clock = perf_counter()
    palette, labels = Palette.from_centers(
        to_srgb(fit.centers, space), fit.labels, histogram.counts, n_kept=len(kept)
    )
    if merge:
        found = len(palette)
        palette, rank = merge_similar(palette, merge, kept)
        labels = rank[labels]
        if len(palette) < found:
            notes.append(f"{found} colors became {len(palette)}: the others differed by less than {merge:g}.")
    if dither == "none":
        indices = histogram.map_back(picture, labels, hidden=len(palette))
        quality = measure_quality(histogram.colors, histogram.counts, palette.colors, labels)
    else:
        palette, indices = _dithered(picture, histogram, palette, kept, dither, dither_strength, space)
        quality = measure_pixels(picture, palette.colors, indices)
    alpha = picture.alpha if picture.is_partly_transparent else None
    if alpha is not None:
        alpha, note = fit_alpha(alpha, indices, len(palette))
        notes += [note] if note else []
    seconds |= {**fit.seconds, "remap": perf_counter() - clock}
    return QuantizedPicture(
        palette=palette,
        space=space,
        distance=distance,
        indices=indices,
        transparent=len(palette) if hidden else None,
        alpha=alpha,
        quality=quality,
        fit=fit,
        unique_colors=len(histogram.colors),
        n_pixels=histogram.n_pixels,
        seconds=seconds,
        notes=tuple(notes),
    )


def palette_of(
    histogram: ColorHistogram,
    n_colors: int,
    *,
    space: str = "srgb",
    locked: ArrayLike | Sequence[str] = (),
    merge: float = 0.0,
    backend: str | Backend = "numba",
    init: str | ArrayLike = "k-means++",
    max_iter: int = 100,
    tol: float = 0.0,
    early_stop: bool = True,
    distance: str = "euclidean",
    seed: int = 0,
    effort: str = "fast",
    on_iteration: OnIteration | None = None,
) -> Palette:
    """The palette alone, of colors with counts that may come from many pictures, at least one color in all.

    Arguments and errors are those of `quantize()`."""
    _check(n_colors, space, "none", 1.0, distance, merge)
    kept = as_colors(locked, "locked")
    fit = _fit(
        histogram,
        space,
        kept,
        min(n_colors, len(kept) + histogram.without(kept)),
        backend=backend,
        init=init,
        max_iter=max_iter,
        tol=tol,
        early_stop=early_stop,
        distance=distance,
        seed=seed,
        effort=effort,
        on_iteration=on_iteration,
    )
    palette, _ = Palette.from_centers(
        to_srgb(fit.centers, space), fit.labels, histogram.counts, n_kept=len(kept)
    )
    return merge_similar(palette, merge, kept)[0] if merge else palette


def _fit(
    histogram: ColorHistogram,
    space: str,
    locked: ByteArray,
    n_colors: int,
    *,
    init: str | ArrayLike,
    effort: str,
    **options: Any,
) -> KMeansResult:
    """Clusters the colors in the space. A search for a start is done on sRGB levels, wherever it leads."""
    colors, counts = histogram.colors, histogram.counts
    tell = options["on_iteration"]
    checked = {name: value for name, value in options.items() if name != "on_iteration"}
    fixed = from_srgb(locked, space) if len(locked) else None
    if space == "srgb":
        return cluster(colors, n_colors, weights=counts, init=init, effort=effort, fixed=fixed, **options)
    clock = perf_counter()
    points = from_srgb(colors, space)
    converted = perf_counter() - clock
    if effort == "fast":
        fit = cluster(points, n_colors, weights=counts, init=init, fixed=fixed, **options)
        return replace(fit, seconds={**fit.seconds, "convert": converted})
    check_options(n_colors, init=init, effort=effort, fixed=fixed, **checked)
    start = cluster(
        colors,
        n_colors,
        weights=counts,
        init=init,
        effort=effort,
        fixed=locked if len(locked) else None,
        seed=options["seed"],
        max_iter=1,
        on_iteration=None if tell is None else lambda step: tell(step) if step.index == 0 else None,
    )
    centers = from_srgb(start.centers, space)
    fit = cluster(points, len(centers), weights=counts, init=centers, fixed=fixed, **options)
    compiled = start.seconds["start"] + fit.seconds["start"]
    searched = sum(start.seconds.values()) - start.seconds["start"]
    seconds = {**fit.seconds, "convert": converted, "start": compiled, "search": searched}
    return replace(fit, seconds=seconds)


def _dithered(
    picture: Picture,
    histogram: ColorHistogram,
    palette: Palette,
    locked: ByteArray,
    method: str,
    strength: float,
    space: str,
) -> tuple[Palette, ByteArray]:
    indices = dither_pixels(
        picture, palette.colors, method, strength=strength, space=space, histogram=histogram
    )
    shown = indices.reshape(-1) if picture.visible is None else indices[picture.visible]
    palette, rank = palette.counted_by(shown, kept=locked)
    indices = rank[indices]
    if picture.visible is not None:
        indices[~picture.visible] = len(palette)
    return palette, indices


def _check(n_colors: int, space: str, dither: str, strength: float, distance: str, merge: float) -> None:
    if (
        isinstance(n_colors, bool)
        or not isinstance(n_colors, int | np.integer)
        or not 1 <= n_colors <= MOST_COLORS
    ):
        raise OptionError(
            f"n_colors={n_colors!r} is not allowed; a PNG palette holds 1 to {MOST_COLORS} colors, "
            "give a whole number in that range."
        )
    for option, value, allowed in (("space", space, SPACES), ("dither", dither, DITHERS)):
        if value not in allowed:
            raise OptionError(f"{option}={value!r} is unknown; use one of: {', '.join(allowed)}.")
    if distance == "manhattan" and space != "srgb":
        raise OptionError(
            f"distance='manhattan' counts levels of red, green and blue, and space is {space!r}; "
            "use space='srgb', or distance='euclidean'."
        )
    if (
        isinstance(strength, bool)
        or not isinstance(strength, int | float | np.number)
        or not 0 <= strength <= 1
    ):
        raise OptionError(f"dither_strength={strength!r} is not allowed; give a number from 0 to 1.")
    if isinstance(merge, bool) or not isinstance(merge, int | float | np.number) or not 0 <= merge <= 100:
        raise OptionError(f"merge={merge!r} is not allowed; give a color difference from 0 to 100.")


def _all_kept(count: int) -> str:
    if count == 1:
        return "The picture has only 1 color; it is kept."
    return f"The picture has only {count} colors; all of them are kept."


def _nothing_visible(
    picture: Picture, locked: ByteArray, space: str, distance: str, seconds: Mapping[str, float]
) -> QuantizedPicture:
    return QuantizedPicture(
        palette=Palette(locked, np.zeros(len(locked), np.int64)),
        space=space,
        distance=distance,
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
