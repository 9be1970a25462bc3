"""Rows of a table to their nearest centers, in any number of columns, compiled by Numba.

Labels are those of squared differences added up in 64 bits, column after column, to the last bit: the lowest
index on a tie. Most of the work is done in 32 bits all the same:

* Scores `|c|²/2 - x·c`, which order the centers of a row as distances do, are products of small matrices in
  the first-level cache. Coordinates are taken about the middle of the first centers and scaled to about 1.
* A row is decided where its two best scores differ by more than twice the error that 32 bits can make in
  them; that holds for any order of addition (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002,
  section 3.1). For others, which are few, the plain 64-bit differences decide between these.
* How much nearer its center is than any other, at least, is kept of each row. While centers have moved less
  since, its label cannot have changed (Hamerly, *Making k-means even faster*, SDM 2010; his two bounds are
  one number here, which is rounded down, and not written while it holds).
* Sums follow the rows that moved to another center, in twice 64 bits (Knuth's two-sum): neither threads nor
  repeated moves leave a trace in them. Where a row leaves that dwarfed the others, they are added anew.
"""

import numpy as np
from numpy.typing import NDArray

from kmeans_core.clustering.jit import compiled, compiled_in_lanes
from kmeans_core.clustering.table_state import FAR, ROWS, WIDE_ROWS, Centers, Lanes, Rows, Sums
from kmeans_core.types import FloatArray, LabelArray, RealArray

_F = np.float32
# Roundings of what is kept of rows, each of half a unit in the last place, and of brute force.
_SLACK = np.float32(2**-20)
# A row that leaves and was so much larger than what is left of a sum.
_LOST = 2.0**30


@compiled_in_lanes
def _gather(
    points: RealArray,
    active: NDArray[np.int64],
    count: int,
    origin: FloatArray,
    scale: float,
    rows: Lanes,
    norms: Lanes,
) -> None:
    for i in range(count):
        source, row = points[active[i]], rows[i]
        norm = _F(0)
        for dim in range(len(origin)):
            value = _F((source[dim] - origin[dim]) * scale)
            row[dim] = value
            norm += value * value
        norms[i] = norm


@compiled_in_lanes
def _to_lanes(rows: Lanes, n_dims: int, count: int, lanes: Lanes) -> None:
    for first in range(0, count, 16):
        for dim in range(n_dims):
            lane = lanes[dim]
            for i in range(first, first + 16):
                lane[i] = rows[i, dim]


@compiled_in_lanes
def _score_lanes(lanes: Lanes, small: Lanes, halves: Lanes, count: int, scores: Lanes) -> None:
    """Four centers and four columns in a pass, rows in vector lanes."""
    for j in range(0, small.shape[0], 4):
        of_a, of_b = scores[j, :count], scores[j + 1, :count]
        of_c, of_d = scores[j + 2, :count], scores[j + 3, :count]
        half_a, half_b, half_c, half_d = halves[j], halves[j + 1], halves[j + 2], halves[j + 3]
        a, b, c, d = small[j], small[j + 1], small[j + 2], small[j + 3]
        for first in range(0, small.shape[1], 4):
            p, q = lanes[first, :count], lanes[first + 1, :count]
            r, s = lanes[first + 2, :count], lanes[first + 3, :count]
            ap, aq, ar, az = a[first], a[first + 1], a[first + 2], a[first + 3]
            bp, bq, br, bz = b[first], b[first + 1], b[first + 2], b[first + 3]
            cp, cq, cr, cz = c[first], c[first + 1], c[first + 2], c[first + 3]
            dp, dq, dr, dz = d[first], d[first + 1], d[first + 2], d[first + 3]
            if first == 0:
                for i in range(count):
                    of_a[i] = half_a - (ap * p[i] + aq * q[i] + ar * r[i] + az * s[i])
                    of_b[i] = half_b - (bp * p[i] + bq * q[i] + br * r[i] + bz * s[i])
                    of_c[i] = half_c - (cp * p[i] + cq * q[i] + cr * r[i] + cz * s[i])
                    of_d[i] = half_d - (dp * p[i] + dq * q[i] + dr * r[i] + dz * s[i])
                continue
            for i in range(count):
                of_a[i] -= ap * p[i] + aq * q[i] + ar * r[i] + az * s[i]
                of_b[i] -= bp * p[i] + bq * q[i] + br * r[i] + bz * s[i]
                of_c[i] -= cp * p[i] + cq * q[i] + cr * r[i] + cz * s[i]
                of_d[i] -= dp * p[i] + dq * q[i] + dr * r[i] + dz * s[i]


@compiled_in_lanes
def _score_dots(rows: Lanes, small: Lanes, halves: Lanes, count: int, scores: Lanes) -> None:
    """Four rows and three centers in a pass, columns in vector lanes."""
    n_dims = small.shape[1]
    for i in range(0, count, 4):
        w, x, y, z = rows[i, :n_dims], rows[i + 1, :n_dims], rows[i + 2, :n_dims], rows[i + 3, :n_dims]
        for j in range(0, small.shape[0], 3):
            a, b, c = small[j], small[j + 1], small[j + 2]
            wa, wb, wc, xa, xb, xc = _F(0), _F(0), _F(0), _F(0), _F(0), _F(0)
            ya, yb, yc, za, zb, zc = _F(0), _F(0), _F(0), _F(0), _F(0), _F(0)
            for dim in range(n_dims):
                p, q, r, s = w[dim], x[dim], y[dim], z[dim]
                e, f, g = a[dim], b[dim], c[dim]
                wa, wb, wc = wa + p * e, wb + p * f, wc + p * g
                xa, xb, xc = xa + q * e, xb + q * f, xc + q * g
                ya, yb, yc = ya + r * e, yb + r * f, yc + r * g
                za, zb, zc = za + s * e, zb + s * f, zc + s * g
            half = halves[j]
            scores[j, i], scores[j, i + 1] = half - wa, half - xa
            scores[j, i + 2], scores[j, i + 3] = half - ya, half - za
            half, k = halves[j + 1], j + 1
            scores[k, i], scores[k, i + 1] = half - wb, half - xb
            scores[k, i + 2], scores[k, i + 3] = half - yb, half - zb
            half, k = halves[j + 2], j + 2
            scores[k, i], scores[k, i + 1] = half - wc, half - xc
            scores[k, i + 2], scores[k, i + 3] = half - yc, half - zc


@compiled_in_lanes
def _select(scores: Lanes, count: int, best: Lanes, second: Lanes, nearest: Lanes) -> None:
    """The best and the second score of each row, and the index of the best, as a float for the same lanes."""
    best[:count], second[:count], nearest[:count] = FAR, FAR, _F(0)
    for j in range(0, scores.shape[0], 2):  # in pairs, which saves loads and stores
        last = min(j + 1, scores.shape[0] - 1)
        one, other, index, next_index = scores[j], scores[last], _F(j), _F(last)
        for i in range(count):
            score, least, next_least, at = one[i], best[i], second[i], nearest[i]
            worse = least if least > score else score
            next_least = next_least if next_least < worse else worse
            at = index if score < least else at
            least = score if score < least else least
            score = other[i] if last > j else FAR
            worse = least if least > score else score
            second[i] = next_least if next_least < worse else worse
            nearest[i] = next_index if score < least else at
            best[i] = score if score < least else least


@compiled_in_lanes
def _find_errors(norms: Lanes, limits: Lanes, count: int, best: Lanes, second: Lanes, errors: Lanes) -> int:
    """The most that the scores of each row can be off, twice. Returns how many rows that leaves in doubt."""
    n_doubtful = 0
    for i in range(count):
        errors[i] = _F(2) * (limits[0] + limits[1] * np.sqrt(norms[i]) + limits[2] * norms[i])
        n_doubtful += not second[i] - best[i] > errors[i]
    return n_doubtful


@compiled_in_lanes
def _find_room(
    norms: Lanes, errors: Lanes, norm_error: np.float32, best: Lanes, second: Lanes, count: int, room: Lanes
) -> None:
    """How much nearer than all others the center of each row is, at least; below 0 if that is not known."""
    for i in range(count):
        error = errors[i] + norm_error * norms[i]
        high = norms[i] + _F(2) * best[i] + error
        low = norms[i] + _F(2) * second[i] - error
        high = np.sqrt(high if high > _F(0) else _F(0))
        low = np.sqrt(low if low > _F(0) else _F(0))
        room[i] = (low - high) - _SLACK * (low + high)


@compiled
def _decide(
    points: RealArray, row: int, centers: FloatArray, scores: Lanes, column: int, limit: np.float32
) -> int:
    """The nearest of the centers whose score is not above a limit, by 64-bit differences."""
    least, label = np.inf, 0
    for j in range(centers.shape[0]):
        if not scores[j, column] > limit:
            square = 0.0
            for dim in range(centers.shape[1]):
                difference = points[row, dim] - centers[j, dim]
                square += difference * difference
            if square < least:
                least, label = square, j
    return label


@compiled_in_lanes
def _square_about(points: RealArray, row: int, about: FloatArray, label: int) -> float:
    point, center, square = points[row], about[label], 0.0
    for dim in range(len(center)):
        square += (point[dim] - center[dim]) * (point[dim] - center[dim])
    return square


@compiled
def _add(sums: Sums, label: int, column: int, value: float) -> None:
    old = sums.high[label, column]
    total = old + value
    part = total - old
    sums.low[label, column] += (old - (total - part)) + (value - part)
    sums.high[label, column] = total


@compiled
def _move(rows: Rows, moved: NDArray[np.int64], targets: LabelArray, count: int, sums: Sums) -> None:
    """Takes rows from the sums of one center, unless that is -1, to those of another."""
    points, weights, labels, _ = rows
    n_dims = points.shape[1]
    for i in range(count):
        row = moved[i]
        weight = 1.0 if len(weights) == 0 else weights[row]
        point, before = points[row], labels[row]
        for sign in range(1, -2, -2):
            label = targets[i] if sign > 0 else before
            if label < 0:
                continue
            high, low, factor = sums.high[label], sums.low[label], sign * weight
            for dim in range(n_dims):  # as `_add`, in vector lanes
                value, old = factor * point[dim], high[dim]
                total = old + value
                part = total - old
                low[dim] += (old - (total - part)) + (value - part)
                high[dim] = total
            if sign < 0:
                for dim in range(n_dims):
                    rest = abs(high[dim] + low[dim])
                    sums.lost[label] |= rest > 0 and abs(weight * point[dim]) > _LOST * rest
            _add(sums, label, n_dims, factor)
            _add(sums, label, n_dims + 1, factor * _square_about(points, row, sums.about, label))
            sums.members[label] += sign * (1 if weight > 0 else 0)
        labels[row] = targets[i]


@compiled
def add_again(rows: Rows, first: int, last: int, sums: Sums) -> None:
    """Adds the rows `first` to `last` of clusters that `Sums.lost` names."""
    points, weights, labels, _ = rows
    n_dims = points.shape[1]
    for row in range(first, last):
        label = labels[row]
        if not sums.lost[label]:
            continue
        weight = 1.0 if len(weights) == 0 else weights[row]
        for dim in range(n_dims):
            _add(sums, label, dim, weight * points[row, dim])
        _add(sums, label, n_dims, weight)
        _add(sums, label, n_dims + 1, weight * _square_about(points, row, sums.about, label))
        sums.members[label] += 1 if weight > 0 else 0


@compiled
def assign_rows(
    table: Rows, centers: Centers, first: int, last: int, is_wide: bool, is_bounded: bool, sums: Sums
) -> tuple[int, int, int]:
    """Assigns the rows `first` to `last`, and adds what moves to `sums`.

    is_wide: whether columns are in vector lanes. is_bounded: whether `Rows.room` holds. Returns how many
    labels changed, how many rows were scored, and how many of these 64 bits decided.
    """
    points, _, labels, room = table
    limits = centers.moved
    n_dims, size = points.shape[1], WIDE_ROWS if is_wide else ROWS
    active, rows = np.empty(size, np.int64), np.zeros((size, n_dims), _F)
    moved, targets = np.empty(size, np.int64), np.empty(size, np.int32)
    lanes = np.zeros((centers.small.shape[1], size), _F)
    scores = np.zeros((centers.small.shape[0], size), _F)
    best, second, nearest = np.zeros(size, _F), np.zeros(size, _F), np.zeros(size, _F)
    norms, errors = np.zeros(size, _F), np.zeros(size, _F)
    n_changed, n_scored, n_decided = 0, 0, 0
    row, not_bounded = first, not is_bounded
    while row < last:
        count = 0
        while row < last and count < size:
            label = labels[row]
            active[count] = row  # without a branch, which would often be foreseen wrongly
            count += not_bounded | (not room[row] > limits[label])
            row += 1
        n_scored += count
        _gather(points, active, count, centers.origin, centers.scale, rows, norms)
        if is_wide:
            _score_dots(rows, centers.small, centers.halves, count, scores)
        else:
            _to_lanes(rows, n_dims, count, lanes)
            _score_lanes(lanes, centers.small, centers.halves, count, scores)
        _select(scores, count, best, second, nearest)
        if _find_errors(norms, centers.errors, count, best, second, errors):
            for i in range(count):
                if not second[i] - best[i] > errors[i]:
                    limit = best[i] + errors[i]
                    nearest[i] = _F(_decide(points, active[i], centers.exact, scores, i, limit))
                    second[i], best[i] = best[i], limit
                    n_decided += 1
        if is_bounded:
            _find_room(norms, errors, centers.errors[3], best, second, count, norms)
        n_moved = 0
        for i in range(count):
            place, label = active[i], np.int32(nearest[i])
            if is_bounded:
                room[place] = (norms[i] + limits[label]) - _SLACK * limits[label]
            moved[n_moved], targets[n_moved] = place, label
            n_moved += labels[place] != label
        _move(table, moved, targets, n_moved, sums)
        n_changed += n_moved
    return n_changed, n_scored, n_decided
