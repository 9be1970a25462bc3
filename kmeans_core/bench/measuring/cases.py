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
from kmeans_core.images.picture import MAX_MEGAPIXELS, Picture, load_picture
from kmeans_core.types import FloatArray, RealArray

MAX_CLUSTERS = 256
MAX_ITERATIONS = 1000
MAX_POINTS = 20_000_000


@dataclass(frozen=True)
class Case:
    """What a time is a time of. Two measurements with equal cases did the same work.

    source: key of a `Source`. n_iter: exactly so many rounds where the backend can be told so, else at most.
    tol: None, or the center shift below which it may stop earlier. cores: how many it may use.
    master: address of the cluster it ran on, "" for this machine.
    seed: draws the initial centers, the same for every backend that accepts any.
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
        for name, value, most in (
            ("colors", self.n_clusters, MAX_CLUSTERS),
            ("iterations", self.n_iter, MAX_ITERATIONS),
        ):
            if not 1 <= value <= most:
                raise OptionError(f"{name}={value} is not allowed; give 1 to {most:,}.")
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
    """A source that has been read, ready to be measured again and again."""

    pixels: int

    def points(self) -> tuple[RealArray, RealArray]:
        """Points (n, d) and weights (n,). For a picture this counts its colors, anew each time."""


@dataclass(frozen=True)
class PictureSource:
    """A picture file, in its own size or resampled to another.

    sha: SHA-256 of the file. megapixels: size to resample to, None for its own.
    """

    path: str
    sha: str
    own_pixels: int
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
        same = abs(megapixels * 1e6 / self.own_pixels - 1) < 0.01
        return replace(self, megapixels=None if same else megapixels)

    @property
    def key(self) -> str:
        size = "" if self.megapixels is None else f"@{self.megapixels:g}MP"
        return f"{Path(self.path).name}#{self.sha[:8]}{size}"

    @property
    def pixels(self) -> int:
        return self.own_pixels if self.megapixels is None else round(self.megapixels * 1e6)

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
    """The picture at another size. Bicubic filtering makes new shades in between, as a larger photograph has
    them; nearest-neighbor would add pixels but no colors."""
    factor = math.sqrt(pixels / (picture.width * picture.height))
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    with Image.fromarray(picture.pixels) as image:
        scaled = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
    return replace(picture, pixels=scaled, alpha=None)


@dataclass(frozen=True)
class BlobsSource:
    """Made-up points: Gaussian blobs around `n_centers` places, from scikit-learn's `make_blobs`."""

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
    def __init__(self, table: FloatArray) -> None:
        self.table, self.weights = table, np.ones(len(table))
        self.pixels = len(table)

    def points(self) -> tuple[RealArray, RealArray]:
        return self.table, self.weights


Source = PictureSource | BlobsSource


@dataclass(frozen=True)
class Plan:
    """Cases to measure, in order, and what their sources are."""

    cases: tuple[Case, ...]
    sources: Mapping[str, Source]

    @classmethod
    def of(cls, pairs: list[tuple[Case, Source]]) -> "Plan":
        """Without the repeated ones."""
        return cls(
            tuple(dict.fromkeys(case for case, _ in pairs)), {source.key: source for _, source in pairs}
        )


def parse_points(text: str) -> BlobsSource:
    """ "100000x10" → 100,000 points in 10 dimensions."""
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
