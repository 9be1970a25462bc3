"""How many colors: the error over 1 to 256 of them, and the number that reaches a target."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.elbow import find_elbow
from kmeans_core.errors import OptionError
from kmeans_core.fitting import cluster
from kmeans_core.images.color_codes import codes
from kmeans_core.images.encoding import EncodedPicture, encode, image_bytes
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import parse_colors
from kmeans_core.images.perceptual_quality import mean_difference
from kmeans_core.images.picture import Picture
from kmeans_core.images.quality import psnr_of
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.types import ByteArray, FloatArray, LabelArray

# Every number where one color more is seen, then ever larger steps.
CURVE = (*range(2, 17), 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256)
_MAX_ITER = 5
_MAX_SWEPT = 200_000


@dataclass(frozen=True, eq=False)
class CurvePoint:
    """The error in one number of colors.

    Attributes
    ----------
    n_colors, mse, psnr : int, float, float
        As in `Quality`, for centers not yet rounded.
    colors : ndarray of uint8, shape (k, 3)
        The centers, rounded, the most used first; fewer than `n_colors` where the picture has no more.
    shares : ndarray of float64, shape (k,)
        Of the visible pixels, 0 to 1.
    """

    n_colors: int
    mse: float
    psnr: float
    colors: ByteArray
    shares: FloatArray


@dataclass(frozen=True)
class Target:
    """title, unit: for people. grows_with_colors: whether more colors make it larger. is_upper_bound: whether
    the value must not be exceeded.
    """

    title: str
    unit: str
    grows_with_colors: bool
    is_upper_bound: bool


TARGETS = {
    "psnr": Target("PSNR of at least", "dB", grows_with_colors=True, is_upper_bound=False),
    "delta-e": Target(
        "Mean color difference of at most", "CIEDE2000", grows_with_colors=False, is_upper_bound=True
    ),
    "bytes": Target("File size of at most", "bytes", grows_with_colors=True, is_upper_bound=True),
}


@dataclass(frozen=True, eq=False)
class FoundNumber:
    """What `find_n_colors()` returns.

    Attributes
    ----------
    n_colors, encoded, value : int, EncodedPicture, float
        The picture in so many colors, and what it reaches, in the target's unit.
    tried : mapping of int to float
        The same for every number of colors that was tried.
    """

    n_colors: int
    encoded: EncodedPicture
    value: float
    tried: Mapping[int, float]


def error_curve(
    histogram: ColorHistogram,
    numbers: Sequence[int] = CURVE,
    *,
    backend: str = "numba",
    on_point: Callable[[CurvePoint], None] | None = None,
) -> list[CurvePoint]:
    """The error of a picture in each number of colors, in rising order, in one sweep.

    Each starts where the one before ended, with the clusters of the largest error split across their longest
    axis, and runs five iterations. The error is within a few percent of a separate fit, in a fraction of its
    time. With more than 200,000 colors, similar ones are merged first. Ends early at an exact copy.

    Parameters
    ----------
    histogram : ColorHistogram
    numbers, backend : sequence of int, default `CURVE`; str, default "numba"
        The default goes from 2 to 256.
    on_point : callable, optional
        Called with each point as it is there.

    Returns
    -------
    list of CurvePoint
        Empty for a picture without a visible pixel.
    """
    points: list[CurvePoint] = []
    if not len(histogram.colors):
        return points
    levels, weights, spread_in_cells = _coarsen(histogram)
    colors, counts = levels.astype(np.float64), weights.astype(np.float64)
    centers = np.average(colors, axis=0, weights=counts)[None]
    labels = np.zeros(len(colors), dtype=np.int32)
    for number in sorted(set(numbers)):
        while len(centers) < min(number, len(colors)):
            centers = _split_clusters(colors, counts, centers, labels, number - len(centers))
            fit = cluster(
                levels, len(centers), weights=weights, init=centers, max_iter=_MAX_ITER, backend=backend
            )
            centers, labels = fit.centers, fit.labels
        error = ((colors - centers[labels]) ** 2).sum(axis=1)
        mse = float(error @ counts) / histogram.opaque_weight / histogram.n_pixels + spread_in_cells
        shares = np.bincount(labels, counts, len(centers)) / counts.sum()
        order = np.argsort(-shares, kind="stable")
        shown = np.rint(centers[order]).astype(np.uint8)
        points.append(CurvePoint(number, mse, psnr_of(mse), shown, shares[order]))
        if on_point is not None:
            on_point(points[-1])
        if len(centers) == len(colors):
            break
    return points


def elbow(points: Sequence[CurvePoint]) -> int | None:
    """Where the root of the error over the logarithm of the number bends most: beyond, colors gain less.

    Parameters
    ----------
    points : sequence of CurvePoint

    Returns
    -------
    int or None
        None for fewer than three points that are no exact copy, or without an elbow.
    """
    known = [point for point in points if math.isfinite(point.psnr)]
    found = find_elbow(
        [math.log2(point.n_colors) for point in known], [math.sqrt(point.mse) for point in known]
    )
    return None if found is None else round(2**found)


def find_n_colors(
    picture: Picture,
    target: str,
    value: float,
    options: QuantizeOptions | None = None,
    *,
    kind: str = "png",
    fewest: int = 1,
    histogram: ColorHistogram | None = None,
    on_try: Callable[[int], None] | None = None,
) -> FoundNumber:
    """The smallest number of colors that reaches a quality, or the largest that fits a file size.

    Found by halving, with the very options: one color less (or more, for bytes) was tried and misses it.

    Parameters
    ----------
    picture, histogram
        As of `quantize()`.
    target, value : {"psnr", "delta-e", "bytes"}, float
        At least so many dB; a mean CIEDE2000 of at most so much; a file of at most so many bytes.
    options : QuantizeOptions, optional
        All but the number of colors.
    kind, fewest : str, default "png"; int, default 1
        Of the file whose size counts, one of `IMAGE_FORMATS`; the smallest number to try.
    on_try : callable, optional
        Called with each number before it is tried.

    Returns
    -------
    FoundNumber

    Raises
    ------
    OptionError
        Where no number reaches it, saying what can be reached; and what `quantize()` raises.
    """
    if target not in TARGETS:
        raise OptionError(f"target={target!r} is unknown; use one of: {', '.join(TARGETS)}.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise OptionError(f"value={value!r} is not allowed as a target; give a number of 0 or more.")
    target_info = TARGETS[target]
    histogram = histogram or ColorHistogram.of(picture)
    asked = options or QuantizeOptions()
    min_tried = max(fewest, len(parse_colors(asked.locked, "locked")))
    tried: dict[int, tuple[float, EncodedPicture]] = {}

    def attempt(number: int) -> float:
        if number not in tried:
            if on_try is not None:
                on_try(number)
            quantized = quantize_picture(picture, replace(asked, n_colors=number), histogram=histogram)
            encoded = encode(picture, quantized)
            reached = {
                "psnr": lambda: quantized.quality.psnr,
                "delta-e": lambda: mean_difference(picture, quantized.palette.colors, quantized.indices),
                "bytes": lambda: float(len(image_bytes(encoded.png, kind))),
            }[target]()
            tried[number] = reached, encoded
        return tried[number][0]

    def fits(number: int) -> bool:
        reached = attempt(number)
        return reached <= value if target_info.is_upper_bound else reached >= value

    # Halving between a number that fails and one that holds.
    wants_many = (
        target_info.grows_with_colors and target_info.is_upper_bound
    )  # the most colors that fit, not the fewest that suffice
    holds, fails = (min_tried, MAX_COLORS) if wants_many else (MAX_COLORS, min_tried)
    if not fits(holds):
        raise OptionError(_out_of_reach(target, value, holds, attempt(holds)))
    if fits(fails):
        holds = fails
    while abs(holds - fails) > 1:
        midpoint = (holds + fails) // 2
        if fits(midpoint):
            holds = midpoint
        else:
            fails = midpoint
    found, encoded = tried[holds]
    return FoundNumber(holds, encoded, found, {number: tried[number][0] for number in sorted(tried)})


def _out_of_reach(target: str, value: float, number: int, reached: float) -> str:
    """Rounded so that the suggested value can be reached."""
    title, unit, is_upper_bound = TARGETS[target].title, TARGETS[target].unit, TARGETS[target].is_upper_bound
    digits = 0 if target == "bytes" else 2
    rounding = math.ceil if is_upper_bound else math.floor
    offered = rounding(reached * 10**digits) / 10**digits
    colors = "1 color gives" if number == 1 else f"{number} colors give"
    return (
        f"{title} {value:,.6g} {unit} cannot be reached: {colors} {offered:,.{digits}f} {unit}; "
        f"ask for {'at least' if is_upper_bound else 'at most'} that."
    )


def _coarsen(histogram: ColorHistogram) -> tuple[ByteArray, NDArray[np.int64], float]:
    """The colors and their weights, merged in cells of 4 levels per channel if there are very many; and the
    mean squared error that this hides, their spread within the cells.
    """
    colors, weights = histogram.colors, histogram.weights
    if len(colors) <= _MAX_SWEPT:
        return colors, weights, 0.0
    _, places = np.unique(codes((colors >> 2).astype(np.uint8)), return_inverse=True)
    cell_weights = np.bincount(places, weights)
    means = np.stack([np.bincount(places, weights * column) / cell_weights for column in colors.T], axis=1)
    levels = np.rint(means).astype(np.uint8)
    differences = ((colors.astype(np.float64) - levels[places]) ** 2).sum(axis=1)
    spread = float(differences @ weights) / histogram.opaque_weight / histogram.n_pixels
    return levels, cell_weights.astype(np.int64), spread


def _split_clusters(
    colors: FloatArray, counts: FloatArray, centers: FloatArray, labels: LabelArray, wanted: int
) -> FloatArray:
    """The centers with up to `wanted` more: the clusters of the largest error are split in two."""
    error = ((colors - centers[labels]) ** 2).sum(axis=1) * counts
    errors = np.bincount(labels, error, len(centers))
    worst = np.argsort(-errors, kind="stable")[:wanted]
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(len(centers) + 1))
    added = []
    centers = centers.copy()
    for number in worst:
        members = order[bounds[number] : bounds[number + 1]]
        if errors[number] == 0 or len(members) < 2:
            continue
        mine, member_counts = colors[members], counts[members]
        differences = mine - np.average(mine, axis=0, weights=member_counts)
        axis = np.linalg.eigh((differences * member_counts[:, None]).T @ differences)[1][:, -1]
        beyond = differences @ axis > 0
        if beyond.all() or not beyond.any():
            continue
        centers[number] = np.average(mine[~beyond], axis=0, weights=member_counts[~beyond])
        added.append(np.average(mine[beyond], axis=0, weights=member_counts[beyond]))
    return np.vstack([centers, *added]) if added else centers
