"""Repetitions become cells: medians, completeness, and which of several runs counts."""

import pytest

from kmeans_core.bench.records.results import DONE, FAILED, STOPPED, TIMEOUT, UNAVAILABLE, Results
from tests.bench.rows import case, row, rows


def cell_of(*repetitions):
    (cell,) = Results(repetitions)
    return cell


def test_the_median_of_the_warm_ones_counts():
    cell = cell_of(row(seconds=9.0, cold=True, wanted=3), *rows(case(), 3.0, 1.0, 2.0))
    assert cell.seconds == 2.0
    assert [repetition.seconds for repetition in cell.warm] == [3.0, 1.0, 2.0]
    assert cell.cold.start == 2.0
    assert (cell.status, cell.is_complete) == (DONE, True)
    assert cell.phase("iterate") == pytest.approx(1.9)


def test_a_cold_one_alone_is_not_a_result():
    cell = cell_of(row(cold=True, wanted=2))
    assert (cell.seconds, cell.is_complete) == (None, False)


@pytest.mark.parametrize(
    ("status", "complete"), [(TIMEOUT, True), (FAILED, True), (UNAVAILABLE, True), (STOPPED, False)]
)
def test_how_a_cell_ends(status, complete):
    cell = cell_of(row(status=status))
    assert (cell.status, cell.is_complete, cell.seconds) == (status, complete, None)
    assert cell.message == "It did not work."


def test_the_newest_complete_run_counts():
    old, new = rows(case(), 5.0, 5.0, run="old"), rows(case(), 1.0, 1.0, run="new")
    assert cell_of(*old, *new).seconds == 1.0


def test_an_interrupted_run_does_not_hide_a_complete_one():
    old = rows(case(), 5.0, 5.0, run="old")
    interrupted = [row(seconds=1.0, run="new", wanted=2), row(status=STOPPED, run="new", wanted=2)]
    assert cell_of(*old, *interrupted).seconds == 5.0
    failed = row(status=FAILED, run="later")
    assert cell_of(*old, *interrupted, failed).seconds == 5.0


def test_history_keeps_every_run():
    results = Results([*rows(case(), 5.0, run="a"), *rows(case(), 3.0, run="b")])
    assert [cell.seconds for cell in results.history[case()]] == [5.0, 3.0]


def test_cases_do_not_mix():
    results = Results([*rows(case(), 5.0), *rows(case("numba"), 1.0), *rows(case(cores=1), 9.0)])
    assert {cell.case: cell.seconds for cell in results} == {
        case(): 5.0,
        case("numba"): 1.0,
        case(cores=1): 9.0,
    }
