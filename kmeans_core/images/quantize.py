"""`quantize()`: a picture in, the same picture in at most k colors out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from kmeans_core.backends.base import Backend
from kmeans_core.fitting.fit import name_of
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.indexed_png import fit_alpha, indexed_png
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import Palette, as_colors, hex_of
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.images.quality import Quality
from kmeans_core.images.stages import (
    assigned,
    check_quantize_options,
    counted,
    fit_colors,
    palette_from,
    room_for,
)
from kmeans_core.options import FitOptions
from kmeans_core.types import KMeansResult, OnIteration


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
    n_colors, notes = room_for(picture, options.n_colors, len(locked))
    histogram = counted(picture, histogram)
    seconds = {"load": picture.load_seconds, "histogram": histogram.seconds}
    if not len(histogram.colors):
        return _nothing_visible(picture, options, locked, seconds)

    possible = len(locked) + histogram.without(locked)
    fit = fit_colors(
        histogram, replace(options, n_colors=min(n_colors, possible)), locked, backend, init, on_iteration
    )
    if possible < n_colors:
        notes.append(_all_kept(len(histogram.colors)))
    notes += fit.notes

    clock = perf_counter()
    palette, labels, merged = palette_from(fit, histogram, options, locked)
    notes += merged
    palette, indices, quality = assigned(picture, histogram, palette, labels, options, locked)
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
    fit = fit_colors(histogram, asked, locked, None, None, on_iteration)
    return palette_from(fit, histogram, options, locked)[0]


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
