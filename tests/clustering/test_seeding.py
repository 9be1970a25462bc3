"""Seeding: every method picks points, minds weights, and repeats itself for a seed."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core.clustering import jit_kernels, kernels, seeding
from kmeans_core.clustering.jit_table_seeding import seed_table


def seed(points, weights, k, method, number=0, **options):
    return seeding.seed_centers(
        np.asarray(points), np.asarray(weights), k, method=method, seed=number, **options
    )


@pytest.mark.parametrize("method", seeding.INIT_METHODS)
@pytest.mark.parametrize("number", range(5))
def test_centers_are_distinct_points_of_positive_weight(method, number):
    rng = np.random.default_rng(number)
    points = rng.permutation(256)[:60].reshape(20, 3).astype(np.uint8)
    weights = rng.integers(0, 3, 20)
    allowed = {tuple(point) for point in points[weights > 0].tolist()}
    k = len(allowed)
    centers = seed(points, weights, k, method, number)
    assert {tuple(center) for center in centers.astype(int).tolist()} == allowed


def test_first_skips_repeats_and_weightless_points():
    centers = seed([[9, 9], [1, 1], [1, 1], [2, 2], [3, 3]], [0, 1, 1, 1, 1], 3, "first")
    assert_array_equal(centers, [[1, 1], [2, 2], [3, 3]])


def test_maximin_by_hand():
    # Heaviest first (5), then the farthest from it (0), then the farthest from both (9: 4 away; 2: 2 away).
    assert_array_equal(seed([[0], [2], [5], [9]], [1, 1, 7, 1], 3, "maximin"), [[5], [0], [9]])


def test_random_draws_in_proportion_to_weight():
    drawn = [seed([[0], [1]], [9, 1], 1, "random", number)[0, 0] for number in range(2000)]
    # Binomial(2000, 0.1): 200 expected, standard deviation 13.
    assert 140 < sum(drawn) < 260


def test_kmeans_plus_plus_draws_in_proportion_to_weighted_squared_distance():
    # From center 0, point 10 has weight 1 × 100, point -2 weight 25 × 4: equal chances.
    points, weights = [[0], [10], [-2]], [1e9, 1, 25]
    second = [seed(points, weights, 2, "k-means++", number)[1, 0] for number in range(2000)]
    # Binomial(2000, 0.5): 1000 expected, standard deviation 22.
    assert 890 < second.count(10) < 1110
    assert second.count(0) == 0


@pytest.mark.parametrize("number", range(8))
def test_more_centers_against_the_definition(number):
    """As greedy k-means++ goes on: chances by squared distance, the draw with the lowest error stays."""
    rng = np.random.default_rng(number)
    points = rng.choice([rng.normal(size=(300, 2)), rng.integers(0, 4, (300, 2)).astype(float)])
    given = points[:2] + 0.5
    expected, draws = [*given], np.random.default_rng(number)
    while len(expected) < 15:
        closest = ((points[:, None] - np.array(expected)) ** 2).sum(axis=2).min(axis=1)
        drawn = draws.choice(300, 2 + int(np.log(len(expected) + 1)), p=closest / closest.sum())
        errors = [np.minimum(closest, ((points - points[i]) ** 2).sum(axis=1)).sum() for i in drawn]
        expected.append(points[drawn[int(np.argmin(errors))]])
    assert_array_equal(seeding.with_more(points, given, 15, np.random.default_rng(number)), expected)


def test_more_centers_end_with_the_distinct_points():
    points = np.array([[0], [1], [1], [5]], dtype=np.uint8)
    found = seeding.with_more(points, np.array([[1.0]]), 9, np.random.default_rng(0))
    assert found[0] == 1
    assert sorted(found[:, 0]) == [0, 1, 5]


def by_definition(points, weights, k, method, number):
    """k-means++, by sums over all points, from the same random numbers."""
    rng = np.random.default_rng(number)

    def draw(potentials):
        return int(np.searchsorted(np.cumsum(potentials), rng.random() * potentials.sum(), side="right"))

    def lowered(closest, index):
        return np.minimum(closest, ((points - points[index]) ** 2).sum(axis=1))

    chosen = [draw(weights)]
    closest = lowered(np.full(len(points), np.inf), chosen[0])
    while len(chosen) < k:
        trials = [draw(weights * closest) for _ in range(seeding.n_local_trials(method, k))]
        chosen.append(min(trials, key=lambda index: weights @ lowered(closest, index)))
        closest = lowered(closest, chosen[-1])
    return points[chosen]


@pytest.mark.parametrize("method", ["k-means++", "greedy"])
@pytest.mark.parametrize("number", range(20))
def test_k_means_plus_plus_is_its_definition(method, number):
    """Whole numbers, so that no order of additions matters."""
    rng = np.random.default_rng(100 + number)
    points, weights = rng.integers(-50, 50, (3000, 2)).astype(float), rng.integers(0, 5, 3000).astype(float)
    expected = by_definition(points, weights, 12, method, number)
    assert_array_equal(seed(points, weights, 12, method, number), expected)


def test_greedy_is_nearer_than_plain():
    rng = np.random.default_rng(5)
    points, weights = rng.normal(size=(400, 2)) * [5, 1], rng.integers(1, 5, 400)
    greedy = [
        inertia_of(points, weights, seed(points, weights, 12, "greedy", number)) for number in range(20)
    ]
    plain = [
        inertia_of(points, weights, seed(points, weights, 12, "k-means++", number)) for number in range(20)
    ]
    assert np.median(greedy) < 0.9 * np.median(plain)


def inertia_of(points, weights, centers):
    return weights @ ((points[:, None] - centers) ** 2).sum(axis=2).min(axis=1)


def test_splitting_by_hand():
    # The longest axis is the first; the cut that lowers the error most is between 2 and 10, then 0 and 2.
    points = [[0.0, 0.0], [2, 0], [10, 1], [10, -1]]
    assert_array_equal(seed(points, [1, 1, 1, 1], 1, "splitting"), [[5.5, 0]])
    assert_array_equal(seed(points, [1, 1, 1, 1], 2, "splitting"), [[1, 0], [10, 0]])
    centers = seed(points, [3, 1, 1, 1], 3, "splitting")
    assert sorted(centers.tolist()) == [[0, 0], [2, 0], [10, 0]]  # 3 × 0.5² + 1.5² is more than 2 × 1²


@pytest.mark.parametrize("dims", [1, 3, 20])
def test_splitting_starts_as_well_as_greedy_draws(dims):
    rng = np.random.default_rng(dims)
    points = rng.uniform(-9, 9, (8, dims))[rng.integers(0, 8, 3000)] + rng.normal(0, 0.1, (3000, dims))
    weights = np.ones(3000)
    split = inertia_of(points, weights, seed(points, weights, 8, "splitting"))
    drawn = [inertia_of(points, weights, seed(points, weights, 8, "greedy", number)) for number in range(9)]
    assert split <= np.median(drawn)


def test_splitting_differences_that_rounding_swallows():
    points = np.array([[1e16, 0.0], [1e16, 1e-9], [1e16 + 2, 0.0]])
    assert len(seed(points, [1, 1, 1], 3, "splitting")) == 3


@pytest.mark.parametrize("method", ["k-means++", "greedy", "maximin"])
@pytest.mark.parametrize("dims", [1, 2, 3, 5])
def test_compiled_kernel_picks_the_same(method, dims):
    rng = np.random.default_rng(dims)
    points = np.unique(rng.integers(0, 256, (3000, dims)), axis=0).astype(np.uint8)
    weights = rng.integers(1, 100, len(points))
    plain, compiled = (
        seed(points, weights, 12, method, 7, lower_closest=kernel)
        for kernel in (kernels.lower_closest, jit_kernels.lower_closest)
    )
    assert_array_equal(plain, compiled)


@pytest.mark.parametrize("method", ["k-means++", "greedy"])
@pytest.mark.parametrize("dims", [1, 2, 7, 40])
@pytest.mark.parametrize("weighted", [False, True])
def test_tables_are_seeded_alike(method, dims, weighted):
    """Although most points are not looked at for most centers."""
    rng = np.random.default_rng(dims)
    points = rng.normal(size=(5000, dims)) + 5 * rng.integers(0, 9, (5000, 1))
    weights = rng.integers(0, 3, 5000).astype(float) if weighted else np.ones(5000)
    n_trials = seeding.n_local_trials(method, 30)
    found = seed_table(points, weights, 30, n_local_trials=n_trials, seed=7)
    assert_array_equal(found, seed(points, weights, 30, method, 7))


def test_draw_never_picks_what_has_no_chance():
    class Highest:
        """A generator that always draws the largest number below 1."""

        def random(self):
            return np.nextafter(1.0, 0.0)

    chances = np.zeros(5000)
    chances[[10, 3000]] = [1.0, 3.0]
    assert seeding.draw(chances, Highest()) == 3000


@pytest.mark.parametrize("at_most", [1, 3, 7, 50])
def test_distinct_points_in_order_of_appearance(at_most):
    points = np.array([[5], [5], [2], [9], [2], [7], [5], [1]] * 40)
    weights = np.ones(len(points))
    weights[3::8] = 0  # the nines
    assert_array_equal(seeding.distinct_points(points, weights, at_most)[:, 0], [5, 2, 7, 1][:at_most])
