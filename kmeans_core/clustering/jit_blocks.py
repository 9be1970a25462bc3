"""Exact rounds over 8-bit colors that look at few centers: the same labels and sums as `jit_kernels.py`.

Colors lie in Morton order (Morton, *A computer oriented geodetic data base*, 1966), so that neighbors in
the list are neighbors in color too. A run of 64 or 256 is a *block*, 8 blocks a *group*. For a block or a
group as a box, most centers can be ruled out at once: those that are farther than another center from every
point of the box (the filter of Kanungo et al., *An efficient k-means clustering algorithm*, IEEE PAMI 2002).
What remains, the *list*, is found for a group among all centers and for its blocks among the group's. The
raccoon's 134,105 colors keep 4 of 64 centers a block on average, and 12 of 256.

Three things make rounds cheap once centers slow down:

* A list is made with some slack, and holds until centers have moved as far as the slack allows, as neighbor
  lists do in molecular dynamics (Verlet 1967).
* Where no center of the list has moved, nothing can have changed, and nothing is looked at.
* A block whose list is one center belongs to it as a whole: its sums are known.

Sums follow the points that change cluster. All sums are of integers below 2⁵³, so the order of additions does
not matter, and they are the same, bit for bit, as if they were taken anew. Distances that decide are computed
as in `jit_kernels.py`, in the order of the centers, so ties fall alike. These kernels take many arrays and
numbers, for compiled code counts references at every look into a record.
"""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.clustering.jit_layout import Boxes
from kmeans_core.types import FloatArray

BLOCKS_A_GROUP = 8
UNLABELED, MIXED = -2, -1


@compiled
def step_groups(
    columns: NDArray[np.float32],
    weights: FloatArray,
    labels: NDArray[np.float32],
    n_points: int,
    blocks: Boxes,
    groups: Boxes,
    centers: FloatArray,
    moved: FloatArray,
    drift: float,
    slack: float,
    group_slack: float,
    first_group: int,
    end_group: int,
    sums: FloatArray,
) -> int:
    """Assigns the points of some groups, and adds to `sums`, (k, 5), what clusters have gained and lost.

    columns: (m, 3, size) coordinates, block by block, in as few bytes as hold them. weights: (m, size).
    labels: (m, size) as of the round before, -1 at first. n_points: without those that fill up the last
    block. centers: (3, k). moved: (k,) how far each has moved since then. drift: sum of the farthest moves of
    all rounds. slack, group_slack: how much more of it new lists of blocks and of groups should bear; the
    latter no less, for the former are made from them.
    Returns the number of points that have changed cluster.
    """
    n_blocks, n_clusters, block_size = columns.shape[0], centers.shape[1], columns.shape[2]
    # Out of the tuples once, and rows by their number from here on: every array that is made counts
    # references, which takes longer than the distances to a center.
    block_corners, block_totals, block_cluster = blocks.corners, blocks.totals, blocks.cluster
    block_lists, block_lengths, block_valid = blocks.lists, blocks.lengths, blocks.valid_until
    group_corners, group_totals, group_cluster = groups.corners, groups.totals, groups.cluster
    group_lists, group_lengths, group_valid = groups.lists, groups.lengths, groups.valid_until
    every = np.arange(n_clusters).astype(np.int32).reshape(1, n_clusters)
    scratch, gained = np.empty(n_clusters), np.zeros(5)
    of_group, of_block = np.empty((3, n_clusters)), np.empty((3, n_clusters))
    best, nearest = np.empty(block_size), np.empty(block_size)
    reassigned = 0
    for group in range(first_group, end_group):
        if drift <= group_valid[group] and _none_moved(group_lists, group, group_lengths[group], moved):
            continue
        if drift + slack > group_valid[group]:
            group_lengths[group] = _filter(
                group_corners, group, centers, every, 0, n_clusters, group_slack, scratch, group_lists
            )
            group_valid[group] = drift + group_slack
        in_group = group_lengths[group]
        first_block = group * BLOCKS_A_GROUP
        end_block = min(n_blocks, first_block + BLOCKS_A_GROUP)
        if in_group == 1:
            only = group_lists[group, 0]
            if group_cluster[group] == only:
                continue
            if group_cluster[group] == UNLABELED:
                for term in range(5):
                    sums[only, term] += group_totals[group, term]
                for block in range(first_block, end_block):
                    for i in range(block_size):
                        labels[block, i] = only
                    block_cluster[block] = only
                group_cluster[group] = only
                reassigned += min(n_points, end_block * block_size) - first_block * block_size
                continue
        _gather(centers, group_lists, group, in_group, of_group)
        for block in range(first_block, end_block):
            if drift > block_valid[block]:
                block_lengths[block] = _filter(
                    block_corners, block, of_group, group_lists, group, in_group, slack, scratch, block_lists
                )
                block_valid[block] = drift + slack
            elif _none_moved(block_lists, block, block_lengths[block], moved):
                continue
            size = min(block_size, n_points - block * block_size)
            in_block = block_lengths[block]
            if in_block == 1:
                only, before = block_lists[block, 0], block_cluster[block]
                if before == only:
                    continue
                if before != MIXED:
                    for term in range(5):
                        sums[only, term] += block_totals[block, term]
                        if before != UNLABELED:
                            sums[before, term] -= block_totals[block, term]
                    for i in range(block_size):
                        labels[block, i] = only
                    block_cluster[block] = only
                    reassigned += size
                    continue
            _gather(centers, block_lists, block, in_block, of_block)
            _nearest_in_list(columns, of_block, block_lists, block, in_block, best, nearest)
            changed = _relabel(columns, weights, labels, nearest, block, size, gained, sums)
            if changed:
                reassigned += changed
                block_cluster[block] = _common(nearest, size)
        group_cluster[group] = group_lists[group, 0] if in_group == 1 else MIXED
    return reassigned


@compiled
def _none_moved(lists: NDArray[np.int32], row: int, count: int, moved: FloatArray) -> bool:
    """Whether the centers of a list are where they were."""
    farthest = 0.0
    for j in range(count):
        farthest = max(farthest, moved[lists[row, j]])
    return farthest == 0.0


@compiled
def _gather(centers: FloatArray, lists: NDArray[np.int32], row: int, count: int, out: FloatArray) -> None:
    """The coordinates of the centers of a list, into `out`, (3, k)."""
    for j in range(count):
        for dim in range(3):
            out[dim, j] = centers[dim, lists[row, j]]


@compiled
def _filter(
    corners: FloatArray,
    box: int,
    centers: FloatArray,
    names: NDArray[np.int32],
    names_row: int,
    count: int,
    slack: float,
    scratch: FloatArray,
    kept: NDArray[np.int32],
) -> int:
    """Names of those of the first `count` centers, (3, k), that may be nearest to a point of the box, even
    if every center moves by `slack`; into the box's row of `kept`. Returns how many.

    A center is ruled out by the one nearest to the middle of the box, `z`. How much farther it is from a
    point, as a difference of squares, is linear in the point, hence least in a corner; over the largest sum
    of both distances that is a lower bound on the difference of the distances.
    """
    ax, ay, az = corners[box, 0], corners[box, 1], corners[box, 2]
    bx, by, bz = corners[box, 3], corners[box, 4], corners[box, 5]
    mx, my, mz = (ax + bx) / 2, (ay + by) / 2, (az + bz) / 2
    for j in range(count):
        x, y, z = centers[0, j] - mx, centers[1, j] - my, centers[2, j] - mz
        scratch[j] = x * x + y * y + z * z
    middle, least = 0, np.inf
    for j in range(count):
        if scratch[j] < least:
            middle, least = j, scratch[j]
    zx, zy, zz = centers[0, middle], centers[1, middle], centers[2, middle]
    rx = max(abs(zx - ax), abs(zx - bx))
    ry = max(abs(zy - ay), abs(zy - by))
    rz = max(abs(zz - az), abs(zz - bz))
    reach = 2 * np.sqrt(rx * rx + ry * ry + rz * rz)
    for j in range(count):
        cx, cy, cz = centers[0, j], centers[1, j], centers[2, j]
        vx = bx if cx > zx else ax
        vy = by if cy > zy else ay
        vz = bz if cz > zz else az
        own = (cx - vx) * (cx - vx) + (cy - vy) * (cy - vy) + (cz - vz) * (cz - vz)
        other = (zx - vx) * (zx - vx) + (zy - vy) * (zy - vy) + (zz - vz) * (zz - vz)
        apart = np.sqrt((cx - zx) * (cx - zx) + (cy - zy) * (cy - zy) + (cz - zz) * (cz - zz))
        # The last term is more than all of this can be wrong by rounding.
        scratch[j] = own - other - 2 * slack * (reach + apart) - 1e-9 * (own + other + 1.0)
    scratch[middle] = -1.0
    length = 0
    for j in range(count):
        kept[box, length] = names[names_row, j]
        length += scratch[j] <= 0.0
    return length


@compiled
def _nearest_in_list(
    columns: NDArray[np.float32],
    centers: FloatArray,
    lists: NDArray[np.int32],
    block: int,
    count: int,
    best: FloatArray,
    nearest: FloatArray,
) -> None:
    """Squared distance and name (as a float, for the same vector lanes) of the nearest of a block's centers,
    the first `count` of (3, k), to each of its points."""
    size = columns.shape[2]
    x, y, z = columns[block, 0], columns[block, 1], columns[block, 2]
    for i in range(size):
        best[i] = np.inf
    in_pairs = count - count % 2
    for c in range(0, in_pairs, 2):
        ax, ay, az = centers[0, c], centers[1, c], centers[2, c]
        bx, by, bz = centers[0, c + 1], centers[1, c + 1], centers[2, c + 1]
        first, second = float(lists[block, c]), float(lists[block, c + 1])
        for i in range(size):
            px, py, pz = x[i], y[i], z[i]
            low, at = best[i], nearest[i]
            a = (px - ax) * (px - ax) + (py - ay) * (py - ay) + (pz - az) * (pz - az)
            at = first if a < low else at
            low = a if a < low else low
            b = (px - bx) * (px - bx) + (py - by) * (py - by) + (pz - bz) * (pz - bz)
            at = second if b < low else at
            low = b if b < low else low
            best[i], nearest[i] = low, at
    for c in range(in_pairs, count):
        ax, ay, az = centers[0, c], centers[1, c], centers[2, c]
        first = float(lists[block, c])
        for i in range(size):
            px, py, pz = x[i], y[i], z[i]
            a = (px - ax) * (px - ax) + (py - ay) * (py - ay) + (pz - az) * (pz - az)
            low, at = best[i], nearest[i]
            nearest[i] = first if a < low else at
            best[i] = a if a < low else low


@compiled
def _relabel(
    columns: NDArray[np.float32],
    weights: FloatArray,
    labels: NDArray[np.float32],
    nearest: FloatArray,
    block: int,
    size: int,
    gained: FloatArray,
    sums: FloatArray,
) -> int:
    """Gives the points of a block their new labels and lets the sums follow. Returns how many changed.

    Neighbors mostly change from the same cluster to the same other one, so they are summed up first, in
    `gained`, (5,), which is zero before and after.
    """
    changed = 0
    for i in range(size):
        changed += nearest[i] != labels[block, i]
    if not changed:
        return 0
    new, old = -1.0, -1.0
    for i in range(size):
        if nearest[i] == labels[block, i]:
            continue
        if nearest[i] != new or labels[block, i] != old:
            _move(sums, int(old), int(new), gained)
            new, old = nearest[i], labels[block, i]
        x, y, z = float(columns[block, 0, i]), float(columns[block, 1, i]), float(columns[block, 2, i])
        mass = weights[block, i]
        gained[0] += mass
        gained[1] += mass * x
        gained[2] += mass * y
        gained[3] += mass * z
        gained[4] += mass * (x * x + y * y + z * z)
        labels[block, i] = nearest[i]
    _move(sums, int(old), int(new), gained)
    return changed


@compiled
def _move(sums: FloatArray, old: int, new: int, gained: FloatArray) -> None:
    """Takes `gained` from one cluster's sums, gives it to another's, and clears it; -1 is none."""
    for term in range(5):
        if new >= 0:
            sums[new, term] += gained[term]
        if old >= 0:
            sums[old, term] -= gained[term]
        gained[term] = 0.0


@compiled
def _common(nearest: FloatArray, size: int) -> int:
    """The label that all have, or `MIXED`."""
    for i in range(1, size):
        if nearest[i] != nearest[0]:
            return MIXED
    return int(nearest[0])
