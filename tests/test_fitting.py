"""`cluster()`: hand cases, the oracle, invariants, and its errors."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kmeans_core import cluster
from kmeans_core.clustering import seeding
from kmeans_core.clustering.kernels import inertia
from kmeans_core.errors import KMeansError, OptionError, UnsupportedOptionError
from tests import oracle

IN_PROCESS = ("numpy", "numba")


@st.composite
def weighted_colors(draw):
    """Distinct 8-bit colors with counts, and a number of clusters they can fill."""
    colors = draw(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=40, unique=True))
    counts = draw(st.lists(st.integers(1, 1000), min_size=len(colors), max_size=len(colors)))
    k = draw(st.integers(1, len(colors)))
    return np.array(colors, dtype=np.uint8), np.array(counts), k


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_two_pairs_by_hand(backend):
    result = cluster([[0, 0], [0, 2], [10, 0], [10, 2]], 2, init=[[0, 0], [10, 0]], backend=backend)

    assert_array_equal(result.centers, [[0, 1], [10, 1]])
    assert_array_equal(result.labels, [0, 0, 1, 1])
    assert result.inertia == 4.0
    assert result.converged
    # Iteration 1 moves both centers by 1, iteration 2 changes no label.
    assert [step.inertia for step in result.history] == [8.0, 4.0]
    assert [step.center_shift for step in result.history] == [1.0, 0.0]
    assert [step.reassigned for step in result.history] == [4, 0]
    assert [step.index for step in result.history] == [1, 2]


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_weights_pull_the_center(backend):
    result = cluster([[0.0], [4.0]], 1, weights=[3, 1], backend=backend)
    assert_array_equal(result.centers, [[1.0]])
    assert result.inertia == 3 * 1 + 1 * 9


@pytest.mark.parametrize("distance", ["euclidean", "manhattan"])
@given(weighted_colors(), st.integers(0, 3), st.data())
def test_matches_the_oracle_bit_for_bit(distance, case, seed, data):
    """With any number of centers that stay, which may be none of the colors."""
    colors, counts, k = case
    start = np.random.default_rng(seed).permutation(colors)[:k].astype(float)
    fixed = start[: data.draw(st.integers(0, k))] + data.draw(st.sampled_from([0, 0.25, 300]))
    start[: len(fixed)] = fixed
    centers, labels, n_iter = oracle.lloyd(
        colors.tolist(), counts.tolist(), start.tolist(), 50, distance, len(fixed)
    )
    for backend in IN_PROCESS:
        result = cluster(
            colors,
            k,
            weights=counts,
            init=start,
            max_iter=50,
            backend=backend,
            distance=distance,
            fixed=fixed,
        )
        assert_array_equal(result.centers, centers)
        assert_array_equal(result.labels, labels)
        assert result.n_iter == n_iter


@pytest.mark.parametrize("backend", IN_PROCESS)
@given(weighted_colors(), st.sampled_from(["k-means++", "maximin", "random", "first"]), st.integers(0, 5))
def test_invariants(backend, case, init, seed):
    colors, counts, k = case
    before = colors.copy(), counts.copy()
    result = cluster(colors, k, weights=counts, init=init, seed=seed, backend=backend)

    assert_array_equal(colors, before[0])
    assert_array_equal(counts, before[1])
    assert result.centers.shape == (k, 3)
    # Every label is a nearest center.
    distances = ((colors[:, None].astype(float) - result.centers) ** 2).sum(axis=2)
    assert_array_equal(distances[np.arange(len(colors)), result.labels], distances.min(axis=1))
    # Inertia is that of the labels and centers returned, and never rises on the way.
    assert result.inertia == pytest.approx(distances.min(axis=1) @ counts, rel=1e-12)
    steps = [step.inertia for step in result.history] + [result.inertia]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in itertools.pairwise(steps))


@given(weighted_colors())
def test_a_weight_of_n_is_n_equal_points(case):
    colors, counts, k = case
    counts = counts % 5 + 1
    start = colors[:k].astype(float)
    weighted = cluster(colors, k, weights=counts, init=start, backend="numpy")
    repeated = cluster(np.repeat(colors, counts, axis=0), k, init=start, backend="numpy")
    assert_array_equal(weighted.centers, repeated.centers)
    assert_array_equal(np.repeat(weighted.labels, counts), repeated.labels)


@given(weighted_colors(), st.randoms(use_true_random=False))
def test_order_of_points_does_not_matter(case, random):
    colors, counts, k = case
    order = list(range(len(colors)))
    random.shuffle(order)
    start = colors[:k].astype(float)
    straight = cluster(colors, k, weights=counts, init=start, backend="numpy")
    shuffled = cluster(colors[order], k, weights=counts[order], init=start, backend="numpy")
    # Only where two points are equally far from an empty cluster may the order decide.
    if not _ever_empty(colors, counts, start):
        assert_array_equal(straight.centers, shuffled.centers)
        assert_array_equal(straight.labels[order], shuffled.labels)


def _ever_empty(colors, counts, start):
    first = cluster(colors, len(start), weights=counts, init=start, max_iter=1, backend="numpy")
    labels = ((colors[:, None].astype(float) - start) ** 2).sum(axis=2).argmin(axis=1)
    return len(set(labels.tolist())) < len(start) or len(set(first.labels.tolist())) < len(start)


@given(weighted_colors(), st.integers(0, 5))
def test_relabeling_the_initial_centers_relabels_the_result(case, seed):
    colors, counts, k = case
    start = colors[:k].astype(float)
    order = np.random.default_rng(seed).permutation(k)
    plain = cluster(colors, k, weights=counts, init=start, max_iter=1, backend="numpy")
    turned = cluster(colors, k, weights=counts, init=start[order], max_iter=1, backend="numpy")
    # Distinct colors as centers: at first, no point is at distance 0 from two of them.
    if len(np.unique(plain.centers, axis=0)) == k and _no_ties(colors, start):
        assert_array_equal(plain.centers[order], turned.centers)


def _no_ties(colors, centers):
    distances = np.sort(((colors[:, None].astype(float) - centers) ** 2).sum(axis=2), axis=1)
    return distances.shape[1] < 2 or bool(np.all(distances[:, 0] < distances[:, 1]))


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_empty_cluster_takes_the_farthest_point(backend):
    # The third center is nobody's nearest; of points 0, 1, 2, 9 the last is farthest from its center.
    result = cluster(
        [[0.0], [1.0], [2.0], [9.0]], 3, init=[[0.0], [1.5], [100.0]], max_iter=1, backend=backend
    )
    assert_array_equal(result.centers, [[0.0], [1.5], [9.0]])


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_empty_clusters_in_order_and_ties_to_the_lowest_index(backend):
    points = [[0.0], [4.0], [6.0], [10.0]]
    result = cluster(points, 3, init=[[5.0], [100.0], [100.0]], max_iter=1, backend=backend)
    # 0 and 10 are equally far from 5: the first empty cluster gets the one that comes first.
    assert_array_equal(result.centers, [[5.0], [0.0], [10.0]])


@pytest.mark.parametrize("backend", IN_PROCESS)
@pytest.mark.parametrize("k", [4, 5, 100])
def test_fewer_distinct_points_than_clusters(backend, k):
    points = np.array([[1, 1, 1], [7, 7, 7], [1, 1, 1], [9, 9, 9]], dtype=np.uint8)
    result = cluster(points, k, backend=backend)
    assert_array_equal(result.centers, [[1, 1, 1], [7, 7, 7], [9, 9, 9]])
    assert result.inertia == 0.0
    assert result.notes == (
        f"There are only 3 distinct points for {k} clusters, so each has a center of its own.",
    )


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_points_of_weight_zero_get_labels_but_no_say(backend):
    result = cluster(
        [[0.0], [1.0], [50.0], [10.0]], 2, weights=[1, 1, 0, 1], init=[[0.0], [10.0]], backend=backend
    )
    assert_array_equal(result.centers, [[0.5], [10.0]])
    assert_array_equal(result.labels, [0, 0, 1, 1])


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_early_stop_off_runs_every_iteration(backend, blobs):
    result = cluster(blobs, 4, early_stop=False, max_iter=30, backend=backend)
    assert result.n_iter == len(result.history) == 30
    assert result.converged
    assert result.history[-1].center_shift == 0.0


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_tolerance_stops_earlier(backend, raccoon):
    exact = cluster(raccoon.colors, 8, weights=raccoon.counts, backend=backend)
    rough = cluster(raccoon.colors, 8, weights=raccoon.counts, tol=1.0, backend=backend)
    assert rough.n_iter < exact.n_iter
    assert rough.converged
    assert rough.history[-1].center_shift <= 1.0 < rough.history[-2].center_shift


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_max_iter_without_convergence_returns_labels_of_the_last_centers(backend, raccoon):
    result = cluster(raccoon.colors, 8, weights=raccoon.counts, max_iter=2, backend=backend)
    assert not result.converged
    nearest = ((raccoon.colors[:, None].astype(float) - result.centers) ** 2).sum(axis=2).argmin(axis=1)
    assert_array_equal(result.labels, nearest)
    assert result.inertia == pytest.approx(
        inertia(raccoon.colors, raccoon.counts, result.centers, result.labels), rel=1e-13
    )


@pytest.mark.parametrize("backend", IN_PROCESS)
def test_an_exception_in_on_iteration_cancels(backend, blobs):
    class EnoughError(ConnectionError):
        pass

    seen = []

    def stop_at_second(iteration):
        seen.append(iteration.index)
        if iteration.index == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        cluster(blobs, 4, init="first", early_stop=False, backend=backend, on_iteration=stop_at_second)
    assert seen == [1, 2]


def test_same_seed_same_result_other_seed_other_centers(raccoon):
    first, again, other = (
        cluster(raccoon.colors, 6, weights=raccoon.counts, max_iter=1, seed=seed) for seed in (1, 1, 2)
    )
    assert_array_equal(first.centers, again.centers)
    assert not np.array_equal(first.centers, other.centers)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.float32, np.float64])
def test_any_real_dtype(dtype):
    points = np.array([[0, 0], [0, 2], [100, 0], [100, 2]], dtype=dtype)
    assert_array_equal(np.sort(cluster(points, 2).centers[:, 0]), [0, 100])


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"points": []}, r"points has shape \(0,\); pass an array \(n, d\)"),
        ({"points": [[]]}, r"points has shape \(1, 0\)"),
        ({"points": [1, 2]}, r"points has shape \(2,\)"),
        ({"points": [[1, 2], [3]]}, "points is ragged; pass rows of equal length"),
        ({"weights": [1e300, 1, 1]}, "The largest weight is 1e.300; .* Divide all weights by the largest"),
        ({"seed": 2**70}, "seed=1180591620717411303424 is not allowed.*from 0 to 9,223"),
        ({"max_iter": 2**31}, "max_iter=2147483648 is not allowed"),
        ({"points": [["a"]]}, "points has dtype .*real numbers"),
        ({"points": [[1j]]}, "points has dtype complex"),
        ({"points": [[np.nan, 0]]}, "points has NaN or infinite values"),
        ({"points": [[1e200, 0], [1, 1]]}, r"points has values beyond 1e\+140, whose squares"),
        ({"n_clusters": 0}, "n_clusters=0 is not allowed; give a whole number from 1 to 9,223,372"),
        ({"n_clusters": 2.5}, "n_clusters=2.5"),
        ({"n_clusters": True}, "n_clusters=True"),
        ({"n_clusters": "x"}, "n_clusters='x'"),
        ({"weights": [1]}, r"weights has shape \(1,\).*\(3,\)"),
        ({"weights": [1, -1, 1]}, "weights range from -1 to 1"),
        ({"weights": [0, 0, 0]}, "weights range from 0 to 0"),
        ({"weights": [1, np.inf, 1]}, "weights has NaN or infinite values"),
        ({"init": "best"}, "init='best' is unknown; use one of: k-means"),
        ({"init": [[1, 2]]}, r"init has shape \(1, 2\).*\(2, 2\)"),
        ({"init": [[1, 2], [np.nan, 0]]}, "init has NaN"),
        ({"max_iter": 0}, "max_iter=0"),
        ({"tol": -1}, "tol=-1"),
        ({"tol": float("nan")}, "tol=nan"),
        ({"seed": -1}, "seed=-1"),
        ({"distance": "hamming"}, "distance='hamming' is unknown; use one of: euclidean, manhattan"),
        ({"distance": "manhattan"}, "distance='manhattan' needs 8-bit points, and points has dtype int"),
        (
            {"fixed": [[0.0, 0.0]] * 3},
            "fixed has 3 centers, more than n_clusters=2, which includes them; ask",
        ),
        ({"fixed": [[1.0]]}, r"fixed has shape \(1, 1\); pass one center per row: \(1, 2\)"),
        ({"fixed": [[1.0, np.nan]]}, "fixed has NaN"),
        ({"backend": "cray"}, "backend='cray' is unknown; use one of: numpy, numba, sklearn, spark-rdd"),
    ],
)
def test_bad_arguments(arguments, match):
    good = {"points": [[0, 0], [1, 1], [2, 3]], "n_clusters": 2}
    with pytest.raises(OptionError, match=match):
        cluster(**{**good, **arguments})


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"fixed": [[0, 0]]}, "sklearn does not support fixed centers; use numpy, numba"),
        ({"distance": "manhattan"}, "sklearn does not support distance='manhattan'; use numpy, numba"),
    ],
)
def test_asking_scikit_learn_for_what_it_lacks(arguments, match):
    with pytest.raises(UnsupportedOptionError, match=match):
        cluster([[0, 0], [1, 1], [2, 3]], 2, backend="sklearn", **arguments)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"init": [[0, 0], [1, 1]]}, "spark-ml does not accept initial centers; use numpy, numba"),
        ({"init": "maximin"}, "spark-ml does not support init='maximin'; use numpy, numba"),
        ({"early_stop": False}, "spark-ml cannot run a fixed number of iterations; use numpy, numba"),
    ],
)
@pytest.mark.spark
def test_asking_a_backend_for_what_it_lacks(arguments, match):
    from tests.conftest import require

    require("spark-ml")
    with pytest.raises(UnsupportedOptionError, match=match):
        cluster([[0, 0], [1, 1], [2, 3]], 2, backend="spark-ml", **arguments)


@pytest.mark.parametrize("init", seeding.INIT_METHODS)
def test_fixed_centers_and_fewer_distinct_points_than_clusters(init):
    """Two colors and three fixed centers elsewhere: one center is left for the two."""
    colors, fixed = (
        np.array([[0, 0, 0], [200, 0, 0]], dtype=np.uint8),
        [[0, 0, 255], [255, 255, 0], [255, 0, 255]],
    )
    one, other = (
        cluster(colors, 4, weights=[3, 1], fixed=fixed, init=init, backend=backend) for backend in IN_PROCESS
    )
    assert_array_equal(one.centers[:3], fixed)
    assert one.centers.shape == (4, 3)
    assert_array_equal(one.centers, other.centers)
    assert_array_equal(one.labels, other.labels)


def test_fixing_a_center_that_is_found_anyway_leaves_the_others(raccoon):
    arguments = {"weights": raccoon.counts, "backend": "numpy"}
    free = cluster(raccoon.colors, 5, **arguments)
    fixed = cluster(raccoon.colors, 5, fixed=free.centers[2:3], **arguments)
    order = [2, 0, 1, 3, 4]
    assert_array_equal(fixed.centers, free.centers[order])
    assert fixed.seconds["search"] > 0


def test_no_fixed_centers_are_none():
    assert cluster([[0.0], [4.0]], 1, fixed=[]).centers.tolist() == [[2.0]]


def test_one_family_of_errors():
    with pytest.raises(KMeansError):
        cluster([[0.0]], 0)
    with pytest.raises(ValueError, match="n_clusters=0 is not allowed"):  # as any function's wrong argument
        cluster([[0.0]], 0)


@pytest.mark.parametrize(
    ("points", "k"),
    [
        (np.array([[2**63 - 1], [2**63 - 2], [2**63 - 3]]), 3),
        ([[0.0], [1e-170], [1e-169], [1.1e-169]], 2),  # the squares of these differences are 0
    ],
)
def test_points_that_cannot_be_told_apart_are_said(points, k):
    result = cluster(points, k, backend="numpy")
    n_empty = k - len(np.unique(result.labels))
    assert n_empty
    assert result.notes[-1].startswith(f"{n_empty} of {k} clusters {'is' if n_empty == 1 else 'are'} empty")
    assert cluster([[0.0], [1.0], [5.0]], 2, backend="numpy").notes == ()
