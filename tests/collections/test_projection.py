import pytest

from kmeans_core.collections.projection import Measured, project
from kmeans_core.collections.report import GroupTime


def measured(n_pictures, *, n_workers=2, a_picture=0.02, n_unique=1 << 24, differ=0.0):
    """A run of groups of ten, of which every second takes longer."""
    groups = [
        GroupTime(stage, 10, 10 * a_picture * (1 + (differ if number % 2 else -differ)))
        for stage in ("count", "write")
        for number in range(n_pictures // 10)
    ]
    seconds = dict.fromkeys(("count", "write"), n_pictures * a_picture / n_workers)
    return Measured(n_workers, n_unique, {**seconds, "merge": 0.0, "fit": 1.0}, tuple(groups))


def test_in_proportion_to_pictures_and_workers():
    one = project([measured(100)], 10_000, 2)
    assert one.hours * 3600 == pytest.approx(10_000 * 0.04 / 2 + 1)
    assert one.least < one.hours < one.most
    assert project([measured(100)], 20_000, 2).hours > 1.9 * one.hours
    twice = project([measured(100)], 10_000, 4)
    assert one.hours / 2 < twice.hours < one.hours / 1.8


def test_less_is_known_of_pictures_that_differ_and_more_of_many():
    def width(run):
        found = project([run], 10**6, 2)
        return (found.most - found.least) / found.hours

    assert width(measured(100, differ=0.8)) > width(measured(100))
    assert width(measured(100, differ=0.8)) > width(measured(1000, differ=0.8))


def test_more_workers_are_less_sure_and_cost_more():
    few, many = (project([measured(100)], 10**6, n_workers, price=2.0) for n_workers in (2, 64))
    assert many.most / many.least > few.most / few.least
    assert many.cost[0] > few.cost[0]
    assert few.cost[0] == pytest.approx(few.hours * 4.0)


def test_nothing_was_read():
    assert project([Measured(2, 0, {"count": 1.0}, ())], 10**6, 2) is None
    run = measured(100)
    written = run._replace(work=tuple(group for group in run.work if group.stage == "write"))
    assert project([written], 10**6, 2) is None
    assert project([written._replace(n_unique=0)], 10**6, 2) is not None
