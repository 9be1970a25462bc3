"""What is measured: a source of points, a backend, a number of clusters, a number of iterations, cores."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from kmeans_core.bench.described import title_of
from kmeans_core.errors import OptionError
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import MAX_MEGAPIXELS
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.types import FloatArray, RealArray

MAX_CLUSTERS = 256
MAX_ITERATIONS = 1000
MAX_POINTS = 20_000_000


@dataclass(frozen=True)
class Case:
    """The work of a measurement. Two measurements with equal cases did the same work.

    Attributes
    ----------
    source : str
        Key of a `Source`.
    backend : str
    n_clusters : int
        1 to `MAX_CLUSTERS`.
    n_iter : int
        1 to `MAX_ITERATIONS`; exactly so many iterations if the backend can do that, else at most so many.
    cores : int
        How many it may use.
    tol : float or None, default None
        None, or the center shift below which it may stop earlier.
    master : str, default ""
        Address of the cluster it ran on, "" for this machine.
    seed : int, default 0
        Draws the initial centers, the same for every backend that accepts any.

    Raises
    ------
    OptionError
        When made with a number out of its range.
    """

    source: str
    backend: str
    n_clusters: int
    n_iter: int
    cores: int
    tol: float | None = None
    master: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value, max_value in (
            ("colors", self.n_clusters, MAX_CLUSTERS),
            ("iterations", self.n_iter, MAX_ITERATIONS),
        ):
            if not 1 <= value <= max_value:
                raise OptionError(f"{name}={value} is not allowed; give 1 to {max_value:,}.")
        if self.cores < 1:
            raise OptionError(f"cores={self.cores} is not allowed; give 1 or more.")
        if not 0 <= self.seed < 2**63:
            raise OptionError(f"seed={self.seed} is not allowed; give 0 to {2**63 - 1:,}.")

    @property
    def process(self) -> tuple[str, int, str]:
        """Cases for which this is the same share a process."""
        return self.backend, self.cores, self.master

    @property
    def title(self) -> str:
        """For people: "Numba, 10 colors, 50 iterations"."""
        colors = "color" if self.n_clusters == 1 else "colors"
        iterations = "iteration" if self.n_iter == 1 else "iterations"
        return f"{title_of(self.backend)}, {self.n_clusters} {colors}, {self.n_iter} {iterations}"


class Workload(Protocol):
    """A source in memory, ready for repetitions."""

    pixels: int

    def points(self) -> tuple[RealArray, RealArray]:
        """Points (n, d) and weights (n,). For a picture this counts its colors, again at each call."""


@dataclass(frozen=True)
class PictureSource:
    """A picture file, in its own size or resampled to another.

    Attributes
    ----------
    path, sha : str
        Of the file, and its SHA-256.
    original_pixels : int
        Width × height of the file.
    megapixels : float or None, default None
        Size to resample to, None for its own.
    """

    path: str
    sha: str
    original_pixels: int
    megapixels: float | None = None

    @classmethod
    def of(cls, path: str | Path) -> "PictureSource":
        """Raises PictureError if it cannot be read."""
        picture = load_picture(path)
        sha = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        return cls(str(Path(path).resolve()), sha, picture.width * picture.height)

    def resampled(self, megapixels: float) -> "PictureSource":
        """The same in another size; its own size if that is within 1 % of it."""
        if not 0.001 <= megapixels <= MAX_MEGAPIXELS:
            raise OptionError(f"megapixels={megapixels:g} is not allowed; give 0.001 to {MAX_MEGAPIXELS:g}.")
        same = abs(megapixels * 1e6 / self.original_pixels - 1) < 0.01
        return replace(self, megapixels=None if same else megapixels)

    @property
    def key(self) -> str:
        size = "" if self.megapixels is None else f"@{self.megapixels:g}MP"
        return f"{Path(self.path).name}#{self.sha[:8]}{size}"

    @property
    def pixels(self) -> int:
        return self.original_pixels if self.megapixels is None else round(self.megapixels * 1e6)

    def load(self) -> Workload:
        picture = load_picture(self.path)
        return _PictureWorkload(
            picture if self.megapixels is None else _resampled(picture, self.megapixels * 1e6)
        )


class _PictureWorkload:
    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.pixels = picture.width * picture.height

    def points(self) -> tuple[RealArray, RealArray]:
        histogram = ColorHistogram.of(self.picture)
        return histogram.colors, histogram.counts


def _resampled(picture: Picture, pixels: float) -> Picture:
    """The picture at another size. Bicubic filtering makes new shades, as a larger photograph has; nearest
    neighbor would add pixels but no colors.
    """
    factor = math.sqrt(pixels / (picture.width * picture.height))
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    with Image.fromarray(picture.pixels) as image:
        scaled = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
    return replace(picture, pixels=scaled, alpha=None)


@dataclass(frozen=True)
class BlobsSource:
    """Made-up points: Gaussian blobs, from scikit-learn's `make_blobs`.

    Attributes
    ----------
    n_points, n_dims, n_centers, seed : int
        At most 200,000,000 numbers, `n_points` times `n_dims`, around so many places.
    """

    n_points: int
    n_dims: int = 3
    n_centers: int = 5
    seed: int = 8

    def __post_init__(self) -> None:
        if not 1 <= self.n_points * self.n_dims <= 10 * MAX_POINTS or min(self.n_points, self.n_dims) < 1:
            raise OptionError(
                f"points={self.n_points}x{self.n_dims} is not allowed; give 1 or more of each, and at most "
                f"{10 * MAX_POINTS:,} numbers in all."
            )

    @property
    def key(self) -> str:
        return f"blobs:{self.n_points}x{self.n_dims}c{self.n_centers}s{self.seed}"

    @property
    def pixels(self) -> int:
        return self.n_points

    def load(self) -> Workload:
        from sklearn.datasets import make_blobs

        points, _ = make_blobs(
            self.n_points, self.n_dims, centers=self.n_centers, random_state=self.seed, return_centers=False
        )
        return _BlobsWorkload(points)


class _BlobsWorkload:
    def __init__(self, points: FloatArray) -> None:
        self.table, self.weights = points, np.ones(len(points))
        self.pixels = len(points)

    def points(self) -> tuple[RealArray, RealArray]:
        return self.table, self.weights


Source = PictureSource | BlobsSource


@dataclass(frozen=True)
class Plan:
    """What a run measures.

    Attributes
    ----------
    cases : tuple of Case
        In order.
    sources : mapping of str to Source
        Key → source of the cases.
    """

    cases: tuple[Case, ...]
    sources: Mapping[str, Source]

    @classmethod
    def of(cls, pairs: list[tuple[Case, Source]]) -> "Plan":
        """Each case once."""
        return cls(
            tuple(dict.fromkeys(case for case, _ in pairs)), {source.key: source for _, source in pairs}
        )


def parse_points(text: str) -> BlobsSource:
    """The blobs that a text stands for.

    Parameters
    ----------
    text : str
        "100000x10" for 100,000 points in 10 dimensions; 3 dimensions by default.

    Returns
    -------
    BlobsSource

    Raises
    ------
    OptionError
        For a text that is not like that, or too many numbers.
    """
    count, _, dims = text.partition("x")
    if not (count.isdecimal() and (dims.isdecimal() or not dims)):
        raise OptionError(f"points={text!r} is not understood; give them as 100000x10, points by dimensions.")
    return BlobsSource(int(count), int(dims or 3))


def source_title(key: str) -> str:
    """A source key for people: "raccoon.png#c91e0fd1@12MP" → "raccoon.png, 12 megapixels"."""
    if key.startswith("blobs:"):
        shape = key.removeprefix("blobs:").split("c")[0]
        points, dims = shape.split("x")
        return f"{int(points):,} blob points × {dims}"
    name, _, rest = key.rpartition("#")
    size = rest.partition("@")[2]
    return f"{name}, {size.removesuffix('MP')} megapixels" if size else name
