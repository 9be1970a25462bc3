"""Own backends: the same bits from the same start, however the points are split. Spark runs for real."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core import ColorHistogram, cluster, load_picture
from kmeans_core.backends import distributed, spark_session
from kmeans_core.backends.dask_ import DaskBackend
from kmeans_core.backends.numba_ import NumbaBackend
from kmeans_core.backends.numpy_ import NumpyBackend
from kmeans_core.backends.spark_rdd import SparkRddBackend
from kmeans_core.clustering import seeding
from kmeans_core.clustering.kernels import Partition
from kmeans_core.errors import JobStoppedError
from tests.conftest import ASSETS, require

PICTURES = ("raccoon.png", "samples/cat.png", "samples/horse.png", "samples/retina.jpg")
SPLITS = (1, 2, 7)


def _each_split(*backends):
    return [
        pytest.param(lambda make=make, split=split: make(split), id=f"{make.name}-{split}", marks=marks)
        for make, marks in backends
        for split in SPLITS
    ]


HERE = _each_split((NumpyBackend, ()), (NumbaBackend, ()))
ON_WORKERS = _each_split((SparkRddBackend, pytest.mark.spark), (DaskBackend, ()))
# Every split where that costs nothing; on workers, whose splits `test_bit_identical_on_workers` tries, one.
OWN_BACKENDS = [*HERE, ON_WORKERS[1], ON_WORKERS[-1]]


@pytest.fixture(scope="module", params=PICTURES)
def histogram(request):
    return ColorHistogram.of(load_picture(ASSETS / request.param))


@pytest.fixture(scope="module", params=[2, 10, 33])
def case(request, histogram):
    """A picture's colors, shared initial centers, and what NumPy makes of them in one partition."""
    k = request.param
    start = np.random.default_rng(k).choice(histogram.colors, k, replace=False).astype(float)
    return histogram, start, _fit(histogram, start, NumpyBackend())


def _fit(histogram, start, backend):
    return cluster(
        histogram.colors, len(start), weights=histogram.counts, init=start, backend=backend, max_iter=12
    )


@pytest.mark.parametrize("make", HERE)
def test_bit_identical_from_shared_centers(case, make):
    _compare(*case, make())


@pytest.mark.parametrize("histogram", ["samples/retina.jpg"], indirect=True)
@pytest.mark.parametrize("case", [10], indirect=True)
@pytest.mark.parametrize("make", ON_WORKERS)
def test_bit_identical_on_workers(case, make):
    _compare(*case, make())


def _compare(histogram, start, expected, backend):
    require(backend.name)
    result = _fit(histogram, start, backend)
    assert_array_equal(result.centers, expected.centers)
    assert_array_equal(result.labels, expected.labels)
    assert result.inertia == expected.inertia
    assert (result.n_iter, result.converged) == (expected.n_iter, expected.converged)
    for step, other in zip(result.history, expected.history, strict=True):
        assert (step.index, step.center_shift, step.reassigned) == (
            other.index,
            other.center_shift,
            other.reassigned,
        )
        assert step.inertia == pytest.approx(other.inertia, rel=1e-12)


@pytest.mark.parametrize("make", OWN_BACKENDS)
def test_empty_clusters_are_filled_alike(make):
    backend = make()
    require(backend.name)
    rng = np.random.default_rng(1)
    colors = np.unique(rng.integers(0, 256, (500, 3)), axis=0).astype(np.uint8)
    weights = rng.integers(1, 20, len(colors))
    start = np.vstack([colors[:3], np.full((9, 3), 5000)]).astype(float)
    expected = cluster(colors, 12, weights=weights, init=start, backend=NumpyBackend(), max_iter=9)
    result = cluster(colors, 12, weights=weights, init=start, backend=backend, max_iter=9)
    assert_array_equal(result.centers, expected.centers)
    assert_array_equal(result.labels, expected.labels)


@pytest.mark.parametrize("make", OWN_BACKENDS)
def test_medians_and_fixed_centers_alike(raccoon, make):
    backend = make()
    require(backend.name)
    arguments = {
        "weights": raccoon.counts,
        "distance": "manhattan",
        "fixed": [[255, 0, 0], [0, 0, 0]],
        "max_iter": 5,
    }
    expected = cluster(raccoon.colors, 8, backend=NumpyBackend(), **arguments)
    result = cluster(raccoon.colors, 8, backend=backend, **arguments)
    assert_array_equal(result.centers[:2], [[255, 0, 0], [0, 0, 0]])
    assert_array_equal(result.centers, expected.centers)
    assert_array_equal(result.labels, expected.labels)
    assert result.inertia == expected.inertia


@pytest.mark.parametrize("make", OWN_BACKENDS)
def test_more_partitions_than_points(make):
    backend = make()
    require(backend.name)
    result = cluster([[0, 0, 0], [9, 9, 9], [10, 10, 10]], 2, init="maximin", backend=backend)
    assert_array_equal(result.centers, [[0, 0, 0], [9.5, 9.5, 9.5]])


@pytest.mark.parametrize(
    "name", ["numpy", "numba", "dask", pytest.param("spark-rdd", marks=pytest.mark.spark)]
)
@pytest.mark.parametrize("init", seeding.INIT_METHODS)
def test_seeds_alike(raccoon, name, init):
    require(name)
    arguments = {"weights": raccoon.counts, "init": init, "seed": 4, "max_iter": 2}
    expected = cluster(raccoon.colors, 16, backend="numpy", **arguments)
    assert_array_equal(cluster(raccoon.colors, 16, backend=name, **arguments).centers, expected.centers)


def test_rebuilds_labels_when_the_cached_ones_are_lost():
    """A worker may lose what it caches between iterations; the counts of changed labels stay right."""
    task = distributed._IterationTask(3, np.array([[9.0], [1.0]]), np.array([[0.0], [5.0]]))
    partition = Partition(np.array([[0], [4], [9]]), np.ones(3))
    # With the centers of the iteration before: 0 → 0, 4 → 1, 9 → 1; now 0 → 1, 4 → 1, 9 → 0.
    assert distributed._assign_and_sum(task, partition).reassigned == 2
    # Cached two iterations ago is as good as lost.
    partition.iteration = 1
    assert distributed._assign_and_sum(task, partition).reassigned == 2


def test_partitions_too_large_to_cache_are_unpacked_again(monkeypatch):
    monkeypatch.setattr(distributed, "_cache", {})
    small = distributed.PartitionData(0, np.zeros((10, 3)), np.ones(10))
    other = distributed.PartitionData(10, np.zeros((10, 3)), np.ones(10))
    size = Partition(small.points, small.weights).nbytes
    monkeypatch.setattr(distributed, "_MAX_CACHED_BYTES", size)
    assert distributed._unpack("fit", "euclidean", small) is distributed._unpack("fit", "euclidean", small)
    assert distributed._unpack("fit", "euclidean", other) is not distributed._unpack(
        "fit", "euclidean", other
    )
    # Another fit pushes out what the last one cached.
    assert distributed._unpack("next", "euclidean", other) is distributed._unpack("next", "euclidean", other)
    assert list(distributed._cache) == [("next", 10)]


@pytest.mark.parametrize("name", ["dask", pytest.param("spark-rdd", marks=pytest.mark.spark)])
def test_an_exception_in_on_iteration_leaves_the_backend_usable(raccoon, name):
    require(name)

    def stop(iteration):
        raise JobStoppedError("enough")

    with pytest.raises(JobStoppedError, match="enough"):
        cluster(raccoon.colors, 4, backend=name, on_iteration=stop)
    assert cluster([[0.0], [1.0], [9.0]], 2, backend=name).inertia == 0.5


@pytest.mark.spark
def test_spark_ml_is_near():
    require("spark-ml")
    cat = ColorHistogram.of(load_picture(ASSETS / "samples" / "cat.png"))
    colors, counts = cat.colors[::8], cat.counts[::8]
    ours = cluster(colors, 10, weights=counts, seed=1)
    theirs = cluster(colors, 10, weights=counts, seed=1, backend="spark-ml")
    assert theirs.centers.shape == (10, 3)
    assert theirs.inertia == pytest.approx(ours.inertia, rel=0.05)
    assert theirs.history == ()
    assert theirs.n_iter > 1
    nearest = ((colors[:, None].astype(float) - theirs.centers) ** 2).sum(axis=2).argmin(axis=1)
    assert_array_equal(theirs.labels, nearest)


@pytest.mark.spark
def test_spark_ml_reports_its_iterations(raccoon):
    require("spark-ml")
    seen = []
    result = cluster(raccoon.colors[::20], 12, backend="spark-ml", max_iter=20, on_iteration=seen.append)
    # The last may begin and end between two looks.
    assert [step.index for step in seen] == list(range(1, len(seen) + 1))
    assert result.n_iter - 3 <= len(seen) <= result.n_iter


@pytest.mark.spark
def test_an_exception_in_on_iteration_cancels_spark_ml(raccoon):
    require("spark-ml")
    spark_session.spark_session()
    pid = spark_session.java_pid()

    def stop(iteration):
        if iteration.index >= 2:
            raise JobStoppedError("enough")

    with pytest.raises(JobStoppedError, match="enough"):
        cluster(raccoon.colors[::10], 30, backend="spark-ml", max_iter=900, on_iteration=stop)
    assert cluster([[0.0], [1.0], [9.0]], 2, backend="spark-ml").inertia == 0.5
    assert spark_session.java_pid() == pid


@pytest.mark.spark
@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_spark_ml_with_few_points(k):
    require("spark-ml")
    points = np.array([[1, 2, 3], [4, 5, 6], [200, 3, 4]], dtype=np.uint8)
    expected = cluster(points, k, weights=[1, 2, 3], backend="numpy", init="maximin")
    result = cluster(points, k, weights=[1, 2, 3], backend="spark-ml")
    assert_array_equal(np.sort(result.centers, axis=0), np.sort(expected.centers, axis=0))


@pytest.mark.spark
@pytest.mark.parametrize("name", ["numpy", "spark-rdd", "spark-ml"])
def test_no_color_is_lost_when_there_are_no_more_than_k(name):
    """Three groups at different scales: left to itself, Spark ML finds fewer of them than there are."""
    require(name)
    colors = np.array(
        [[x, y, 0] for x in range(4) for y in range(3)]
        + [[100 + 9 * x, 0, 90 + y] for x in range(4) for y in range(3)]
        + [[255 - x, 255 - 20 * y, 255] for x in range(4) for y in range(3)],
        dtype=np.uint8,
    )
    for k in (36, 256):
        result = cluster(colors, k, backend=name)
        assert result.inertia == 0
        assert len(np.unique(result.labels)) == 36


@pytest.mark.spark
def test_spark_ml_random_start(raccoon):
    require("spark-ml")
    result = cluster(raccoon.colors[::100], 4, init="random", backend="spark-ml", max_iter=5)
    assert result.n_iter <= 5


@pytest.mark.parametrize("name", ["paper-numpy", pytest.param("paper-rdd", marks=pytest.mark.spark)])
def test_the_papers_algorithms_reach_the_same_result(name):
    """A yardstick that computed something else would measure nothing."""
    require(name)
    rng = np.random.default_rng(2)
    colors = np.unique(rng.integers(0, 256, (300, 3)), axis=0).astype(np.uint8)
    weights = rng.integers(1, 9, len(colors))
    arguments = {"weights": weights, "init": "random", "max_iter": 6, "early_stop": False}
    expected = cluster(colors, 5, backend="numpy", **arguments)
    result = cluster(colors, 5, backend=name, **arguments)
    np.testing.assert_allclose(result.centers, expected.centers, rtol=1e-12)
    assert result.inertia == pytest.approx(expected.inertia, rel=1e-12)
    assert [step.inertia for step in result.history] == pytest.approx(
        [step.inertia for step in expected.history], rel=1e-12
    )


def test_paper_numpy_stops_when_nothing_moves():
    result = cluster([[0], [2], [10]], 2, init=[[0], [10]], backend="paper-numpy")
    assert_array_equal(result.centers, [[1], [10]])
    assert (result.n_iter, result.converged) == (2, True)
