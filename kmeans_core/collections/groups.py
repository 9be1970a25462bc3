"""Pictures grouped by the colors they have: k-means on histograms in CIELAB, and a sheet of each group.

Two histograms are compared by their square roots, whose Euclidean distance is that of Hellinger; a color
counts for the bins around it by how near it is, so that similar colors are similar.
"""

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kmeans_core.backends.distributed import Workers
from kmeans_core.collections.contact_sheet import contact_sheet
from kmeans_core.collections.state import OutputFolder
from kmeans_core.fitting import cluster
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.types import FloatArray

# Bins of L*, a* and b*, and where the first and the last of each have their middle.
_BINS = ((6, 0.0, 100.0), (7, -75.0, 75.0), (7, -75.0, 75.0))
_N_BINS = 6 * 7 * 7
# Looked at: more pixels change a histogram by less than its bins.
_SIDE = 192
_IN_A_TASK = 64
# Groups are found among so many at most; the others go to the nearest.
_MAX_FITTED = 50_000
_ON_A_SHEET, _COLUMNS = 64, 8


def signature(image: bytes) -> NDArray[np.float32]:
    """The square roots of a picture's histogram in CIELAB, (294,), with squares that add up to 1; 0 for one
    without a visible pixel."""
    with Image.open(io.BytesIO(image)) as opened:
        factor = max(1.0, max(opened.size) / _SIDE)
        size = [max(1, round(side / factor)) for side in opened.size]
        pixels = np.asarray(opened.convert("RGBA").resize(size, Image.Resampling.NEAREST)).reshape(-1, 4)
    colors, counts = np.unique(pixels[pixels[:, 3] > 0, :3], axis=0, return_counts=True)
    if not len(colors):
        return np.zeros(_N_BINS, np.float32)
    places: FloatArray = np.zeros((len(colors), 3))
    for axis, values in enumerate(from_srgb(colors, "lab").T):
        count, first, last = _BINS[axis]
        places[:, axis] = np.clip((values - first) / (last - first) * (count - 1), 0, count - 1)
    low = np.floor(places).astype(np.intp)
    part = places - low
    histogram = np.zeros([count for count, _, _ in _BINS])
    for corner in itertools.product((0, 1), repeat=3):
        weights = np.prod(np.where(corner, part, 1 - part), axis=1) * counts
        at = np.minimum(low + corner, [count - 1 for count, _, _ in _BINS])
        np.add.at(histogram, tuple(at.T), weights)
    root: NDArray[np.float32] = np.sqrt(histogram.ravel() / histogram.sum()).astype(np.float32)
    return root


def group_outputs(
    workers: Workers, folder: OutputFolder, outputs: Sequence[str], n_groups: int
) -> NDArray[np.int32]:
    """The group of each picture, (n,), 1 the largest. outputs: where they are in the folder."""
    step = -(-len(outputs) // _MAX_FITTED)
    fitted = np.concatenate(list(_each(workers, partial(_signatures, folder.url), outputs[::step])))
    distinct = len(np.unique(fitted, axis=0))
    result = cluster(fitted.astype(np.float64), min(n_groups, distinct), effort="fast")
    if step == 1:
        labels = result.labels.astype(np.int32)
    else:
        labels = np.concatenate(list(_each(workers, partial(_nearest, folder.url, result.centers), outputs)))
    order = np.argsort(-np.bincount(labels, minlength=len(result.centers)), kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(1, len(order) + 1)
    grouped: NDArray[np.int32] = rank[labels]
    return grouped


def group_sheet(folder: OutputFolder, outputs: Sequence[str]) -> bytes:
    """A contact sheet of some of a group's pictures, evenly chosen, as a PNG."""
    step = -(-len(outputs) // _ON_A_SHEET)
    return contact_sheet([folder.read(output) for output in outputs[::step]], min(_COLUMNS, len(outputs)))


def _each(
    workers: Workers, function: Callable[[list[str]], NDArray[Any]], outputs: Sequence[str]
) -> Iterator[NDArray[Any]]:
    groups = (list(outputs[at : at + _IN_A_TASK]) for at in range(0, len(outputs), _IN_A_TASK))
    yield from workers.map(function, groups)


# From here on: what runs on the workers.


def _signatures(url: str, outputs: Sequence[str]) -> NDArray[np.float32]:
    folder = OutputFolder(url)
    return np.stack([signature(folder.read(output)) for output in outputs])


def _nearest(url: str, centers: FloatArray, outputs: Sequence[str]) -> NDArray[np.int32]:
    points = _signatures(url, outputs).astype(np.float64)
    squares = ((points[:, None] - centers) ** 2).sum(axis=2)
    labels: NDArray[np.int32] = squares.argmin(axis=1).astype(np.int32)
    return labels
