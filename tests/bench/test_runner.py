"""A plan run for real, in child processes: what is stored, resumed, timed out, stopped and left behind."""

import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from kmeans_core.backends.spark_session import NeedsSpark
from kmeans_core.bench.measuring.cases import PictureSource, Plan
from kmeans_core.bench.measuring.limits import Limits
from kmeans_core.bench.measuring.machine import describe_environment, machine_id
from kmeans_core.bench.measuring.presets import grid
from kmeans_core.bench.measuring.runner import pending, run_plan
from kmeans_core.bench.records.results import DONE, FAILED, STOPPED, TIMEOUT, UNAVAILABLE
from kmeans_core.bench.records.store import Store
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import JobStoppedError, OptionError
from tests.conftest import ASSETS, require

SOURCE = PictureSource.of(ASSETS / "samples" / "horse.png")
# A minute of work that reports its iterations: `grid([LONG], backends, *A_MINUTE)`.
LONG, A_MINUTE = PictureSource.of(ASSETS / "raccoon.png"), ([256], [1000])


# Processes that other tests have left running, such as the app's idle worker.
_others: set[psutil.Process] = set()


@pytest.fixture
def store(tmp_path):
    _others.clear()
    _others.update(psutil.Process().children(recursive=True))
    return Store(tmp_path / "results.sqlite3")


def plan(*backends, colors=(3,), iterations=(2,), cores=()):
    return Plan.of(grid([SOURCE], backends, colors, iterations, cores))


def children():
    """What runs below this process because of the present test."""
    return {one for one in psutil.Process().children(recursive=True) if not _is_of_others(one)}


def _is_of_others(process):
    """Also what a server of other tests starts meanwhile, such as another reader."""
    try:
        return process in _others or any(parent in _others for parent in process.parents())
    except psutil.NoSuchProcess:
        return True


def statuses(store):
    return [(row.case.backend, row.status) for row in store.repetitions()]


def test_what_other_kernels_took_is_measured_again(store):
    """Of our backends: scikit-learn has none of them."""
    run_plan(plan("numpy", "sklearn"), store, repeat=1)
    machine = machine_id(describe_environment())
    assert not pending(plan("numpy", "sklearn"), store, machine, 1, 60)
    older = Store(store.path.with_name("older.sqlite3"))
    older.add(replace(row, environment={**row.environment, "code": "other"}) for row in store.repetitions())
    assert [case.backend for case in pending(plan("numpy", "sklearn"), older, machine, 1, 60)] == ["numpy"]


def test_every_repetition_is_a_row(store):
    run_plan(plan("numpy", "numba", colors=(3, 5)), store, repeat=2)
    rows = store.repetitions()
    assert [(row.case.backend, row.case.n_clusters, row.number, row.cold) for row in rows] == [
        ("numpy", 5, 1, True),
        ("numpy", 5, 2, False),
        ("numpy", 5, 3, False),
        ("numpy", 3, 1, False),
        ("numpy", 3, 2, False),
        ("numba", 5, 1, True),
        ("numba", 5, 2, False),
        ("numba", 5, 3, False),
        ("numba", 3, 1, False),
        ("numba", 3, 2, False),
    ]
    assert {row.status for row in rows} == {DONE}
    assert len({row.run for row in rows}) == 1
    assert len({row.inertia for row in rows if row.case.n_clusters == 5}) == 1
    assert all(row.peak_memory > 20_000_000 for row in rows)
    assert rows[5].start > 0
    assert rows[0].environment == describe_environment()
    assert children() == set()


def test_what_is_there_is_not_measured_again(store):
    run_plan(plan("numpy"), store, repeat=2)
    before = store.repetitions()
    seen = []
    run_plan(plan("numpy"), store, repeat=2, on_progress=seen.append)
    assert store.repetitions() == before
    assert (seen[-1].done, seen[-1].total) == (1, 1)
    run_plan(plan("numpy"), store, repeat=2, fresh=True)
    assert len(store.repetitions()) == 2 * len(before)
    assert len({row.run for row in store.repetitions()}) == 2


def test_more_repetitions_than_are_there_are_measured(store):
    run_plan(plan("numpy"), store, repeat=1)
    machine = machine_id(describe_environment())
    assert pending(plan("numpy"), store, machine, 1, 1800.0) == ()
    assert pending(plan("numpy"), store, machine, 2, 1800.0) == plan("numpy").cases
    assert pending(plan("numpy"), store, "another machine", 1, 1800.0) == plan("numpy").cases


def test_progress_reports_how_far_the_run_is(store):
    seen = []
    run_plan(plan("numpy", colors=(3, 5), iterations=(2, 3)), store, repeat=1, on_progress=seen.append)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert seen[-1].done == seen[-1].total == 4
    assert {progress.case for progress in seen if progress.case} <= set(
        plan("numpy", colors=(3, 5), iterations=(2, 3)).cases
    )
    assert seen[-1].elapsed >= seen[0].elapsed


def test_a_case_that_takes_too_long_is_ended_and_the_rest_goes_on(store):
    both = Plan.of([*grid([LONG], ["paper-numpy"], *A_MINUTE), *grid([SOURCE], ["numpy"], [3], [2])])
    run_plan(both, store, repeat=1, limits=Limits(max_seconds=3.0))
    assert statuses(store) == [("paper-numpy", TIMEOUT), ("numpy", DONE), ("numpy", DONE)]
    row = store.repetitions()[0]
    assert row.message == "Not done after 3 s, the limit for a repetition."
    assert (row.seconds, row.inertia) == (3.0, None)
    assert children() == set()
    # It is tried again if it may take longer, and only then.
    machine = machine_id(describe_environment())
    assert pending(both, store, machine, 1, 3.0) == ()
    assert [case.backend for case in pending(both, store, machine, 1, 60.0)] == ["paper-numpy"]


def test_a_child_that_dies_is_a_failure_and_the_rest_goes_on(store):
    def kill_once(progress):
        if progress.case and progress.case.backend == "paper-numpy":
            for child in children():
                child.kill()

    both = Plan.of([*grid([LONG], ["paper-numpy"], *A_MINUTE), *grid([SOURCE], ["numpy"], [3], [2])])
    run_plan(both, store, repeat=1, on_progress=kill_once)
    assert statuses(store) == [("paper-numpy", FAILED), ("numpy", DONE), ("numpy", DONE)]
    assert "ended while it was working" in store.repetitions()[0].message
    # A failure is tried again next time.
    machine = machine_id(describe_environment())
    assert [case.backend for case in pending(both, store, machine, 1, 1800.0)] == ["paper-numpy"]


def test_stopping_marks_the_case_and_leaves_nothing_behind(store):
    def stop(progress):
        if isinstance(progress.activity, int) or progress.elapsed > 60:
            raise JobStoppedError("Stopped.")

    both = Plan.of([*grid([SOURCE], ["numba"], [3], [2]), *grid([LONG], ["numpy"], *A_MINUTE)])
    began = time.monotonic()
    with pytest.raises(JobStoppedError):
        run_plan(both, store, repeat=1, on_progress=stop)
    assert time.monotonic() - began < 60
    assert statuses(store) == [("numba", DONE), ("numba", DONE), ("numpy", STOPPED)]
    assert children() == set()


def test_what_cannot_run_here_is_a_row_with_the_reason(store, monkeypatch):
    monkeypatch.setattr("kmeans_core.backends.spark_session.find_java", lambda: None)
    run_plan(plan("spark-rdd", "numpy"), store, repeat=1)
    assert statuses(store) == [("spark-rdd", UNAVAILABLE), ("numpy", DONE), ("numpy", DONE)]
    assert "cannot run here" in store.repetitions()[0].message
    machine = machine_id(describe_environment())
    assert len(pending(plan("spark-rdd", "numpy"), store, machine, 1, 1800.0)) == 1


_LIMITED = """
import os
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.bench.measuring.cases import Case, PictureSource
from kmeans_core.bench.measuring.repetition import measure_repetition
source = PictureSource.of("assets/samples/horse.png")
measure_repetition(Case(source.key, "numpy", 2, 1, 1), source, lambda value: None)
print(usable_cores(), os.environ["KMEANS_SPARK_MASTER"])
"""


def test_fewer_cores_are_fewer_cores():
    """For the process and all that it starts; in a process of its own, because there is no way back."""
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED], capture_output=True, text=True, check=True, cwd=ASSETS.parent
    )
    assert done.stdout.split() == ["1", "local[1]"]


def test_each_number_of_cores_begins_cold(store):
    cores = sorted({1, usable_cores()})
    run_plan(plan("numba", cores=cores), store, repeat=1)
    rows = store.repetitions()
    assert [(row.case.cores, row.cold) for row in rows] == [
        (count, cold) for count in cores for cold in (True, False)
    ]


def test_a_plan_beyond_the_limits_is_refused(store):
    with pytest.raises(OptionError, match="2 cells, more than the 1 allowed"):
        run_plan(plan("numpy", colors=(2, 3)), store, repeat=1, limits=Limits(max_cells=1))
    assert store.repetitions() == []


@pytest.mark.spark
def test_spark_is_measured_cold_and_warm_and_leaves_nothing_behind(store, monkeypatch):
    require("spark-rdd")
    monkeypatch.setattr(NeedsSpark, "warm_up_seconds", 0.5)
    run_plan(plan("spark-rdd"), store, repeat=1)
    run_plan(plan("numpy"), store, repeat=1)
    cold, warm, *_, ours = store.repetitions()
    assert warm.inertia == pytest.approx(ours.inertia, rel=1e-9)
    assert (cold.cold, warm.cold) == (True, False)
    assert cold.status == warm.status == DONE
    assert cold.start > 1.0
    assert warm.start == 0.0
    assert cold.phases["transfer"] > warm.phases["transfer"] > 0
    assert cold.peak_memory > 200_000_000
    assert children() == set()


@pytest.mark.alone
@pytest.mark.spark
def test_stopping_a_spark_cell_ends_java_within_three_seconds(store):
    require("spark-rdd")
    stopped_at = []

    def stop(progress):
        if isinstance(progress.activity, int):
            assert any("java" in child.name() for child in children())
            stopped_at.append(time.monotonic())
            raise JobStoppedError("Stopped.")

    with pytest.raises(JobStoppedError):
        run_plan(plan("spark-rdd", iterations=(1000,)), store, repeat=1, on_progress=stop)
    assert time.monotonic() - stopped_at[0] < 3.0
    assert statuses(store) == [("spark-rdd", STOPPED)]
    assert children() == set()
