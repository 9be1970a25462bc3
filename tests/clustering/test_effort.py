"""A search for better initial centers: what it promises, what it refuses, and how its parts reckon."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans

from kmeans_core import ColorHistogram, cluster, load_picture
from kmeans_core.clustering.color_blocks import ColorBlocks, Layout
from kmeans_core.clustering.jit_layout import coarsen
from kmeans_core.clustering.jit_search import neighbors
from kmeans_core.errors import JobStoppedError, OptionError, UnsupportedOptionError
from tests.conftest import ASSETS, require

PICTURES = ("samples/cat.png", "samples/rocket.jpg", "samples/retina.jpg")


@pytest.fixture(scope="module", params=PICTURES)
def histogram(request):
    return ColorHistogram.of(load_picture(ASSETS / request.param))


def fitted(histogram, k, **options):
    return cluster(histogram.colors, k, weights=histogram.counts, **options)


@pytest.mark.parametrize("k", [16, 64])
def test_more_effort_ends_lower(histogram, k):
    fast, balanced, best = (fitted(histogram, k, effort=effort) for effort in ("fast", "balanced", "best"))
    # One search may end in another minimum than one plain run; the best of many does not.
    assert balanced.inertia < fast.inertia * 1.02
    assert best.inertia < min(fast.inertia, balanced.inertia) * (1 + 1e-5)
    assert "search" in best.seconds
    assert "search" not in fast.seconds


def test_best_is_below_the_best_of_ten_of_scikit_learn(histogram):
    colors, weights = histogram.colors.astype(float), histogram.counts.astype(float)
    other = KMeans(16, n_init=10, random_state=0).fit(colors, sample_weight=weights)
    # The same minimum, if both find it, is the same but for where they stop.
    assert fitted(histogram, 16, effort="best").inertia <= other.inertia_ * (1 + 1e-4)


@pytest.mark.spark
def test_own_backends_go_on_from_the_same_start(raccoon):
    expected = fitted(raccoon, 8, effort="balanced", max_iter=5)
    for backend in ("numpy", "dask", "spark-rdd"):
        require(backend)
        result = fitted(raccoon, 8, effort="balanced", max_iter=5, backend=backend)
        assert_array_equal(result.centers, expected.centers)
        assert_array_equal(result.labels, expected.labels)


def test_the_same_seed_gives_the_same_result(raccoon):
    first, again = (fitted(raccoon, 20, effort="balanced", seed=3) for _ in range(2))
    assert_array_equal(first.centers, again.centers)


def test_few_colors_and_many_clusters():
    colors = np.array([[0, 0, 0], [9, 9, 9], [200, 0, 0], [255, 255, 255]], dtype=np.uint8)
    for k in range(1, 6):
        result = cluster(colors, k, weights=[1, 2, 0, 3], effort="best")
        assert len(result.centers) == min(k, 3)


def test_it_can_be_stopped(raccoon):
    iterations = []

    def stop_at_the_third(iteration):
        iterations.append(iteration.index)
        if len(iterations) == 3:
            raise JobStoppedError("enough")

    with pytest.raises(JobStoppedError):
        fitted(raccoon, 8, effort="balanced", on_iteration=stop_at_the_third)
    assert iterations == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"effort": "most"}, OptionError, "effort='most' is unknown; use one of: fast, balanced, best"),
        (
            {"effort": "best", "init": np.zeros((2, 3))},
            OptionError,
            "searches for initial centers, and init gives them",
        ),
        ({"effort": "best", "weights": [0.5, 1]}, OptionError, "effort='best' needs 8-bit colors"),
        ({"effort": "best", "points": [[0.0], [1.0]]}, OptionError, "effort='best' needs 8-bit colors"),
        (
            {"effort": "best", "backend": "spark-ml"},
            UnsupportedOptionError,
            "chooses its own initial centers, so effort",
        ),
    ],
)
def test_what_is_refused(options, error, said):
    points = options.pop("points", np.array([[0, 0, 0], [9, 9, 9]], dtype=np.uint8))
    if options.get("backend"):
        require(options["backend"])
    with pytest.raises(error, match=said):
        cluster(points, 2, **options)


def test_cubes_hold_the_means_of_their_colors():
    colors = np.array([[0, 0, 0], [3, 3, 3], [4, 0, 0], [255, 255, 255], [250, 1, 1]], dtype=np.uint8)
    sums = coarsen(colors, np.array([1.0, 3, 2, 5, 0]), 4)
    assert_array_equal(sums, [[4, 9, 9, 9], [2, 8, 0, 0], [5, 1275, 1275, 1275]])


def test_spread_and_loss_of_each_cluster():
    rng = np.random.default_rng(0)
    colors = np.unique(rng.integers(0, 256, (2000, 3)), axis=0).astype(np.uint8)
    weights = rng.integers(1, 9, len(colors)).astype(float)
    centers = rng.uniform(0, 255, (7, 3))
    points = ColorBlocks(Layout(colors, weights, 7), 7)
    labels = points.labels_for(centers)
    near = np.array([[other for other in range(7) if other != own] for own in range(7)])
    costs = points.removal_costs(centers, near)
    distances = ((colors[:, None].astype(float) - centers) ** 2).sum(axis=2)
    for c in range(7):
        mine = labels == c
        covariance = np.cov(colors[mine].T, aweights=weights[mine], bias=True)
        assert_allclose(points.scatter()[c], covariance * weights[mine].sum(), rtol=1e-9)
        others = np.delete(distances[mine], c, axis=1).min(axis=1)
        assert costs[c] == pytest.approx(weights[mine] @ (others - distances[mine, c]))


def test_nearest_other_centers():
    rng = np.random.default_rng(2)
    centers = rng.integers(0, 5, (40, 3)).astype(float)  # some are equal, many equally far
    distances = ((centers[:, None] - centers) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    assert_array_equal(neighbors(centers, 8), np.argsort(distances, axis=1, kind="stable")[:, :8])
