"""Other people's color quantizers and ours on the same pictures: time and error.

A run is timed from the pixels in memory to a palette and one index per pixel, without dithering. The error is
the mean over pixels of the squared distance in sRGB, summed over the channels, and is computed here for all.
"""

import statistics
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kmeans_core.errors import OptionError
from kmeans_core.images.compiling import compile_all
from kmeans_core.images.options import MAX_COLORS
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.quantize import quantize
from kmeans_core.types import ByteArray

COLORS = (4, 16, 64, 256)
# scikit-learn on distinct colors is what people would use instead.
REFERENCE = "sklearn-colors"
# Repeated until so much time is spent: a long one needs no median.
_MIN_TOTAL_SECONDS = 3.0

Indexed = tuple[ByteArray, NDArray[Any]]


@dataclass(frozen=True)
class Peer:
    """title: for people. short: for a chart. package: that it is from, "" for our own. max_colors: with more
    it takes minutes per picture. run: (picture, colors) → palette, (m, 3), and one index per pixel, or
    Pillow's picture of both.
    """

    title: str
    short: str
    package: str
    run: Callable[[Picture, int], Indexed | Image.Image]
    max_colors: int = MAX_COLORS


@dataclass(frozen=True)
class PeerResult:
    """One picture by one peer. seconds: median. mse: see above. used: colors that its picture has."""

    picture: str
    megapixels: float
    colors: int
    peer: str
    seconds: float
    mse: float
    used: int


def _ours(effort: str, max_iter: int = 100) -> Callable[[Picture, int], Indexed]:
    def run(picture: Picture, n_colors: int) -> Indexed:
        quantized = quantize(picture, n_colors, effort=effort, max_iter=max_iter)
        return quantized.palette.colors, quantized.indices

    return run


def _sklearn_colors(picture: Picture, n_colors: int, n_init: int = 1) -> Indexed:
    from sklearn.cluster import KMeans

    flat = picture.pixels.reshape(-1, 3).astype(np.uint32)
    codes = (flat[:, 0] << 16) | (flat[:, 1] << 8) | flat[:, 2]
    counts = np.bincount(codes, minlength=1 << 24)
    distinct = np.flatnonzero(counts)
    colors = np.stack([distinct >> 16, (distinct >> 8) & 255, distinct & 255], axis=1).astype(np.float64)
    model = KMeans(min(n_colors, len(colors)), n_init=n_init, random_state=0)
    label_of_code = np.empty(1 << 24, dtype=np.uint8)
    label_of_code[distinct] = model.fit(colors, sample_weight=counts[distinct]).labels_
    return _levels(model.cluster_centers_), label_of_code[codes]


def _sklearn_pixels(picture: Picture, n_colors: int) -> Indexed:
    from sklearn.cluster import KMeans

    model = KMeans(n_colors, n_init=1, random_state=0).fit(picture.pixels.reshape(-1, 3).astype(np.float64))
    return _levels(model.cluster_centers_), model.labels_


def _opencv(picture: Picture, n_colors: int) -> Indexed:
    import cv2

    cv2.setRNGSeed(0)
    pixels = picture.pixels.reshape(-1, 3).astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 100, 0.1)
    labels: NDArray[Any]
    centers: NDArray[Any]
    _, labels, centers = cv2.kmeans(pixels, n_colors, None, criteria, 1, cv2.KMEANS_PP_CENTERS)
    return _levels(centers), labels.ravel()


def _faiss(picture: Picture, n_colors: int) -> Indexed:
    import faiss

    pixels = picture.pixels.reshape(-1, 3).astype(np.float32)
    model = faiss.Kmeans(3, n_colors, niter=25, seed=1, max_points_per_centroid=len(pixels))
    model.train(pixels)
    _, labels = model.index.search(pixels, 1)
    return _levels(np.asarray(model.centroids)), labels.ravel()


def _libimagequant(picture: Picture, n_colors: int) -> Indexed:
    import imagequant

    opaque = np.full((picture.height, picture.width, 1), 255, dtype=np.uint8)
    data = np.concatenate([picture.pixels, opaque], axis=2).tobytes()
    # Not from a Pillow image: the package would read that pixel by pixel, in Python.
    indices, palette = imagequant.quantize_raw_rgba_bytes(
        data, picture.width, picture.height, dithering_level=0.0, max_colors=n_colors
    )
    colors = np.array(palette, dtype=np.uint8).reshape(-1, 4)[:, :3]
    return colors, np.frombuffer(indices, dtype=np.uint8)


def _pillow(method: str) -> Callable[[Picture, int], Image.Image]:
    def run(picture: Picture, n_colors: int) -> Image.Image:
        image = Image.fromarray(picture.pixels)
        return image.quantize(n_colors, Image.Quantize[method], dither=Image.Dither.NONE)

    return run


def _levels(centers: NDArray[Any]) -> ByteArray:
    levels: ByteArray = np.clip(np.rint(centers), 0, 255).astype(np.uint8)
    return levels


PEERS = {
    "quick": Peer("K-means Studio, fast, 20 iterations", "fast, 20", "", _ours("fast", 20)),
    "fast": Peer("K-means Studio, fast", "fast", "", _ours("fast")),
    "balanced": Peer("K-means Studio, balanced", "balanced", "", _ours("balanced")),
    "best": Peer("K-means Studio, best", "best", "", _ours("best")),
    REFERENCE: Peer("scikit-learn, distinct colors", "scikit-learn", "scikit-learn", _sklearn_colors),
    "sklearn-best-of-10": Peer(
        "scikit-learn, distinct colors, best of 10",
        "scikit-learn × 10",
        "scikit-learn",
        lambda picture, n_colors: _sklearn_colors(picture, n_colors, 10),
    ),
    "sklearn-pixels": Peer("scikit-learn, pixels", "on pixels", "scikit-learn", _sklearn_pixels, 16),
    "opencv": Peer("OpenCV kmeans, pixels", "OpenCV", "opencv-python-headless", _opencv, 64),
    "faiss": Peer("FAISS Kmeans, pixels", "FAISS", "faiss-cpu", _faiss),
    "libimagequant": Peer("libimagequant", "libimagequant", "imagequant", _libimagequant),
    "pillow-median-cut": Peer("Pillow, median cut", "median cut", "pillow", _pillow("MEDIANCUT")),
    "pillow-coverage": Peer("Pillow, maximum coverage", "max. coverage", "pillow", _pillow("MAXCOVERAGE")),
    "pillow-octree": Peer("Pillow, fast octree", "octree", "pillow", _pillow("FASTOCTREE")),
}


def missing_packages() -> list[str]:
    """Packages of peers that are not installed."""
    missing = []
    for package in dict.fromkeys(peer.package for peer in PEERS.values() if peer.package):
        try:
            version(package)
        except PackageNotFoundError:
            missing.append(package)
    return missing


def check_packages() -> None:
    """Raises OptionError if a package of a peer is missing."""
    missing = missing_packages()
    if missing:
        raise OptionError(
            f"The comparison with peers needs {', '.join(missing)}; run: pip install -r requirements-dev.txt"
        )


def measure_peers(
    paths: Iterable[Path],
    colors: Sequence[int] = COLORS,
    *,
    repeat: int = 3,
    peers: Sequence[str] = tuple(PEERS),
    known: Collection[tuple[str, int, str]] = (),
) -> Iterator[PeerResult]:
    """Runs every peer on every picture, one result at a time.

    known: (picture, colors, peer) of results that are there already.

    Raises OptionError if a package is missing, PictureError for a file that is not a picture.
    """
    check_packages()
    compile_all()
    for path in paths:
        # Not every peer supports transparency.
        picture = replace(load_picture(path), alpha=None)
        for n_colors in colors:
            for name in peers:
                if n_colors <= PEERS[name].max_colors and (picture.name, n_colors, name) not in known:
                    yield _measured(picture, n_colors, name, repeat)


def _measured(picture: Picture, n_colors: int, name: str, repeat: int) -> PeerResult:
    seconds: list[float] = []
    while len(seconds) < repeat and sum(seconds) < _MIN_TOTAL_SECONDS:
        clock = perf_counter()
        made = PEERS[name].run(picture, n_colors)
        seconds.append(perf_counter() - clock)
    if len(seconds) > 1:
        del seconds[0]  # the first one includes loading and warm-up
    quantized_pixels = (
        np.asarray(made.convert("RGB")) if isinstance(made, Image.Image) else made[0][made[1].reshape(-1)]
    )
    quantized_pixels = quantized_pixels.reshape(-1, 3).astype(np.float64)
    mse = float(((quantized_pixels - picture.pixels.reshape(-1, 3)) ** 2).sum(axis=1).mean())
    return PeerResult(
        picture.name,
        picture.width * picture.height / 1e6,
        n_colors,
        name,
        statistics.median(seconds),
        mse,
        len(np.unique(quantized_pixels, axis=0)),
    )


@dataclass(frozen=True)
class PeerSummary:
    """A peer over all pictures with so many colors. seconds: of all pictures together. times: its time
    divided by the reference's. error: mean over pictures of its error divided by the reference's. better:
    pictures with a lower error than the reference.
    """

    peer: str
    colors: int
    pictures: int
    seconds: float
    times: float
    error: float
    better: int


def summarize(results: Sequence[PeerResult]) -> list[PeerSummary]:
    """One row a peer and number of colors, over the pictures that the reference has too."""
    reference = {(row.picture, row.colors): row for row in results if row.peer == REFERENCE}
    rows = []
    for name in PEERS:
        for n_colors in sorted({row.colors for row in results}):
            mine = [
                row
                for row in results
                if (row.peer, row.colors) == (name, n_colors) and (row.picture, row.colors) in reference
            ]
            if not mine:
                continue
            others = [reference[row.picture, n_colors] for row in mine]
            # Pictures with no more colors than that have no error to compare.
            shares = [row.mse / other.mse for row, other in zip(mine, others, strict=True) if other.mse > 0]
            total = sum(row.seconds for row in mine)
            rows.append(
                PeerSummary(
                    name,
                    n_colors,
                    len(mine),
                    total,
                    total / sum(other.seconds for other in others),
                    statistics.mean(shares) if shares else 1.0,
                    sum(share < 1 for share in shares),
                )
            )
    return rows


def as_rows(results: Sequence[PeerResult]) -> list[dict[str, Any]]:
    return [asdict(row) for row in results]
