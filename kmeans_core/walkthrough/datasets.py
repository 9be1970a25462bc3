"""Points in the plane to walk through k-means on: easy ones, and ones that show where it fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kmeans_core.errors import OptionError
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.picture import load_picture
from kmeans_core.types import FloatArray

N_POINTS = 1500
MAX_OWN_POINTS = 200


@dataclass(frozen=True, eq=False)
class PlaneData:
    """Points in the plane.

    Attributes
    ----------
    points : ndarray of float64, shape (n, 2)
    about : str
        A sentence.
    colors : ndarray of uint8, shape (n, 3), or None
        That the points are drawn in.
    """

    points: FloatArray
    about: str
    colors: NDArray[np.uint8] | None = None


def _blobs() -> PlaneData:
    from sklearn.datasets import make_blobs

    points, _ = make_blobs(N_POINTS, random_state=8)
    return PlaneData(points, "1,500 points in three groups, which k-means is made for.")


def _moons() -> PlaneData:
    from sklearn.datasets import make_moons

    points, _ = make_moons(N_POINTS, noise=0.06, random_state=8)
    return PlaneData(points, "Two interlocked crescents: shapes that no straight border separates.")


def _circles() -> PlaneData:
    from sklearn.datasets import make_circles

    points, _ = make_circles(N_POINTS, factor=0.45, noise=0.05, random_state=8)
    return PlaneData(points, "A ring around a ring: both have the same mean.")


def _uneven() -> PlaneData:
    rng = np.random.default_rng(8)
    groups = (((0.0, 0.0), 2.0, 1100), ((7.0, 0.0), 0.5, 250), ((7.0, 4.0), 0.5, 150))
    points = np.concatenate([rng.normal(center, spread, (size, 2)) for center, spread, size in groups])
    return PlaneData(points, "A wide group of 1,100 points beside two tight ones of 250 and 150.")


def _uniform() -> PlaneData:
    points = np.random.default_rng(8).random((N_POINTS, 2))
    return PlaneData(points, "A square without any groups. K-means divides it anyway.")


DATASETS: dict[str, Callable[[], PlaneData]] = {
    "blobs": _blobs,
    "moons": _moons,
    "circles": _circles,
    "uneven": _uneven,
    "uniform": _uniform,
}


@cache
def dataset(name: str) -> PlaneData:
    """A data set, always the same points.

    Parameters
    ----------
    name : {"blobs", "moons", "circles", "uneven", "uniform"}

    Returns
    -------
    PlaneData
        1,500 points, made once per process.

    Raises
    ------
    OptionError
        For an unknown name.
    """
    if name not in DATASETS:
        raise OptionError(f"data={name!r} is unknown; use one of: {', '.join(DATASETS)}.")
    return DATASETS[name]()


@cache
def picture_colors(path: Path) -> PlaneData:
    """1,500 colors of a picture, projected on the plane in which they vary most.

    Parameters
    ----------
    path : Path
        Of a picture with that many colors or more.

    Returns
    -------
    PlaneData
        In color levels, made once per process. Colors are drawn by their counts and projected on their first
        two principal components.

    References
    ----------
    Pearson, *On lines and planes of closest fit to systems of points in space*, 1901.
    """
    histogram = ColorHistogram.of(load_picture(path))
    shares = histogram.counts / histogram.counts.sum()
    chosen = np.random.default_rng(8).choice(len(shares), N_POINTS, replace=False, p=shares)
    colors = histogram.colors[np.sort(chosen)]
    centered = histogram.colors - shares @ histogram.colors
    _, axes = np.linalg.eigh((centered * shares[:, None]).T @ centered)
    flat = (colors - shares @ histogram.colors) @ axes[:, [2, 1]]
    # The sign of an axis is arbitrary: bright colors to the right, red ones up.
    flat *= np.sign(axes[[0, 0], [2, 1]])
    about = f"{N_POINTS:,} colors of {path.name}, flattened to the two directions in which they differ most."
    return PlaneData(flat, about, colors)


def own_points(coordinates: Sequence[tuple[float, float]]) -> PlaneData:
    """Points that a visitor set.

    Parameters
    ----------
    coordinates : sequence of tuple of float
        x and y of each; 1 to `MAX_OWN_POINTS` points.

    Returns
    -------
    PlaneData

    Raises
    ------
    OptionError
        For none, or more than allowed.
    """
    if not 1 <= len(coordinates) <= MAX_OWN_POINTS:
        raise OptionError(f"{len(coordinates)} points are not allowed; set 1 to {MAX_OWN_POINTS}.")
    return PlaneData(np.array(coordinates, dtype=np.float64), "Your own points.")
