"""Temporary files go when their process ends, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from kmeans_core.temporary import new_folder, remove_leftovers
from tests.waiting import until

HOLDER = """
import sys, time
from kmeans_core.temporary import new_folder
(new_folder("x") / "file").write_text("x")
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def holder():
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    return process


def test_a_folder_is_for_this_user_alone(temporary):
    folder = new_folder("x")
    assert folder.is_relative_to(temporary)
    for one in (folder, folder.parent):
        assert one.stat().st_mode & 0o777 == 0o700


def test_a_process_that_ends_leaves_nothing(temporary):
    process = holder()
    assert list(temporary.glob("*/x-*/file"))
    process.communicate("")
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_nothing_else(temporary):
    living = holder()
    (kept,) = temporary.glob("*/x-*/file")
    killed = holder()
    (temporary / "kmeans-studio-notes").mkdir()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert len(list(temporary.glob("*/x-*/file"))) == 2
    remove_leftovers()
    assert list(temporary.glob("*/x-*/file")) == [kept]
    assert (temporary / "kmeans-studio-notes").is_dir()
    living.communicate("")


def test_a_clock_that_is_set_costs_no_living_process_its_folder(temporary, monkeypatch):
    living = holder()
    (kept,) = temporary.glob("*/x-*/file")
    # What the system says about when processes began follows its clock.
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: 1.0)
    remove_leftovers()
    assert kept.exists()
    living.communicate("")


def test_a_fork_has_a_folder_of_its_own(temporary):
    mine = new_folder("x")
    pid = os.fork()
    if pid == 0:
        os._exit(0 if new_folder("x").parent != mine.parent and mine.exists() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert mine.exists()
    remove_leftovers()  # what the fork left: it ended without the usual steps
    assert list(temporary.iterdir()) == [mine.parent]


@pytest.mark.spark
@pytest.mark.parametrize("how", ["killed", "closed"])
def test_spark_leaves_nothing(temporary, how):
    from kmeans_core.jobs.job import JobState
    from kmeans_core.jobs.supervisor import Supervisor
    from tests.conftest import require

    require("spark-rdd")
    worker = Supervisor()
    job = worker.submit("tests.test_temporary:work_on_spark")
    until(job.wait, 120)
    assert job.state is JobState.DONE
    assert [path for path in Path(temporary).rglob("*") if "blockmgr" in path.name]
    if how == "killed":
        os.kill(worker.pid, signal.SIGKILL)
        job = worker.submit("tests.test_temporary:work_on_spark")
        until(job.wait, 120)
        assert job.state is JobState.DONE  # at the first attempt
    worker.close()
    until(lambda: not list(temporary.iterdir()), 10)


def work_on_spark(on_progress):
    """A job of the worker process."""
    import numpy as np

    from kmeans_core import cluster

    cluster(np.arange(30.0).reshape(-1, 1), 2, backend="spark-rdd", max_iter=2)
