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
from kmeans_core.images.palette import Palette, hex_of, parse_colors
from kmeans_core.images.picture import Picture
from kmeans_core.images.quality import Quality
from kmeans_core.images.stages import (
    LockedColors,
    assigned,
    check_quantize_options,
    counted,
    fit_colors,
    palette_from,
    room_for,
)
from kmeans_core.options import FitOptions
from kmeans_core.types import ByteArray, KMeansResult, OnIteration


@dataclass(frozen=True, eq=False)
class QuantizedPicture:
    """A picture as a palette and one index per pixel.

    Attributes
    ----------
    palette : Palette
        Locked colors in the order given, then the others, most used first.
    options : QuantizeOptions
        What was asked for.
    indices : ndarray of uint8, shape (height, width)
        Into `palette`; `transparent` for hidden pixels.
    transparent : int or None
        The index of hidden pixels, which is one beyond the palette's last; None if there are none.
    alpha : ndarray of uint8, shape (height, width), or None
        Where pixels are partly transparent, as it is written; otherwise None.
    quality : Quality
        MSE and PSNR against the original.
    fit : KMeansResult or None
        The clustering behind it, in the units of the space; None for a picture without a visible pixel.
    unique_colors, n_pixels : int
        Distinct visible colors of the original; visible pixels.
    seconds : mapping of str to float
        Phase → wall seconds: load, start, histogram, convert, search, seed, transfer, fit, finish, remap.
        Those that did not occur may be missing.
    notes : tuple of str
        What was converted or left out, as sentences.
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

        Returns
        -------
        bytes
            The file. Its table begins with the palette. Partly transparent pixels have entries of their own;
            where these are too many for a table, the file is in true color, see `indexed_png.py`.
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
    effort: str = "balanced",
    on_iteration: OnIteration | None = None,
    histogram: ColorHistogram | None = None,
) -> QuantizedPicture:
    """Reduces a picture to at most `n_colors` colors with k-means on its distinct colors and their counts.

    Parameters
    ----------
    picture : Picture
        From `load_picture()`. Hidden pixels do not count, and stay hidden.
    n_colors : int
        1 to 256. Hidden pixels take one more palette entry, or one of the 256.
    backend, max_iter, tol, early_stop, seed, on_iteration
        As of `cluster()`, with the same defaults. A search calls `on_iteration` too, with index 0.
    space : {"srgb", "linear", "lab", "oklab"}
        The color space to cluster in and to assign in; centers, inertia and `tol` are in its units, see
        `images/color_spaces.py`.
    dither : {"none", "floyd-steinberg", "atkinson", "bayer", "blue-noise"}
        See `images/dither.py`.
    dither_strength : float, default 1.0
        0 to 1, how much of it.
    locked : array_like, shape (m, 3), or sequence of str, default ()
        Colors that the palette has exactly, at its beginning and in this order, whether the picture has them
        or not: numbers of 0 to 255, or texts such as "#8a7f6e". They count in `n_colors`; with `n_colors` of
        them, they are the palette.
    merge : float, default 0.0
        Colors that differ by less than this (CIEDE2000, 0 to 100) become one, the more used; the palette then
        has fewer than `n_colors`.
    init : str or array_like, shape (k, 3), default "k-means++"
        As of `cluster()`; centers are given in the coordinates of `space`.
    distance : {"euclidean", "manhattan"}
        "manhattan" only in sRGB; dithering always uses the first.
    effort : {"fast", "balanced", "best"}, default "balanced"
        As of `cluster()`; the search runs on 8-bit sRGB colors whatever the space. Where `init` gives the
        centers, or the backend chooses its own, "balanced" has nothing to search and is "fast".
    histogram : ColorHistogram, optional
        The picture's, if it has been counted before; saves counting again.

    Returns
    -------
    QuantizedPicture

    Raises
    ------
    OptionError, UnsupportedOptionError, BackendUnavailableError, BackendFailedError
        As by `cluster()`, which this calls; the first also for a histogram of another number of pixels.

    References
    ----------
    Shim, *K-means Clustering Using Spark*, 2023, section on image compression; distinct colors with counts
    give exactly the same result as pixels. A pixel that is partly transparent weighs by the square of its
    alpha, as an error in it shows on any background.

    Examples
    --------
    >>> from kmeans_core import load_picture, quantize
    >>> picture = load_picture("assets/raccoon.png")
    >>> result = quantize(picture, 8, locked=["#ffffff"], backend="numpy", max_iter=2)
    >>> len(result.palette), result.indices.shape
    (8, (768, 1024))
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
        locked=tuple(hex_of(color) for color in parse_colors(locked, "locked", distinct=False)),
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
    """What `quantize()` does, with its options as one value: count, fit, assign or dither, measure.

    Parameters
    ----------
    picture, histogram, on_iteration
        As of `quantize()`, whose errors these are.
    options : QuantizeOptions
    backend : Backend, optional
        One made by hand instead of that of the options.
    init : array_like, shape (k, 3), optional
        Centers to start from, in the coordinates of the space, instead of what the options say.

    Returns
    -------
    QuantizedPicture
    """
    options = check_quantize_options(options, backend=backend, init=init)
    locked = LockedColors.of(options)
    n_colors, notes = room_for(picture, options.n_colors, len(locked.given))
    n_colors = locked.n_distinct(n_colors)
    histogram = counted(picture, histogram)
    seconds = {"load": picture.load_seconds, "histogram": histogram.seconds}
    if not len(histogram.colors):
        return _nothing_visible(picture, options, locked.given, seconds)

    possible = len(locked.distinct) + histogram.count_others(locked.distinct)
    n_wanted = min(n_colors, possible)
    fit = fit_colors(
        histogram, replace(options, n_colors=n_wanted), locked.distinct, backend, init, on_iteration
    )
    if possible < n_colors:
        notes.append(_few_colors_note(len(histogram.colors)))
    notes += fit.notes

    clock = perf_counter()
    palette, labels, merged = palette_from(fit, histogram, options, locked.distinct, n_wanted)
    notes += merged
    palette, indices, quality = assigned(picture, histogram, palette, labels, options, locked.distinct)
    palette, indices = locked.repeated(palette, indices)
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


def _few_colors_note(count: int) -> str:
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
