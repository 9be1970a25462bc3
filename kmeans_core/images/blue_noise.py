"""A blue-noise mask: thresholds for ordered dithering without a visible pattern.

Source: Ulichney, *The void-and-cluster method for dither array generation*, Proc. SPIE 1913 (1993). The mask
ranks all its positions such that the first n are spread evenly, for every n.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kmeans_core.types import FloatArray, IndexArray

SIZE = 64
_SPREAD = 1.5  # as in the paper
_FIRST_SHARE = 0.1


@cache
def blue_noise(size: int = SIZE) -> FloatArray:
    """Thresholds between 0 and 1, (size, size), each once; repeats without a seam. Takes a tenth of a second
    the first time."""
    count = size * size
    start = np.random.default_rng(0).permutation(count)[: max(1, int(_FIRST_SHARE * count))]
    pattern = _even_out(start, size)
    ranks = np.empty(count, dtype=np.intp)

    # From the even pattern, the most crowded place goes first: it gets the highest rank left.
    energy, chosen = _energy(pattern, size), np.zeros(count, dtype=bool)
    chosen[pattern] = True
    for rank in range(len(pattern) - 1, -1, -1):
        index = _most_crowded(energy, chosen)
        ranks[index] = rank
        chosen[index] = False
        energy -= _bump(index, size)

    # Then the emptiest one is filled, until all are.
    energy = _energy(pattern, size)
    chosen[pattern] = True
    for rank in range(len(pattern), count):
        index = _emptiest(energy, chosen)
        ranks[index] = rank
        chosen[index] = True
        energy += _bump(index, size)
    mask: FloatArray = ((ranks + 0.5) / count).reshape(size, size)
    mask.flags.writeable = False
    return mask


def _even_out(pattern: IndexArray, size: int) -> IndexArray:
    """Moves the most crowded point to the emptiest place, until that is where it came from."""
    chosen = np.zeros(size * size, dtype=bool)
    chosen[pattern] = True
    energy = _energy(pattern, size)
    while True:
        crowded = _most_crowded(energy, chosen)
        chosen[crowded] = False
        energy -= _bump(crowded, size)
        empty = _emptiest(energy, chosen)
        chosen[empty] = True
        energy += _bump(empty, size)
        if empty == crowded:
            return np.flatnonzero(chosen)


def _most_crowded(energy: FloatArray, chosen: NDArray[np.bool_]) -> int:
    return int(np.argmax(np.where(chosen, energy, -np.inf)))


def _emptiest(energy: FloatArray, chosen: NDArray[np.bool_]) -> int:
    return int(np.argmin(np.where(chosen, np.inf, energy)))


def _energy(pattern: IndexArray, size: int) -> FloatArray:
    total = np.zeros(size * size)
    for index in pattern:
        total += _bump(int(index), size)
    return total


def _bump(index: int, size: int) -> FloatArray:
    """How near each position, (size²,), is to this one, wrapping around the edges."""
    row, column = divmod(index, size)
    return np.roll(_bell(size), (row, column), axis=(0, 1)).reshape(-1)


@cache
def _bell(size: int) -> FloatArray:
    distance = np.minimum(np.arange(size), size - np.arange(size)) ** 2
    bell: FloatArray = np.exp(-(distance[:, None] + distance) / (2 * _SPREAD**2))
    return bell
