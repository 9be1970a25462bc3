"""Colors as they are delivered: centers rounded to 8 bits, every counted color at the nearest of these.

A fit ends with centers between the levels of a picture. Rounding moves them by up to half a level, so that
some colors are nearer to another one than before, and two centers may become one color.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering import jit_blocks, threads
from kmeans_core.clustering.color_blocks import ColorBlocks, Layout
from kmeans_core.clustering.jit import is_compiled
from kmeans_core.clustering.jit_kernels import assign
from kmeans_core.clustering.jit_levels import assign_manhattan
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.types import ByteArray, FloatArray, IndexArray

# Far more than rounding ever takes; a bound, because each step may leave a color without pixels.
_MAX_REFILLS = 256
# With fewer levels, all distances are computed before points are laid out in blocks.
_MIN_LEVELS_FOR_BLOCKS = 128


def delivered_colors(
    levels: ByteArray,
    colors: ByteArray,
    weights: NDArray[np.int64],
    *,
    n_wanted: int,
    n_kept: int = 0,
    space: str = "srgb",
    distance: str = "euclidean",
) -> tuple[ByteArray, IndexArray]:
    """Distinct colors that are all used, and the nearest of them for each counted color.

    Parameters
    ----------
    levels : ndarray of uint8, shape (k, 3)
        Rounded centers.
    colors, weights : ndarray of uint8, shape (n, 3); ndarray of int64, shape (n,)
        Distinct colors and what each weighs: its pixels.
    n_wanted : int
        Where rounding leaves fewer colors, those with the largest error are added until there are as many.
    n_kept : int, default 0
        How many of the first levels stay even if they are not used.
    space, distance : str
        In which, and by which, a color is near.

    Returns
    -------
    levels : ndarray of uint8, shape (m, 3)
        The kept ones first.
    labels : ndarray of intp, shape (n,)
        The lowest index on a tie.
    """
    _, first = np.unique(levels, axis=0, return_index=True)
    levels = levels[np.sort(first)]
    is_plain = space == "srgb" and distance == "euclidean"
    if is_plain and len(levels) >= max(n_wanted, _MIN_LEVELS_FOR_BLOCKS):
        found = _nearest_levels(colors, weights, levels)
        if found is not None and (np.bincount(found, minlength=len(levels))[n_kept:] > 0).all():
            return levels, found
    parts = threads.split_range(len(colors), threads.usable_cores())
    columns = threads.map_threaded(lambda part: _columns(colors[slice(*part)], space), parts)
    labels, distances = _nearest(columns, levels, space, distance)
    for _ in range(_MAX_REFILLS):
        is_used = np.bincount(labels, minlength=len(levels)) > 0
        is_used[:n_kept] = True
        if not is_used.all():
            labels = (np.cumsum(is_used) - 1)[labels]
            levels = levels[is_used]
        if len(levels) >= n_wanted or not distances.any():
            break
        worst = int(np.argmax(weights * distances))
        _, from_worst = _nearest(columns, colors[worst : worst + 1], space, distance)
        is_nearer = from_worst < distances
        labels[is_nearer], distances[is_nearer] = len(levels), from_worst[is_nearer]
        levels = np.concatenate([levels, colors[worst : worst + 1]])
    return levels, labels


def _nearest_levels(colors: ByteArray, weights: NDArray[np.int64], levels: ByteArray) -> IndexArray | None:
    """The quick way for what is needed nearly always; None where it does not suit, or is not compiled."""
    whole = weights.astype(np.float64)
    if not is_compiled(jit_blocks, "step_groups") or not ColorBlocks.suits(colors, whole, len(levels)):
        return None
    blocks = ColorBlocks(Layout(colors, whole, len(levels)), len(levels))
    return blocks.labels_for(levels.astype(np.float64)).astype(np.intp)


def _columns(colors: ByteArray, space: str) -> FloatArray:
    points = colors if space == "srgb" else from_srgb(colors, space)
    return np.ascontiguousarray(points.T, dtype=np.float64)


def _nearest(
    columns: Sequence[FloatArray], levels: ByteArray, space: str, distance: str
) -> tuple[IndexArray, FloatArray]:
    """columns: of the colors, in parts for threads."""
    centers = np.ascontiguousarray(_columns(levels, space).T)
    step = assign_manhattan if distance == "manhattan" else assign

    def nearest(part: FloatArray) -> tuple[IndexArray, FloatArray]:
        labels, distances = np.empty(part.shape[1], dtype=np.intp), np.empty(part.shape[1])
        step(part, centers, labels, distances)
        return labels, distances

    labels, distances = zip(*threads.map_threaded(nearest, columns), strict=True)
    return np.concatenate(labels), np.concatenate(distances)
