"""Exact iterations over points of three coordinates that look at few centers: the labels of `jit_kernels.py`,
and for 8-bit colors the same sums.

Colors lie in Morton order (Morton, *A computer oriented geodetic data base*, 1966), so that neighbors in
the list are neighbors in color too. 64 or 256 in a row are a *block*, 8 blocks a *group*. For the box around
a block or a group, most centers can be ruled out at once: those that are farther than another center from
every point of the box (the filter of Kanungo et al., *An efficient k-means clustering algorithm*, IEEE PAMI
2002). The centers that remain are its *candidates*: those of a group are found among all centers, those of a
block among the group's. A block of the raccoon's 134,105 colors keeps 4 of 64 centers on average, 12 of 256.

Three things make iterations cheap once centers slow down:

* Candidates are found with some slack and hold until centers have moved that far, like neighbor lists in
  molecular dynamics (Verlet 1967).
* If no candidate has moved, nothing can have changed, and the block is skipped.
* A block with a single candidate belongs to it as a whole: its sums are known.

Sums follow the points that change cluster. Those of colors are of integers below 2⁵³, so the order of
additions does not matter, and they are the same, bit for bit, as sums from scratch. Distances are computed as
in `jit_kernels.py`, in the order of the centers, so ties are broken alike. Kernels take many arrays and
numbers, because compiled code counts references whenever it reads a record.
"""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.clustering.jit_layout import Boxes
from kmeans_core.types import FloatArray, RealArray

BLOCKS_PER_GROUP = 8
UNLABELED, MIXED = -2, -1


@compiled
def step_groups(
    columns: RealArray,
    weights: FloatArray,
    labels: NDArray[np.float32],
    n_points: int,
    blocks: Boxes,
    groups: Boxes,
    centers: FloatArray,
    shifts: FloatArray,
    drift: float,
    slack: float,
    group_slack: float,
    first_group: int,
    end_group: int,
    sums: FloatArray,
) -> int:
    """Assigns the points of some groups, and adds to `sums`, (k, 5), what clusters have gained and lost.

    columns: (m, 3, size) coordinates, block by block, in as few bytes as hold them. weights: (m, size).
    labels: (m, size) after the last iteration, -1 at first. n_points: without the padding of the last block.
    centers: (3, k). shifts: (k,) how far each has moved since then. drift: sum of the largest shifts of all
    iterations. slack, group_slack: for how much more drift new candidates of blocks and of groups hold; the
    latter is no smaller, because the former are made from them. Returns how many points changed cluster.
    """
    n_blocks, n_clusters, block_size = columns.shape[0], centers.shape[1], columns.shape[2]
    # Unpack the tuples once, and index rows by number from here on: making an array counts references, which
    # takes longer than the distances to a center.
    block_corners, block_totals, block_label = blocks.corners, blocks.totals, blocks.label
    block_near, block_counts, block_valid = (blocks.candidates, blocks.n_candidates, blocks.valid_until)
    group_corners, group_totals, group_label = groups.corners, groups.totals, groups.label
    group_near, group_counts, group_valid = (groups.candidates, groups.n_candidates, groups.valid_until)
    all_centers = np.arange(n_clusters).astype(np.int32).reshape(1, n_clusters)
    scratch, gained = np.empty(n_clusters), np.zeros(5)
    of_group, of_block = np.empty((3, n_clusters)), np.empty((3, n_clusters))
    best, nearest = np.empty(block_size), np.empty(block_size)
    reassigned = 0
    for group in range(first_group, end_group):
        if drift <= group_valid[group] and _none_moved(group_near, group, group_counts[group], shifts):
            continue
        if drift + slack > group_valid[group]:
            group_counts[group] = _filter_candidates(
                group_corners, group, centers, all_centers, 0, n_clusters, group_slack, scratch, group_near
            )
            group_valid[group] = drift + group_slack
        in_group = group_counts[group]
        first_block = group * BLOCKS_PER_GROUP
        end_block = min(n_blocks, first_block + BLOCKS_PER_GROUP)
        if in_group == 1:
            only = group_near[group, 0]
            if group_label[group] == only:
                continue
            if group_label[group] == UNLABELED:
                for term in range(5):
                    sums[only, term] += group_totals[group, term]
                for block in range(first_block, end_block):
                    for i in range(block_size):
                        labels[block, i] = only
                    block_label[block] = only
                group_label[group] = only
                reassigned += min(n_points, end_block * block_size) - first_block * block_size
                continue
        _gather(centers, group_near, group, in_group, of_group)
        for block in range(first_block, end_block):
            if drift > block_valid[block]:
                block_counts[block] = _filter_candidates(
                    block_corners, block, of_group, group_near, group, in_group, slack, scratch, block_near
                )
                block_valid[block] = drift + slack
            elif _none_moved(block_near, block, block_counts[block], shifts):
                continue
            size = min(block_size, n_points - block * block_size)
            in_block = block_counts[block]
            if in_block == 1:
                only, before = block_near[block, 0], block_label[block]
                if before == only:
                    continue
                if before != MIXED:
                    for term in range(5):
                        sums[only, term] += block_totals[block, term]
                        if before != UNLABELED:
                            sums[before, term] -= block_totals[block, term]
                    for i in range(block_size):
                        labels[block, i] = only
                    block_label[block] = only
                    reassigned += size
                    continue
            _gather(centers, block_near, block, in_block, of_block)
            _nearest_candidates(columns, of_block, block_near, block, in_block, best, nearest)
            changed = _relabel(columns, weights, labels, nearest, block, size, gained, sums)
            if changed:
                reassigned += changed
                block_label[block] = _common(nearest, size)
        group_label[group] = group_near[group, 0] if in_group == 1 else MIXED
    return reassigned


@compiled
def _none_moved(candidates: NDArray[np.int32], row: int, count: int, shifts: FloatArray) -> bool:
    """Whether none of a block's or group's candidates has moved."""
    farthest = 0.0
    for j in range(count):
        farthest = max(farthest, shifts[candidates[row, j]])
    return farthest == 0.0


@compiled
def _gather(
    centers: FloatArray, candidates: NDArray[np.int32], row: int, count: int, out: FloatArray
) -> None:
    """The coordinates of a row's candidates, into `out`, (3, k)."""
    for j in range(count):
        for dim in range(3):
            out[dim, j] = centers[dim, candidates[row, j]]


@compiled
def _filter_candidates(
    corners: FloatArray,
    box: int,
    centers: FloatArray,
    indices: NDArray[np.int32],
    indices_row: int,
    count: int,
    slack: float,
    scratch: FloatArray,
    out: NDArray[np.int32],
) -> int:
    """Writes the indices of those of the first `count` centers, (3, k), that may be nearest to a point of the
    box, even if every center moves by `slack`, into the box's row of `out`. Returns how many.

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
    reference, min_square = 0, np.inf
    for j in range(count):
        if scratch[j] < min_square:
            reference, min_square = j, scratch[j]
    zx, zy, zz = centers[0, reference], centers[1, reference], centers[2, reference]
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
        distance = np.sqrt((cx - zx) * (cx - zx) + (cy - zy) * (cy - zy) + (cz - zz) * (cz - zz))
        far = reach + distance  # the last terms are larger than all rounding errors, here and in the box
        scratch[j] = own - other - 2 * slack * far - 1e-12 * far * far - 1e-290
    scratch[reference] = -1.0
    length = 0
    for j in range(count):
        out[box, length] = indices[indices_row, j]
        length += scratch[j] <= 0.0
    return length


@compiled
def _nearest_candidates(
    columns: RealArray,
    centers: FloatArray,
    candidates: NDArray[np.int32],
    block: int,
    count: int,
    best: FloatArray,
    nearest: FloatArray,
) -> None:
    """Per point of a block: the nearest of the first `count` candidates, as a float, and its distance²."""
    size = columns.shape[2]
    x, y, z = columns[block, 0], columns[block, 1], columns[block, 2]
    for i in range(size):
        best[i] = np.inf
    in_pairs = count - count % 2
    for c in range(0, in_pairs, 2):
        ax, ay, az = centers[0, c], centers[1, c], centers[2, c]
        bx, by, bz = centers[0, c + 1], centers[1, c + 1], centers[2, c + 1]
        first, second = float(candidates[block, c]), float(candidates[block, c + 1])
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
        first = float(candidates[block, c])
        for i in range(size):
            px, py, pz = x[i], y[i], z[i]
            a = (px - ax) * (px - ax) + (py - ay) * (py - ay) + (pz - az) * (pz - az)
            low, at = best[i], nearest[i]
            nearest[i] = first if a < low else at
            best[i] = a if a < low else low


@compiled
def _relabel(
    columns: RealArray,
    weights: FloatArray,
    labels: NDArray[np.float32],
    nearest: FloatArray,
    block: int,
    size: int,
    gained: FloatArray,
    sums: FloatArray,
) -> int:
    """Writes the new labels of a block and updates the sums. Returns how many changed. Neighbors
    mostly change from the same cluster to the same other one, so they are summed up first, in `gained`, (5,),
    which is zero before and after.
    """
    changed = 0
    for i in range(size):
        changed += nearest[i] != labels[block, i]
    if changed == 0:
        return 0
    new, old = -1.0, -1.0
    for i in range(size):
        if nearest[i] == labels[block, i]:
            continue
        if nearest[i] != new or labels[block, i] != old:
            _move(sums, int(old), int(new), gained)
            new, old = nearest[i], labels[block, i]
        x, y, z = float(columns[block, 0, i]), float(columns[block, 1, i]), float(columns[block, 2, i])
        weight = weights[block, i]
        gained[0] += weight
        gained[1] += weight * x
        gained[2] += weight * y
        gained[3] += weight * z
        gained[4] += weight * (x * x + y * y + z * z)
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
