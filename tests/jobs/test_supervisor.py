"""The worker process: results, order, progress, stop, and whatever can happen to it. All of it for real."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from kmeans_core import load_picture
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import BusyError
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.jobs import supervisor as module
from kmeans_core.jobs.job import JobState
from kmeans_core.jobs.supervisor import Supervisor
from kmeans_core.types import Iteration
from tests.conftest import ASSETS, require
from tests.waiting import until

TASKS = "tests.jobs.tasks_for_tests"


@pytest.fixture
def worker(monkeypatch):
    # The worker looks for its tasks where this process finds them.
    monkeypatch.setenv("PYTHONPATH", str(ASSETS.parent))
    supervisor = Supervisor()
    yield supervisor
    supervisor.close()
    assert supervisor.pid is None


def finished(job, seconds=60):
    assert job.wait(seconds), f"still {job.state} after {seconds} s"
    return job


def test_result_and_progress(worker):
    job = finished(worker.submit(f"{TASKS}:add", a=2, b=3))
    assert (job.state, job.result, job.progress) == (JobState.DONE, 5, "adding")


def test_nothing_starts_before_the_first_job(worker):
    assert worker.pid is None


def test_one_process_for_many_jobs(worker):
    first, second = (finished(worker.submit(f"{TASKS}:process_id")).result for _ in range(2))
    assert first == second == worker.pid != os.getpid()


def test_a_job_in_a_fresh_process_has_it_for_itself(worker):
    before = finished(worker.submit(f"{TASKS}:process_id")).result
    alone = finished(worker.submit(f"{TASKS}:process_id", fresh_process=True)).result
    assert alone != before
    assert worker.pid is None
    assert not psutil.pid_exists(alone)
    assert finished(worker.submit(f"{TASKS}:process_id")).result not in (before, alone)


def test_what_a_task_prints_does_not_mix_with_the_answers(worker):
    assert finished(worker.submit(f"{TASKS}:print_noise")).result == "done"


def test_jobs_queue_and_know_their_place(worker):
    running = worker.submit(f"{TASKS}:count_slowly")
    second, third = (worker.submit(f"{TASKS}:add", a=1, b=1) for _ in range(2))
    until(lambda: running.state is JobState.RUNNING)
    assert [worker.position(job) for job in (running, second, third)] == [0, 1, 2]
    worker.stop(second)
    assert (second.state, second.message) == (JobState.STOPPED, "Stopped before it began.")
    assert worker.position(third) == 1
    worker.stop(running)
    assert finished(third).result == 2


def test_stop_at_the_next_report_keeps_the_process(worker):
    job = worker.submit(f"{TASKS}:count_slowly")
    until(lambda: (job.progress or 0) > 3)
    pid = worker.pid
    worker.stop(job)
    assert finished(job, 20).state is JobState.STOPPED
    assert finished(worker.submit(f"{TASKS}:process_id")).result == pid


def test_stop_ends_what_does_not_report_and_all_its_children(worker, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.3)
    job = worker.submit(f"{TASKS}:hang_with_child")
    until(lambda: job.progress)
    processes = [psutil.Process(job.progress), psutil.Process(worker.pid)]
    worker.stop(job)
    assert finished(job, 20).state is JobState.STOPPED
    until(lambda: not any(process.is_running() for process in processes), 10)
    assert finished(worker.submit(f"{TASKS}:add", a=1, b=1)).result == 2


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("refuse", r"^n=3 is too many; use 2\.$"),
        ("break_down", r"An unexpected error ended the run \(RuntimeError: a defect\); run it again"),
        ("run_out_of_memory", "not enough memory"),
        ("die", "worker process ended while it was working.*Run it again"),
    ],
)
def test_failures_are_messages_and_the_next_job_runs(worker, task, message):
    import re

    job = finished(worker.submit(f"{TASKS}:{task}"))
    assert job.state is JobState.FAILED
    assert re.search(message, job.message)
    assert finished(worker.submit(f"{TASKS}:add", a=1, b=1)).result == 2


def test_killed_from_outside(worker):
    job = worker.submit(f"{TASKS}:hang")
    until(lambda: job.progress)
    os.kill(worker.pid, signal.SIGKILL)
    assert finished(job, 20).state is JobState.FAILED
    assert finished(worker.submit(f"{TASKS}:add", a=1, b=1)).result == 2


def test_an_idle_worker_is_ended_and_comes_back(worker, monkeypatch):
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.2)
    finished(worker.submit(f"{TASKS}:add", a=1, b=1))
    until(lambda: worker.pid is None, 10)
    assert finished(worker.submit(f"{TASKS}:add", a=1, b=1)).result == 2


def test_close_ends_everything(worker):
    running, waiting = (worker.submit(f"{TASKS}:hang") for _ in range(2))
    until(lambda: running.progress)
    worker.close()
    assert finished(running, 20).state is JobState.STOPPED
    assert finished(waiting, 20).state is JobState.STOPPED


def test_the_worker_does_not_outlive_its_server():
    script = (
        "import os, time\n"
        "from kmeans_core.jobs.supervisor import Supervisor\n"
        f"worker = Supervisor(); job = worker.submit('{TASKS}:hang')\n"
        "while not job.progress: time.sleep(0.02)\n"
        "print(worker.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ASSETS.parent,
        timeout=60,
    )
    until(lambda: not psutil.pid_exists(int(done.stdout)), 10)


def test_what_cannot_be_handed_over_fails_and_the_next_job_runs(worker, monkeypatch):
    unpicklable = worker.submit(f"{TASKS}:add", a=lambda: None, b=1)
    assert finished(unpicklable).state is JobState.FAILED
    assert "could not be sent to the worker process" in unpicklable.message

    start, failures = module.WorkerProcess, [OSError(12, "Cannot allocate memory")]

    def start_badly():
        if failures:
            raise failures.pop()
        return start()

    monkeypatch.setattr(module, "WorkerProcess", start_badly)
    assert finished(worker.submit(f"{TASKS}:add", a=1, b=1)).state is JobState.FAILED
    assert finished(worker.submit(f"{TASKS}:add", a=1, b=1)).result == 2


def test_a_job_nobody_looks_at_is_stopped(worker):
    looked_at = worker.submit(f"{TASKS}:count_slowly", abandon_after=2.0)
    forgotten = worker.submit(f"{TASKS}:add", abandon_after=2.0, a=1, b=1)
    end = time.monotonic() + 5.0
    while time.monotonic() < end:
        looked_at.mark_seen()
        time.sleep(0.05)
    assert looked_at.state is JobState.RUNNING
    assert forgotten.state is JobState.STOPPED
    assert finished(looked_at, 10).state is JobState.STOPPED


def test_the_queue_has_an_end(worker, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    running = worker.submit(f"{TASKS}:hang")
    until(lambda: running.state is JobState.RUNNING)
    for _ in range(2):
        worker.submit(f"{TASKS}:add", a=1, b=1)
    with pytest.raises(BusyError, match="2 runs are already waiting for this server; try again"):
        worker.submit(f"{TASKS}:add", a=1, b=1)


def test_stopping_one_job_late_does_not_touch_the_next(worker, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.3)
    first = worker.submit(f"{TASKS}:nap", seconds=0.35)
    second = worker.submit(f"{TASKS}:nap", seconds=0.6)
    until(lambda: first.state is JobState.RUNNING and first.progress)
    worker.stop(first)
    assert finished(second).state is JobState.DONE


@pytest.mark.alone
def test_a_worker_that_does_not_read_holds_nobody_up(worker, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 2.0)
    finished(worker.submit(f"{TASKS}:add", a=1, b=1))
    os.kill(worker.pid, signal.SIGSTOP)
    job = worker.submit(f"{TASKS}:add", a=bytes(10_000_000), b=b"")
    until(lambda: job.state is JobState.RUNNING)
    began = time.monotonic()
    worker.stop(job)
    worker.position(job)
    assert time.monotonic() - began < 1.5
    assert finished(job, 10).state is JobState.STOPPED
    assert finished(worker.submit(f"{TASKS}:add", a=1, b=1)).result == 2


def test_nothing_is_taken_on_after_close(worker):
    worker.close()
    assert worker.submit(f"{TASKS}:add", a=1, b=1).state is JobState.STOPPED


def test_control_c_in_the_terminal_leaves_the_worker_to_its_server(worker):
    job = worker.submit(f"{TASKS}:count_slowly")
    until(lambda: job.progress)
    os.kill(worker.pid, signal.SIGINT)
    before = job.progress
    until(lambda: job.progress > before + 5)


def quantize(worker, backend, **settings):
    path = ASSETS / "samples" / "cat.png"
    return worker.submit(
        "kmeans_core.jobs.tasks:quantize_loaded",
        picture=load_picture(path),
        options=QuantizeOptions.of(n_colors=6, backend=backend, **settings),
    )


def test_a_picture_in_the_worker_is_the_picture_here(worker):
    from kmeans_core import quantize as quantize_here

    job = finished(quantize(worker, "numba"))
    assert isinstance(job.progress, Iteration)
    assert job.result.png == quantize_here(load_picture(ASSETS / "samples" / "cat.png"), 6).png_bytes()
    assert len(job.result.history) == job.result.report.n_iter


@pytest.mark.spark
def test_java_killed_in_mid_fit_the_next_run_works_and_close_leaves_nothing_behind(worker):
    require("spark-rdd")
    job = quantize(worker, "spark-rdd", effort="fast", early_stop=False, max_iter=1000)
    until(lambda: isinstance(job.progress, Iteration))
    java = [child for child in psutil.Process(worker.pid).children() if "java" in child.name()]
    assert len(java) == 1
    java[0].kill()
    assert finished(job, 60).state is JobState.FAILED
    assert "Java process ended while it was working" in job.message
    assert finished(quantize(worker, "spark-rdd", max_iter=3), 90).state is JobState.DONE
    tree = psutil.Process(worker.pid).children(recursive=True)
    assert any("java" in process.name() for process in tree)
    worker.close()
    until(lambda: not any(process.is_running() for process in tree), 10)


def test_dask_runs_in_the_worker_and_ends_with_it(worker):
    require("dask")
    assert finished(quantize(worker, "dask"), 60).state is JobState.DONE
    tree = psutil.Process(worker.pid).children(recursive=True)
    assert len(tree) >= usable_cores()  # Dask's workers, and what Python starts to look after them
    worker.close()
    until(lambda: not any(process.is_running() for process in tree), 10)
