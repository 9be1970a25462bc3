"""Partitions that processes of a machine share: any goes on where another stopped, or was broken off."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core import cluster
from kmeans_core.backends import distributed, shared_points
from kmeans_core.backends.distributed import DistributedPoints
from kmeans_core.backends.shared_points import share_points
from tests.conftest import require

N_ROWS = 2 * distributed._MIN_COMPILED_POINTS + 1


class OneAfterTheOther:
    """As an engine whose workers are functions of this process, each with a memory of its own.

    order: the worker of each task in turn; each is as good as another.
    """

    def __init__(self, parts, order):
        self.parts, self.order = parts, iter(order)
        self.memories = {}

    def map(self, function):
        replies = []
        for part in self.parts:
            distributed._cache.clear()
            memory = self.memories.setdefault(next(self.order), {})
            distributed._cache.update(memory)
            try:
                replies.append(function(part))
            finally:
                memory.clear()
                memory.update(distributed._cache)
        return replies

    def close(self):
        distributed._cache.clear()


@pytest.fixture
def table():
    rng = np.random.default_rng(3)
    return rng.normal(size=(N_ROWS, 4)), rng.integers(0, 4, N_ROWS).astype(np.float64)


def shared(table, order):
    made = share_points(*table, 2, lambda parts: OneAfterTheOther(parts, order))
    assert made is not None
    return made


def moved(sums, centers):
    weights = sum(part.weights for part in sums)
    return sum(part.sums for part in sums) / np.maximum(weights, 1)[:, None], int(
        sum(p.reassigned for p in sums)
    )


def run(partitions, centers, n_iter):
    points, found = DistributedPoints(partitions), []
    for _ in range(n_iter):
        sums = points.assign_and_sum(centers)
        centers, reassigned = moved(sums, centers)
        found.append((centers, reassigned, points.farthest(points.previous_centers, 2)))
    return found, points.labels(centers)


@pytest.mark.parametrize("order", [[0, 1] * 60, [0, 1, 1, 0] * 30, [0, 1, 2, 3, 0] * 24])
def test_whoever_does_a_task_the_result_is_the_same(table, order):
    start = table[0][:6]
    expected, labels = run(shared(table, [0] * 120), start, 8)
    partitions = shared(table, order)
    found, found_labels = run(partitions, start, 8)
    for (centers, reassigned, far), (other, other_reassigned, other_far) in zip(expected, found, strict=True):
        assert_array_equal(centers, other)
        assert reassigned == other_reassigned
        assert [point.index for point in far] == [point.index for point in other_far]
    assert_array_equal(labels, found_labels)
    assert_array_equal(labels, ((table[0][:, None] - found[-1][0]) ** 2).sum(axis=2).argmin(axis=1))
    assert partitions.folder.exists()
    partitions.close()
    assert not partitions.folder.exists()


def test_a_worker_that_goes_on_scores_few_rows(table):
    """What is shared is not only right, but saves the work."""
    partitions = shared(table, [0, 0, 0, 0, 1, 1, 1, 1] * 5)
    points, centers, scored = DistributedPoints(partitions), table[0][:6], []
    for _ in range(10):
        centers, _ = moved(points.assign_and_sum(centers), centers)
        scored.append(sum(points.each(_n_scored)))
    assert scored[0] == N_ROWS
    assert max(scored[5:]) < N_ROWS / 2


def _n_scored(partition):
    return partition._rows.n_scored


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_task_that_is_broken_off_and_done_again_changes_nothing(table, monkeypatch, when):
    """Its labels are half those of an iteration; or whole, and nobody heard of it."""
    from kmeans_core.clustering.compiled_partition import CompiledPartition

    start, n_iter = table[0][:6], 6
    expected, labels = run(shared(table, [0] * 120), start, n_iter)
    whole, calls = CompiledPartition.assign_and_sum, []

    def broken(self, centers):
        calls.append(None)
        if len(calls) % 5 == 4:
            if when == "before":
                with self._changing():
                    self._rows.assign_and_sum(centers)
                    self._rows.rows.labels[::2] = 0
                    raise ConnectionError
            whole(self, centers)
            raise ConnectionError
        return whole(self, centers)

    monkeypatch.setattr(CompiledPartition, "assign_and_sum", broken)
    engine = OneAfterTheOther.map

    def again(self, function):
        while True:
            try:
                return engine(self, function)
            except ConnectionError:
                continue

    monkeypatch.setattr(OneAfterTheOther, "map", again)
    found, found_labels = run(shared(table, [0, 1, 1, 0, 1] * 60), start, n_iter)
    for (centers, *_), (other, *_) in zip(expected, found, strict=True):
        assert_array_equal(centers, other)
    assert_array_equal(labels, found_labels)
    assert len(calls) > 2 * n_iter


@pytest.mark.parametrize("layout", ["C", "F", "steps"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64])
def test_parts_are_the_table_again(dtype, layout):
    table = np.arange(7 * 10).reshape(10, 7).astype(dtype)[:, :3]
    table = {"C": np.ascontiguousarray, "F": np.asfortranarray, "steps": np.asarray}[layout](table)
    for weights in (np.arange(10.0), np.broadcast_to(2.0, 10)):
        made = share_points(table, weights, 4, lambda parts: OneAfterTheOther(parts, [0] * 10))
        parts = made.map(lambda part: part)
        assert_array_equal(np.concatenate([part.points for part in parts]), table)
        assert parts[0].points.dtype == dtype
        assert_array_equal(np.concatenate([part.weights for part in parts]), weights)
        assert [part.offset for part in parts] == [0, 2, 5, 7]
        made.close()


def test_without_room_for_the_file_the_points_are_sent(table, monkeypatch):
    """By Dask; to Spark they are sent in `tests/cluster`."""
    backend = "dask"
    require(backend)

    def no_room(*_):
        raise OSError(28, "No space left on device")

    settings = {"init": table[0][:5], "max_iter": 4, "weights": table[1]}
    expected = cluster(table[0], 5, backend=backend, **settings)
    monkeypatch.setattr(shared_points.SharedLabels, "allocate", no_room)
    found = cluster(table[0], 5, backend=backend, **settings)
    assert_array_equal(expected.labels, found.labels)
    assert_array_equal(expected.centers, found.centers)
