"""Merging colors that look nearly the same to people."""

import numpy as np

from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.palette import Palette
from kmeans_core.types import ByteArray


def merge_similar(palette: Palette, min_difference: float, locked: ByteArray) -> tuple[Palette, ByteArray]:
    """The palette without pairs of colors that differ by less than `limit` (CIEDE2000).

    Of the two that differ least, the less used one becomes the other, until all differ enough. locked: (m,
    3), colors that stay in any case.

    Returns the palette and the new index of each old color, (k,) uint8.
    """
    lab_colors = from_srgb(palette.colors, "lab")
    n_colors = len(palette)
    differences = np.full((n_colors, n_colors), np.inf)
    first, second = np.triu_indices(n_colors, 1)
    differences[first, second] = ciede2000(lab_colors[first], lab_colors[second])
    is_locked = np.zeros(n_colors, dtype=bool)
    if len(locked):
        is_locked[palette.places(locked)] = True
        differences[np.ix_(is_locked, is_locked)] = np.inf
    counts, merged_into = palette.counts.copy(), np.arange(n_colors)
    while n_colors and differences.min() < min_difference:
        one, other = divmod(int(np.argmin(differences)), n_colors)
        if is_locked[other] or (counts[other] > counts[one] and not is_locked[one]):
            one, other = other, one
        counts[one] += counts[other]
        merged_into[merged_into == other] = one
        differences[other] = differences[:, other] = np.inf
    left = np.unique(merged_into)
    others = left[~is_locked[left]]
    order = np.concatenate([left[is_locked[left]], others[np.argsort(-counts[others], kind="stable")]])
    rank = np.zeros(n_colors, dtype=np.uint8)
    rank[order] = np.arange(len(order))
    return Palette(palette.colors[order], counts[order]), rank[merged_into]
