"""The walk: the published walkthrough's figures, the loop's own path, and an end that is one."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from kmeans_core import cluster
from kmeans_core.errors import OptionError
from kmeans_core.walkthrough.datasets import DATASETS, dataset, own_points, picture_colors
from kmeans_core.walkthrough.walk import ASSIGN, END, START, UPDATE, walk
from tests.backends.test_parity import OWN_BACKENDS
from tests.conftest import ASSETS, require

# Printed in a public Spark walkthrough of k-means on these points, from the first three as centers.
FIRST_ROWS = [[5.86749807, 8.17715188], [5.61369982, 9.93295527], [7.22508428, 10.44886194]]
COUNTS = [[1124, 57, 319], [936, 141, 423], [632, 235, 633]]
SECOND_CENTERS = [[1.70113951, -3.14750123], [5.88201222, 9.8330787], [7.96381989, 9.8000387]]
LAST_COUNTS, LAST_INERTIA = [500, 500, 500], 2959.7867


def test_the_walkthroughs_numbers():
    points = dataset("blobs").points
    assert points.shape == (1500, 2)
    assert_allclose(points[:3], FIRST_ROWS, atol=5e-9)
    steps = walk(points, points[:3])
    assigned = [step.counts.tolist() for step in steps if step.kind == ASSIGN]
    assert assigned[:3] == COUNTS
    assert_allclose(steps[2].centers, SECOND_CENTERS, atol=5e-9)
    assert steps[-1].kind == END
    assert steps[-1].counts.tolist() == LAST_COUNTS
    assert steps[-1].inertia == pytest.approx(LAST_INERTIA, abs=5e-5)


@pytest.mark.parametrize("make", OWN_BACKENDS)
def test_the_walkthroughs_numbers_on_every_backend(make):
    backend = make()
    require(backend.name)
    points = dataset("blobs").points
    first = cluster(points, 3, init="first", backend=backend, max_iter=1)
    assert_allclose(first.centers, SECOND_CENTERS, atol=5e-9)
    # The labels are those of the centers returned, so the counts are those of the next assignment.
    assert np.bincount(first.labels).tolist() == COUNTS[1]
    second = cluster(points, 3, init="first", backend=backend, max_iter=2)
    assert np.bincount(second.labels).tolist() == COUNTS[2]
    end = cluster(points, 3, init="first", backend=backend)
    assert end.converged
    assert np.bincount(end.labels).tolist() == LAST_COUNTS
    assert end.inertia == pytest.approx(LAST_INERTIA, abs=5e-5)


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("k", [1, 2, 7])
def test_the_walk_is_the_loops_own_path(name, k):
    points = dataset(name).points
    start = points[:: len(points) // k][:k]
    steps = walk(points, start)
    assert [step.kind for step in steps[:3]] == [START, ASSIGN, UPDATE]
    assert steps[-1].kind == END
    result = cluster(points, k, init=start, backend="numpy", max_iter=300)
    assert_array_equal(steps[-1].centers, result.centers)
    assert_array_equal(steps[-1].labels, result.labels)
    assert steps[-1].inertia == result.inertia
    assert steps[-1].iteration == result.n_iter
    updates = [step for step in steps if step.kind == UPDATE]
    assert [step.shift for step in updates] == [one.center_shift for one in result.history[:-1]]
    changed = [step.reassigned for step in steps if step.kind in (ASSIGN, END)]
    assert changed == [one.reassigned for one in result.history]


@pytest.mark.parametrize("name", DATASETS)
def test_inertia_never_rises(name):
    points = dataset(name).points
    values = [step.inertia for step in walk(points, points[:6])[1:]]
    assert all(after <= before * (1 + 1e-12) for before, after in itertools.pairwise(values))


def test_an_empty_cluster_takes_the_farthest_point():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    steps = walk(points, np.array([[0.0, 0.0], [100.0, 100.0]]))
    assert steps[1].counts.tolist() == [3, 0]
    assert steps[2].refilled == (1,)
    assert_array_equal(steps[2].centers, [[0.5, 0.0], [9.0, 0.0]])
    assert_array_equal(steps[2].sums, [[10.0, 0.0], [0.0, 0.0]])
    assert steps[-1].kind == END
    assert steps[-1].counts.tolist() == [2, 1]


def test_a_walk_can_be_cut_short():
    points = dataset("uniform").points
    steps = walk(points, points[:9], max_iter=2)
    assert [step.kind for step in steps] == [START, ASSIGN, UPDATE, ASSIGN, UPDATE]


def test_the_points_are_left_alone():
    points = dataset("moons").points.copy()
    start = points[:2].copy()
    walk(points, start)
    assert_array_equal(points, dataset("moons").points)
    assert_array_equal(start, points[:2])


def test_data_sets_have_as_many_points_each():
    for name in DATASETS:
        assert dataset(name).points.shape == (1500, 2)
        assert np.isfinite(dataset(name).points).all()
    with pytest.raises(OptionError, match="data='stars' is unknown; use one of: blobs"):
        dataset("stars")


def test_colors_of_a_picture_flattened():
    data = picture_colors(ASSETS / "raccoon.png")
    assert data.points.shape == (1500, 2)
    assert data.colors.shape == (1500, 3)
    assert data.colors.dtype == np.uint8
    # Flat distances cannot exceed those between the colors.
    flat = np.linalg.norm(data.points[:500] - data.points[-500:], axis=1)
    full = np.linalg.norm(data.colors[:500].astype(float) - data.colors[-500:].astype(float), axis=1)
    assert (flat <= full + 1e-9).all()
    assert np.corrcoef(flat, full)[0, 1] > 0.9
    # Brightness runs to the right.
    assert np.corrcoef(data.points[:, 0], data.colors.sum(axis=1))[0, 1] > 0.95


def test_own_points():
    assert own_points([(1, 2)]).points.tolist() == [[1.0, 2.0]]
    for wrong in ([], [(0, 0)] * 201):
        with pytest.raises(OptionError, match="set 1 to 200"):
            own_points(wrong)
