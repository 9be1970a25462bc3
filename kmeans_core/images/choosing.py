"""How many colors: the error over 1 to 256 of them, and the number that reaches a target."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kmeans_core.errors import OptionError
from kmeans_core.fitting import cluster
from kmeans_core.images.color_codes import codes
from kmeans_core.images.encoding import EncodedPicture, encode, image_bytes
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.measures import mean_difference
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import as_colors
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.images.quality import psnr_of
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.types import FloatArray, LabelArray

# Every number where one color more is seen, then ever larger steps.
CURVE = (*range(2, 17), 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256)
_ROUNDS = 5
_MAX_SWEPT = 200_000


@dataclass(frozen=True)
class CurvePoint:
    """mse: as `Quality` has it, of centers that are not yet rounded to levels. psnr: in dB, infinite for an
    exact copy."""

    n_colors: int
    mse: float
    psnr: float


@dataclass(frozen=True)
class Target:
    """title, unit: for people. rises: whether more colors make it larger. at_most: whether the value is a
    limit from above."""

    title: str
    unit: str
    rises: bool
    at_most: bool


TARGETS = {
    "psnr": Target("PSNR of at least", "dB", rises=True, at_most=False),
    "delta-e": Target("Mean color difference of at most", "CIEDE2000", rises=False, at_most=True),
    "bytes": Target("File size of at most", "bytes", rises=True, at_most=True),
}


@dataclass(frozen=True, eq=False)
class Choice:
    """encoded: the picture in `n_colors`, as asked. value: what it comes to, in the target's unit. tried: the
    same for every number of colors that was looked at."""

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

    Each starts where the one before ended, with the clusters of the largest error cut in two across their
    longest axis, and makes five rounds: within some percent of what a fit for that number alone finds, for a
    fraction of its time. Of more than 200,000 colors,
    neighbors are taken together. Ends early at an exact copy. on_point: called with each point as it is
    there.
    """
    points: list[CurvePoint] = []
    if not len(histogram.colors):
        return points
    levels, weights, within = _in_cells(histogram)
    colors, counts = levels.astype(np.float64), weights.astype(np.float64)
    centers = np.average(colors, axis=0, weights=counts)[None]
    labels = np.zeros(len(colors), dtype=np.int32)
    for number in sorted(set(numbers)):
        while len(centers) < min(number, len(colors)):
            centers = _cut(colors, counts, centers, labels, number - len(centers))
            fit = cluster(
                levels,
                len(centers),
                weights=weights,
                init=centers,
                max_iter=_ROUNDS,
                backend=backend,
            )
            centers, labels = fit.centers, fit.labels
        error = ((colors - centers[labels]) ** 2).sum(axis=1)
        mse = float(error @ counts) / histogram.n_pixels + within
        points.append(CurvePoint(number, mse, psnr_of(mse)))
        if on_point is not None:
            on_point(points[-1])
        if len(centers) == len(colors):
            break
    return points


def elbow(points: Sequence[CurvePoint]) -> int | None:
    """Where the curve of the root of the error over the logarithm of the number bends most: beyond, colors
    gain less. None for fewer than three points, or where it has none.

    Source: Satopää et al., *Finding a "kneedle" in a haystack*, ICDCS Workshops 2011.
    """
    from kneed import KneeLocator

    known = [point for point in points if math.isfinite(point.psnr)]
    if len(known) < 3:
        return None
    found = KneeLocator(
        [math.log2(point.n_colors) for point in known],
        [math.sqrt(point.mse) for point in known],
        curve="convex",
        direction="decreasing",
    ).knee
    return None if found is None else round(2**found)


def choose_colors(
    picture: Picture,
    target: str,
    value: float,
    options: QuantizeOptions | None = None,
    *,
    kind: str = "png",
    fewest: int = 1,
    histogram: ColorHistogram | None = None,
    on_try: Callable[[int], None] | None = None,
) -> Choice:
    """The smallest number of colors that reaches a quality, or the largest that fits a file size.

    target: "psnr", at least so many dB; "delta-e", a mean CIEDE2000 of at most so much; "bytes", a file of at
    most so many bytes. Found by halving, with the very options: one color less (or more, for bytes) was
    tried and misses the target.
    kind: of the file whose size counts, one of `IMAGE_FORMATS`. fewest: colors to think of.
    options: all but the number of colors. on_try: called with each number before it is tried.

    Raises OptionError where no number reaches it, saying what can be reached; and what `quantize()` raises.
    """
    if target not in TARGETS:
        raise OptionError(f"target={target!r} is unknown; use one of: {', '.join(TARGETS)}.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise OptionError(f"value={value!r} is not allowed as a target; give a number of 0 or more.")
    aim = TARGETS[target]
    histogram = histogram or ColorHistogram.of(picture)
    asked = options or QuantizeOptions()
    least = max(fewest, len(as_colors(asked.locked, "locked")))
    tried: dict[int, tuple[float, EncodedPicture]] = {}

    def attempt(number: int) -> float:
        if number not in tried:
            if on_try is not None:
                on_try(number)
            made = quantize_picture(picture, replace(asked, n_colors=number), histogram=histogram)
            encoded = encode(picture, made)
            found = {
                "psnr": lambda: made.quality.psnr,
                "delta-e": lambda: mean_difference(picture, made.palette.colors, made.indices),
                "bytes": lambda: float(len(image_bytes(encoded.png, kind))),
            }[target]()
            tried[number] = found, encoded
        return tried[number][0]

    def fits(number: int) -> bool:
        found = attempt(number)
        return found <= value if aim.at_most else found >= value

    # Halving between a number that fails and one that holds.
    wants_many = aim.rises and aim.at_most  # as many colors as fit, not as few as do
    holds, fails = (least, MAX_COLORS) if wants_many else (MAX_COLORS, least)
    if not fits(holds):
        raise OptionError(_out_of_reach(target, value, holds, attempt(holds)))
    if fits(fails):
        holds = fails
    while abs(holds - fails) > 1:
        middle = (holds + fails) // 2
        if fits(middle):
            holds = middle
        else:
            fails = middle
    found, encoded = tried[holds]
    return Choice(holds, encoded, found, {number: tried[number][0] for number in sorted(tried)})


def _out_of_reach(target: str, value: float, number: int, reached: float) -> str:
    """Rounded so that what is offered can be reached."""
    aim = TARGETS[target]
    digits = 0 if target == "bytes" else 2
    rounding = math.ceil if aim.at_most else math.floor
    offered = rounding(reached * 10**digits) / 10**digits
    colors = "1 color comes" if number == 1 else f"{number} colors come"
    return (
        f"{aim.title} {value:,.6g} {aim.unit} is out of reach: {colors} to {offered:,.{digits}f} {aim.unit}; "
        f"ask for {'at least' if aim.at_most else 'at most'} that."
    )


def _in_cells(histogram: ColorHistogram) -> tuple[ByteArray, NDArray[np.int64], float]:
    """The colors and their counts, in cells of 4 levels a channel where they are very many; and what that
    leaves out of the mean squared error, their spread within the cells."""
    colors, counts = histogram.colors, histogram.counts
    if len(colors) <= _MAX_SWEPT:
        return colors, counts, 0.0
    _, places = np.unique(codes((colors >> 2).astype(np.uint8)), return_inverse=True)
    mass = np.bincount(places, counts)
    means = np.stack([np.bincount(places, counts * column) / mass for column in colors.T], axis=1)
    levels = np.rint(means).astype(np.uint8)
    apart = ((colors.astype(np.float64) - levels[places]) ** 2).sum(axis=1)
    return levels, mass.astype(np.int64), float(apart @ counts) / histogram.n_pixels


def _cut(
    colors: FloatArray, counts: FloatArray, centers: FloatArray, labels: LabelArray, wanted: int
) -> FloatArray:
    """The centers with up to `wanted` more: the clusters of the largest error become two each."""
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
        mine, mass = colors[members], counts[members]
        apart = mine - np.average(mine, axis=0, weights=mass)
        axis = np.linalg.eigh((apart * mass[:, None]).T @ apart)[1][:, -1]
        beyond = apart @ axis > 0
        if beyond.all() or not beyond.any():
            continue
        centers[number] = np.average(mine[~beyond], axis=0, weights=mass[~beyond])
        added.append(np.average(mine[beyond], axis=0, weights=mass[beyond]))
    return np.vstack([centers, *added]) if added else centers
