"""Making one of colors that people can hardly tell apart."""

import numpy as np

from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.palette import Palette
from kmeans_core.images.picture import ByteArray


def merge_similar(palette: Palette, limit: float, kept: ByteArray) -> tuple[Palette, ByteArray]:
    """The palette without pairs of colors that differ by less than `limit` (CIEDE2000).

    Of the two that differ least, the less used becomes the other, until all differ enough. kept: (m, 3),
    colors that stay whatever is near them.

    Returns the palette and the new index of each old color, (k,) uint8.
    """
    places = from_srgb(palette.colors, "lab")
    n_colors = len(palette)
    apart = np.full((n_colors, n_colors), np.inf)
    first, second = np.triu_indices(n_colors, 1)
    apart[first, second] = ciede2000(places[first], places[second])
    stays = np.zeros(n_colors, dtype=bool)
    if len(kept):
        stays[palette.places(kept)] = True
        apart[np.ix_(stays, stays)] = np.inf
    counts, becomes = palette.counts.copy(), np.arange(n_colors)
    while n_colors and apart.min() < limit:
        one, other = divmod(int(np.argmin(apart)), n_colors)
        if stays[other] or (counts[other] > counts[one] and not stays[one]):
            one, other = other, one
        counts[one] += counts[other]
        becomes[becomes == other] = one
        apart[other] = apart[:, other] = np.inf
    left = np.unique(becomes)
    order = left[np.argsort(-counts[left], kind="stable")]
    rank = np.zeros(n_colors, dtype=np.uint8)
    rank[order] = np.arange(len(order))
    return Palette(palette.colors[order], counts[order]), rank[becomes]
