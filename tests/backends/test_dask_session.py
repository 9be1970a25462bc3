"""One Dask client a process: started once, healed when workers died, clear when nobody answers."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

import psutil
import pytest
from numpy.testing import assert_array_equal

from kmeans_core import cluster
from kmeans_core.backends import dask_session, shared_points
from kmeans_core.errors import BackendFailedError, BackendUnavailableError
from tests.conftest import ASSETS, require


@pytest.fixture(autouse=True)
def needs_dask():
    require("dask")


@pytest.fixture
def no_client():
    """A process that has not met Dask yet, and leaves none behind that was started with odd settings."""
    dask_session.stop()
    yield
    dask_session.stop()


def worker_pids():
    client = dask_session.dask_client()
    return sorted(client.run(os.getpid).values())


def test_asking_twice_gives_the_same_client():
    assert dask_session.dask_client() is dask_session.dask_client()


def test_the_dashboard_answers():
    result = cluster([[0.0], [2.0], [9.0]], 2, backend="dask")
    address = dask_session.dashboard()
    assert address in result.notes[0]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/status", address)
    with urllib.request.urlopen(address, timeout=20) as page:
        assert b"Dask" in page.read()


def fit_while_workers_are_killed(raccoon, pids):
    def kill(iteration):
        if iteration.index == 2:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)

    start = raccoon.colors[::5000]
    return cluster(
        raccoon.colors, len(start), weights=raccoon.counts, backend="dask", init=start, on_iteration=kill
    )


def test_a_fit_goes_on_where_workers_were_killed(raccoon, no_client):
    """Its points are in a file, and other workers go on."""
    pids = worker_pids()
    found = fit_while_workers_are_killed(raccoon, pids)
    expected = fit_while_workers_are_killed(raccoon, [])
    assert_array_equal(found.centers, expected.centers)
    assert_array_equal(found.labels, expected.labels)
    assert not set(pids) & set(worker_pids())


def test_workers_killed_with_the_points_are_a_clear_error_and_the_next_fit_works(
    raccoon, no_client, monkeypatch
):
    def no_room(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared_points, "_write", no_room)
    with pytest.raises(BackendFailedError, match=r"A Dask worker ended while it was working.*Run it again"):
        fit_while_workers_are_killed(raccoon, worker_pids())
    assert cluster([[0.0], [2.0], [9.0]], 2, backend="dask").inertia == 2.0


def test_a_closed_client_is_replaced():
    before = dask_session.dask_client()
    before.close()
    assert cluster([[0.0], [2.0], [9.0]], 2, backend="dask").inertia == 2.0
    assert dask_session.dask_client() is not before


def test_stop_leaves_no_process_behind(no_client):
    pids = worker_pids()
    dask_session.stop()
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=10)
    assert alive == []
    assert dask_session.dashboard() == ""


def test_a_worker_that_dies_while_it_starts_is_started_once_more(no_client, monkeypatch):
    from distributed.process import AsyncProcess

    start, killed = AsyncProcess.start, []

    async def start_and_kill(process):
        await start(process)
        if not killed:
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)

    monkeypatch.setattr(AsyncProcess, "start", start_and_kill)
    assert len(worker_pids()) >= 1
    assert killed
    assert killed[0] not in worker_pids()


SCRIPT = """
import os, time
from kmeans_core.backends import dask_session, shared_points
if __name__ == "__main__":
    print(*dask_session.dask_client().run(os.getpid).values(), flush=True)
    time.sleep(60)
"""


def test_workers_end_when_their_owner_is_killed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    owner = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ASSETS.parent)},
    )
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    workers = [psutil.Process(pid) for pid in pids]
    owner.kill()
    owner.wait()
    assert workers
    _, alive = psutil.wait_procs(workers, timeout=15)
    assert alive == []


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1"])
def test_no_scheduler_there(monkeypatch, no_client, address):
    monkeypatch.setattr(dask_session, "_TIMEOUT_SECONDS", 6)
    monkeypatch.setenv("KMEANS_DASK_SCHEDULER", address)
    with pytest.raises(BackendFailedError, match=f"No Dask scheduler answers at {address}.*unset that"):
        cluster([[0.0], [2.0], [9.0]], 2, backend="dask")


def test_without_dask(monkeypatch):
    monkeypatch.setattr(dask_session, "find_spec", lambda name: None)
    with pytest.raises(
        BackendUnavailableError, match=r"dask cannot run here: .*pip install 'kmeans-studio\[dask\]'"
    ):
        cluster([[0.0], [2.0], [9.0]], 2, backend="dask")
