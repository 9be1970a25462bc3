"""kill -9 of everything, at random moments: nothing finished is lost, the store opens, the next run works."""

import random
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from kmeans_core.bench.measuring.runner import run_plan
from kmeans_core.bench.records.results import DONE, FAILED
from kmeans_core.bench.records.store import Store
from tests.bench.server_for_crashes import plan
from tests.conftest import ASSETS, require
from tests.waiting import until

_WORKER = "kmeans_core.jobs.worker"


class Server:
    """The server in a process of its own, with what it starts below it."""

    def __init__(self, store, backends):
        command = [sys.executable, "-m", "tests.bench.server_for_crashes", str(store.path), backends]
        self.process = subprocess.Popen(command, cwd=ASSETS.parent, stdout=subprocess.PIPE, text=True)
        self.top = psutil.Process(self.process.pid)

    def below(self):
        try:
            return self.top.children(recursive=True)
        except psutil.Error:
            return []

    def is_victim(self, process, victim):
        """Whether a process below the server has that role. One that just ended has none."""
        try:
            if victim == "java":
                return "java" in process.name() and process.status() != psutil.STATUS_ZOMBIE
            # The worker is the server's own child; the measuring process is the worker's.
            at_work = _WORKER in " ".join(process.cmdline())
            return at_work and (process.ppid() == self.top.pid) == (victim == "worker")
        except psutil.Error:
            return False

    def find(self, victim):
        """The process of that role, waited for: the run may be between two measuring processes."""
        if victim == "server":
            return self.top
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for process in self.below():
                if self.is_victim(process, victim):
                    return process
            time.sleep(0.02)
        raise AssertionError(f"no {victim} in sight")

    def wait_gone(self, processes):
        _, alive = psutil.wait_procs(processes, timeout=15)
        assert not alive, f"left behind: {alive}"


def uids(store):
    return {row.uid for row in store.repetitions()}


def check(store):
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def crash(store, victim, backends, delay):
    """Starts a run, kills one of its processes in the middle, and sees what is left.

    False if the process had done its work already, so that its death went unnoticed.
    """
    before = len(uids(store))
    server = Server(store, backends)
    try:
        until(lambda: len(uids(store)) > before, 120)
        time.sleep(delay)
        target = server.find(victim)
        everything = [server.top, *server.below()]
        finished = uids(store)
        target.kill()
        soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="microseconds")
        if victim in ("server", "worker"):
            said, _ = server.process.communicate(timeout=30)
            server.wait_gone(everything)
            assert victim == "server" or "ended while it was working" in said
        assert finished <= uids(store)
        if victim in ("child", "java"):
            # The run itself goes on: the case is a failure, and later ones are measured.
            def failures():
                return [
                    row for row in store.repetitions() if row.status == FAILED and row.uid not in finished
                ]

            def is_over():
                return server.process.poll() is not None

            until(lambda: failures() or store.repetitions()[-1].measured_at > soon or is_over(), 120)
            if not failures():
                return False
            until(lambda: store.repetitions()[-1].measured_at > failures()[0].measured_at or is_over(), 120)
        check(store)
    finally:
        tree = [server.top, *server.below()]
        for process in tree:
            if process.is_running():
                process.kill()
        server.process.wait()
        server.wait_gone(tree)
    assert finished <= uids(store)
    return True


_ROLES = ("server", "worker", "child")


@pytest.mark.timeout(600)
@pytest.mark.spark
@pytest.mark.parametrize(
    ("quick", "on_spark"),
    [
        (_ROLES, ("java",)),
        pytest.param(_ROLES * 5, ("server", "worker", "java", "java", "java"), marks=pytest.mark.slow),
    ],
    ids=["4", "20"],
)
def test_kills_lose_nothing(tmp_path, quick, on_spark):
    """Shared out over stores, two of them at a time."""
    require("spark-rdd")
    kills = [(victim, "numpy,paper-numpy") for victim in quick] + [
        (victim, "spark-rdd") for victim in on_spark
    ]
    random.Random(20).shuffle(kills)
    with ThreadPoolExecutor(2) as both:
        stores = [tmp_path / f"{number}.sqlite3" for number in range(2)]
        list(both.map(survive, stores, [kills[number::2] for number in range(2)]))


def survive(path, kills):
    """All these kills, one after the other, and a run after them."""
    store, dice = Store(path), random.Random(path.name)
    missed = 0
    for victim, backends in kills:
        while not crash(store, victim, backends, dice.uniform(0, 0.8)):
            missed += 1
            assert missed < 6
    before = uids(store)
    run_plan(plan(["numpy"]), store, repeat=2, fresh=True)
    rows = [row for row in store.repetitions() if row.uid not in before]
    assert before < uids(store)
    assert {row.status for row in rows} == {DONE}
    assert {row.case for row in rows} == set(plan(["numpy"]).cases)
