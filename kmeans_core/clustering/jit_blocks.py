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
as in `jit_kernels.py`, in the order of the centers, so ties fall alike.

Measured on one core against brute force on two, raccoon from random colors: 10 centers, 50 rounds, 11 ms
against 34; 64 centers, 100 rounds, 51 against 160; 256 centers, 100 rounds, 112 against 480. Blocks of 16, 32
or 128 were slower, groups of 16 or 32 blocks no faster. Bounds for each point (Hamerly 2010) do not pay here:
a distance in vector lanes takes 0.3 ns, less than to load and compare a bound.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled
from kmeans_core.types import FloatArray, RealArray

BLOCKS_A_GROUP = 8
UNLABELED, MIXED = -2, -1
_MORTON_BITS = 5
# A group's list is made with more slack than those of its blocks, which are made from it again and again.
_GROUP_SLACK = 4.0


class Boxes(NamedTuple):
    """Runs of points, blocks or groups.

    corners: (m, 6) lowest and highest of each coordinate. totals: (m, 5) weight, weighted sum of each
    coordinate and of the squared norms. cluster: (m,) of all of its points, `MIXED` or `UNLABELED`.
    lists: (m, k) centers that may be nearest to one of its points, ascending. lengths: (m,) of the lists.
    valid_until: (m,) how far centers may have drifted in all for the list to hold.
    """

    corners: FloatArray
    totals: FloatArray
    cluster: NDArray[np.int32]
    lists: NDArray[np.int32]
    lengths: NDArray[np.int32]
    valid_until: FloatArray


@compiled
def morton_order(colors: RealArray) -> NDArray[np.int64]:
    """Positions of 8-bit colors, (n, 3), by the interleaved upper five bits of their channels. Colors that
    agree in these, in a cube of eight levels, keep their order."""
    spread = np.zeros(256, dtype=np.int64)
    for value in range(256):
        for bit in range(_MORTON_BITS):
            spread[value] |= ((value >> (8 - _MORTON_BITS + bit)) & 1) << (3 * bit)
    n = colors.shape[0]
    codes = np.empty(n, dtype=np.uint16)
    starts = np.zeros((1 << (3 * _MORTON_BITS)) + 1, dtype=np.int64)
    for i in range(n):
        code = (spread[colors[i, 0]] << 2) | (spread[colors[i, 1]] << 1) | spread[colors[i, 2]]
        codes[i] = code
        starts[code + 1] += 1
    for code in range(len(starts) - 1):
        starts[code + 1] += starts[code]
    order = np.empty(n, dtype=np.int64)
    for i in range(n):
        order[starts[codes[i]]] = i
        starts[codes[i]] += 1
    return order


@compiled
def lay_out(
    colors: RealArray,
    weights: FloatArray,
    order: NDArray[np.int64],
    block_size: int,
    columns: FloatArray,
    blocks: Boxes,
) -> None:
    """Fills `columns`, (4, n), with coordinates and weights in that order, and `blocks` with their boxes."""
    n = colors.shape[0]
    corners, totals = blocks.corners, blocks.totals
    x, y, z, mass = columns[0], columns[1], columns[2], columns[3]
    for i in range(n):
        point = order[i]
        x[i], y[i], z[i] = colors[point, 0], colors[point, 1], colors[point, 2]
        mass[i] = weights[point]
    for block in range(corners.shape[0]):
        first, last = block * block_size, min(n, (block + 1) * block_size)
        for dim in range(3):
            values = columns[dim, first:last]
            low, high, total = 255.0, 0.0, 0.0
            for i in range(last - first):
                low, high = min(low, values[i]), max(high, values[i])
                total += mass[first + i] * values[i]
            corners[block, dim], corners[block, 3 + dim], totals[block, 1 + dim] = low, high, total
        weight, squares = 0.0, 0.0
        for i in range(first, last):
            weight += mass[i]
            squares += mass[i] * (x[i] * x[i] + y[i] * y[i] + z[i] * z[i])
        totals[block, 0], totals[block, 4] = weight, squares


@compiled
def moves(before: FloatArray, after: FloatArray, moved: FloatArray) -> float:
    """Distances between centers before and after, both (k, d), into `moved`, (k,). Returns the largest."""
    farthest = 0.0
    for c in range(before.shape[0]):
        square = 0.0
        for dim in range(before.shape[1]):
            square += (after[c, dim] - before[c, dim]) ** 2
        moved[c] = np.sqrt(square)
        farthest = max(farthest, moved[c])
    return farthest


@compiled
def inertia_from_sums(sums: FloatArray, centers: FloatArray) -> float:
    """Weighted sum of squared distances of all points to their centers, (k, 3), from `sums`, (k, 5).

    Squares are taken about the levels nearest to each center: those are whole numbers, and so are the sums,
    so that nothing is lost to cancellation.
    """
    inertia = 0.0
    for c in range(centers.shape[0]):
        weight, squares = sums[c, 0], sums[c, 4]
        for dim in range(3):
            level = min(max(np.rint(centers[c, dim]), 0.0), 255.0)
            rest = centers[c, dim] - level
            total = sums[c, 1 + dim]
            squares += weight * level * level - 2.0 * level * total
            inertia += rest * (weight * rest - 2.0 * (total - weight * level))
        inertia += squares
    return inertia


@compiled
def step_groups(
    columns: FloatArray,
    labels: NDArray[np.float32],
    block_size: int,
    blocks: Boxes,
    groups: Boxes,
    centers: FloatArray,
    moved: FloatArray,
    drift: float,
    slack: float,
    first_group: int,
    end_group: int,
    sums: FloatArray,
) -> int:
    """Assigns the points of some groups, and adds to `sums`, (k, 5), what clusters have gained and lost.

    labels: (n,) as of the round before, -1 at first. centers: (3, k). moved: (k,) how far each has moved
    since then. drift: sum of the farthest moves of all rounds. slack: how much more of it new lists should
    bear.
    Returns the number of points that have changed cluster.
    """
    n, n_clusters = columns.shape[1], centers.shape[1]
    # Out of the tuples once: every look into them counts references.
    block_corners, block_totals, block_cluster = blocks.corners, blocks.totals, blocks.cluster
    block_lists, block_lengths, block_valid = blocks.lists, blocks.lengths, blocks.valid_until
    group_corners, group_totals, group_cluster = groups.corners, groups.totals, groups.cluster
    group_lists, group_lengths, group_valid = groups.lists, groups.lengths, groups.valid_until
    x, y, z = columns[0], columns[1], columns[2]
    every = np.arange(n_clusters).astype(np.int32)
    scratch = np.empty(n_clusters)
    of_group, of_block = np.empty((3, n_clusters)), np.empty((3, n_clusters))
    best, nearest = np.empty(block_size), np.empty(block_size)
    reassigned = 0
    for group in range(first_group, end_group):
        if drift <= group_valid[group] and _none_moved(group_lists[group], group_lengths[group], moved):
            continue
        if drift + slack > group_valid[group]:
            group_slack = _GROUP_SLACK * slack
            group_lengths[group] = _filter(
                group_corners[group], centers, every, n_clusters, group_slack, scratch, group_lists[group]
            )
            group_valid[group] = drift + group_slack
        in_group = group_lengths[group]
        first_block = group * BLOCKS_A_GROUP
        end_block = min(block_corners.shape[0], first_block + BLOCKS_A_GROUP)
        first, last = first_block * block_size, min(n, end_block * block_size)
        if in_group == 1:
            only = group_lists[group, 0]
            if group_cluster[group] == only:
                continue
            if group_cluster[group] == UNLABELED:
                sums[only] += group_totals[group]
                labels[first:last] = only
                block_cluster[first_block:end_block] = only
                group_cluster[group] = only
                reassigned += last - first
                continue
        _gather(centers, group_lists[group], in_group, of_group)
        for block in range(first_block, end_block):
            if drift > block_valid[block]:
                block_lengths[block] = _filter(
                    block_corners[block],
                    of_group,
                    group_lists[group],
                    in_group,
                    slack,
                    scratch,
                    block_lists[block],
                )
                block_valid[block] = drift + slack
            elif _none_moved(block_lists[block], block_lengths[block], moved):
                continue
            start, stop = block * block_size, min(n, (block + 1) * block_size)
            in_block = block_lengths[block]
            if in_block == 1:
                only, before = block_lists[block, 0], block_cluster[block]
                if before == only:
                    continue
                if before != MIXED:
                    sums[only] += block_totals[block]
                    if before != UNLABELED:
                        sums[before] -= block_totals[block]
                    labels[start:stop] = only
                    block_cluster[block] = only
                    reassigned += stop - start
                    continue
            _gather(centers, block_lists[block], in_block, of_block)
            _nearest_in_list(
                x[start:stop],
                y[start:stop],
                z[start:stop],
                of_block,
                block_lists[block],
                in_block,
                best,
                nearest,
            )
            changed = _relabel(columns, labels, nearest, start, stop, sums)
            if changed:
                reassigned += changed
                block_cluster[block] = _common(nearest, stop - start)
        group_cluster[group] = group_lists[group, 0] if in_group == 1 else MIXED
    return reassigned


@compiled
def _none_moved(names: NDArray[np.int32], count: int, moved: FloatArray) -> bool:
    """Whether the first `count` of these centers are where they were."""
    farthest = 0.0
    for j in range(count):
        farthest = max(farthest, moved[names[j]])
    return farthest == 0.0


@compiled
def _gather(centers: FloatArray, chosen: NDArray[np.int32], count: int, out: FloatArray) -> None:
    for j in range(count):
        for dim in range(3):
            out[dim, j] = centers[dim, chosen[j]]


@compiled
def _filter(
    corners: FloatArray,
    centers: FloatArray,
    names: NDArray[np.int32],
    count: int,
    slack: float,
    scratch: FloatArray,
    kept: NDArray[np.int32],
) -> int:
    """Names of those of the first `count` centers, (3, m), that may be nearest to a point of the box, even
    if every center moves by `slack`; into `kept`. Returns how many.

    A center is ruled out by the one nearest to the middle of the box, `z`. How much farther it is from a
    point, as a difference of squares, is linear in the point, hence least in a corner; over the largest sum
    of both distances that is a lower bound on the difference of the distances.
    """
    ax, ay, az = corners[0], corners[1], corners[2]
    bx, by, bz = corners[3], corners[4], corners[5]
    x, y, z = centers[0], centers[1], centers[2]
    mx, my, mz = (ax + bx) / 2, (ay + by) / 2, (az + bz) / 2
    for j in range(count):
        scratch[j] = (x[j] - mx) * (x[j] - mx) + (y[j] - my) * (y[j] - my) + (z[j] - mz) * (z[j] - mz)
    middle = 0
    for j in range(count):
        if scratch[j] < scratch[middle]:
            middle = j
    zx, zy, zz = x[middle], y[middle], z[middle]
    rx, ry, rz = (
        max(abs(zx - ax), abs(zx - bx)),
        max(abs(zy - ay), abs(zy - by)),
        max(abs(zz - az), abs(zz - bz)),
    )
    reach = 2 * np.sqrt(rx * rx + ry * ry + rz * rz)
    for j in range(count):
        cx, cy, cz = x[j], y[j], z[j]
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
        if scratch[j] <= 0.0:
            kept[length] = names[j]
            length += 1
    return length


@compiled
def _nearest_in_list(
    x: FloatArray,
    y: FloatArray,
    z: FloatArray,
    centers: FloatArray,
    names: NDArray[np.int32],
    count: int,
    best: FloatArray,
    nearest: FloatArray,
) -> None:
    """Squared distance and name (as a float, for the same vector lanes) of each point's nearest center among
    the first `count`, (3, m)."""
    size = x.shape[0]
    best[:size] = np.inf
    in_pairs = count - count % 2
    for c in range(0, in_pairs, 2):
        ax, ay, az = centers[0, c], centers[1, c], centers[2, c]
        bx, by, bz = centers[0, c + 1], centers[1, c + 1], centers[2, c + 1]
        first, second = float(names[c]), float(names[c + 1])
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
        first = float(names[c])
        for i in range(size):
            a = (x[i] - ax) * (x[i] - ax) + (y[i] - ay) * (y[i] - ay) + (z[i] - az) * (z[i] - az)
            low, at = best[i], nearest[i]
            nearest[i] = first if a < low else at
            best[i] = a if a < low else low


@compiled
def _relabel(
    columns: FloatArray,
    labels: NDArray[np.float32],
    nearest: FloatArray,
    start: int,
    stop: int,
    sums: FloatArray,
) -> int:
    """Gives the points `start` to `stop` their new labels and lets the sums follow. Returns how many
    changed."""
    before = labels[start:stop]
    changed = 0
    for i in range(stop - start):
        changed += nearest[i] != before[i]
    if not changed:
        return 0
    for i in range(stop - start):
        if nearest[i] == before[i]:
            continue
        new, old, point = int(nearest[i]), int(before[i]), start + i
        x, y, z, weight = columns[0, point], columns[1, point], columns[2, point], columns[3, point]
        square = weight * (x * x + y * y + z * z)
        sums[new, 0] += weight
        sums[new, 1] += weight * x
        sums[new, 2] += weight * y
        sums[new, 3] += weight * z
        sums[new, 4] += square
        if old >= 0:
            sums[old, 0] -= weight
            sums[old, 1] -= weight * x
            sums[old, 2] -= weight * y
            sums[old, 3] -= weight * z
            sums[old, 4] -= square
        before[i] = nearest[i]
    return changed


@compiled
def _common(nearest: FloatArray, size: int) -> int:
    """The label that all have, or `MIXED`."""
    for i in range(1, size):
        if nearest[i] != nearest[0]:
            return MIXED
    return int(nearest[0])


@compiled
def second_moments(
    columns: FloatArray, labels: NDArray[np.float32], centers: FloatArray, moments: FloatArray
) -> None:
    """Adds to `moments`, (k, 6), the weighted products xx, xy, xz, yy, yz, zz of the differences between
    points and the centers, (k, 3), of their clusters."""
    for i in range(columns.shape[1]):
        label, weight = int(labels[i]), columns[3, i]
        x = columns[0, i] - centers[label, 0]
        y = columns[1, i] - centers[label, 1]
        z = columns[2, i] - centers[label, 2]
        moments[label, 0] += weight * x * x
        moments[label, 1] += weight * x * y
        moments[label, 2] += weight * x * z
        moments[label, 3] += weight * y * y
        moments[label, 4] += weight * y * z
        moments[label, 5] += weight * z * z


@compiled
def coarsen(colors: RealArray, weights: FloatArray, level: int) -> FloatArray:
    """Weight and weighted sums of the coordinates, (m, 4), of each cube with side `level` that holds colors
    of some weight, in the order of their first one."""
    side = 256 // level
    places = np.full(side * side * side, -1, dtype=np.int32)
    sums = np.zeros((min(colors.shape[0], side * side * side), 4))
    found = 0
    for i in range(colors.shape[0]):
        if weights[i] == 0:
            continue
        red, green, blue = int(colors[i, 0]), int(colors[i, 1]), int(colors[i, 2])
        cube = (red // level * side + green // level) * side + blue // level
        if places[cube] < 0:
            places[cube] = found
            found += 1
        place = places[cube]
        sums[place, 0] += weights[i]
        sums[place, 1] += weights[i] * red
        sums[place, 2] += weights[i] * green
        sums[place, 3] += weights[i] * blue
    return sums[:found].copy()


@compiled
def removal_costs(
    columns: FloatArray, labels: NDArray[np.float32], centers: FloatArray, near: NDArray[np.intp]
) -> FloatArray:
    """How much more each cluster's points, (k,), would be apart from the nearest of some other centers.

    near: (k, m) indices of these, for each cluster.
    """
    costs = np.zeros(centers.shape[0])
    for i in range(columns.shape[1]):
        label = int(labels[i])
        x, y, z = columns[0, i], columns[1, i], columns[2, i]
        own = (x - centers[label, 0]) ** 2 + (y - centers[label, 1]) ** 2 + (z - centers[label, 2]) ** 2
        next_one = np.inf
        for j in range(near.shape[1]):
            c = near[label, j]
            other = (x - centers[c, 0]) ** 2 + (y - centers[c, 1]) ** 2 + (z - centers[c, 2]) ** 2
            next_one = min(next_one, other)
        costs[label] += columns[3, i] * (next_one - own)
    return costs
