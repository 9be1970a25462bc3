"""One session a process: started once, healed when its Java died, clear when it cannot start."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from kmeans_core import cluster
from kmeans_core.backends import spark_session, spark_settings
from kmeans_core.errors import BackendFailedError, BackendUnavailableError, KMeansError
from tests.conftest import require
from tests.waiting import until

pytestmark = pytest.mark.spark


@pytest.fixture(autouse=True)
def needs_spark():
    require("spark-rdd")


def test_asking_twice_gives_the_same_session_and_leaves_the_environment_alone():
    spark_session.stop()
    before = dict(os.environ)
    assert spark_session.spark_session() is spark_session.spark_session()
    # SPARK_BUFFER_SIZE and the like are PySpark's own doing.
    assert {name: os.environ.get(name) for name in before} == before
    assert ("JAVA_HOME" in os.environ) == ("JAVA_HOME" in before)


def test_java_killed_between_two_fits_is_replaced():
    spark_session.spark_session()
    pid = spark_session.java_pid()
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)], timeout=10) if psutil.pid_exists(pid) else None
    assert cluster([[0.0], [2.0], [9.0]], 2, backend="spark-rdd").inertia == 2.0
    assert spark_session.java_pid() != pid


@pytest.mark.parametrize("backend", ["spark-rdd", "spark-ml"])
def test_java_killed_in_mid_fit_is_a_clear_error_and_the_next_fit_works(backend, raccoon):
    spark_session.spark_session()
    pid = spark_session.java_pid()

    def kill(iteration):
        if iteration.index == 2:
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(BackendFailedError, match=r"Java process ended while it was working.*Run it again"):
        cluster(
            raccoon.colors[::10],
            30,
            backend=backend,
            max_iter=900,
            on_iteration=kill,
        )
    assert cluster([[0.0], [2.0], [9.0]], 2, backend=backend).inertia == 2.0


def test_whatever_pyspark_raises_without_its_java_says_that_java_ended():
    spark_session.spark_session()
    os.kill(spark_session.java_pid(), signal.SIGKILL)
    until(lambda: not spark_session.is_alive(), 10)
    with pytest.raises(BackendFailedError, match="Java process ended"), spark_session.guarded():
        raise UnboundLocalError("cannot access local variable 'sockfile'")


def test_a_defect_of_ours_is_not_taken_for_sparks():
    spark_session.spark_session()
    with pytest.raises(UnboundLocalError), spark_session.guarded():
        raise UnboundLocalError("ours")


def test_stop_ends_java():
    spark_session.spark_session()
    process = psutil.Process(spark_session.java_pid())
    spark_session.stop()
    spark_session.stop()
    assert not process.is_running()
    assert spark_session.java_pid() is None
    assert not spark_session.is_alive()


def test_java_does_not_outlive_the_process():
    script = (
        "from kmeans_core.backends import spark_session\n"
        "spark_session.spark_session()\n"
        "print(spark_session.java_pid())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert not psutil.pid_exists(int(done.stdout))


def test_a_master_that_does_not_exist_is_a_clear_error(monkeypatch):
    spark_session.stop()
    monkeypatch.setenv("KMEANS_SPARK_MASTER", "spork://nowhere")
    with pytest.raises(
        BackendFailedError, match=r"the master spork://nowhere: .*Master must .*check KMEANS_SPARK_MASTER"
    ):
        spark_session.spark_session()
    monkeypatch.delenv("KMEANS_SPARK_MASTER")
    assert cluster([[0.0], [2.0], [9.0]], 2, backend="spark-rdd").inertia == 2.0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "KMEANS_SPARK_MEMORY",
            "abc",
            "KMEANS_SPARK_MEMORY='abc' is not allowed; give megabytes or gigabytes",
        ),
        ("KMEANS_SPARK_MEMORY", "10m", "at least 512m"),
        ("PYSPARK_PYTHON", "/nowhere/python", "PYSPARK_PYTHON='/nowhere/python' is not a program"),
        (
            "KMEANS_SPARK_MASTER",
            "spark://127.0.0.1:1",
            "No Spark master answers at spark://127.0.0.1:1; start",
        ),
    ],
)
def test_a_wrong_environment_is_a_clear_error_at_once(monkeypatch, name, value, message):
    spark_session.stop()
    monkeypatch.setenv(name, value)
    with pytest.raises(KMeansError, match=message):
        spark_session.spark_session()
    assert spark_session.java_pid() is None


@pytest.mark.parametrize(
    ("gigabytes", "expected"), [(1, "700m"), (2, "700m"), (8, "2048m"), (12, "3072m"), (64, "4096m")]
)
def test_java_takes_a_quarter_of_the_memory(monkeypatch, gigabytes, expected):
    monkeypatch.delenv("KMEANS_SPARK_MEMORY", raising=False)
    monkeypatch.setattr(spark_settings, "memory_bytes", lambda: gigabytes * 2**30)
    assert spark_settings.spark_memory() == expected
    # The executors of a cluster are other machines.
    monkeypatch.setenv("KMEANS_SPARK_MASTER", "spark://host:7077")
    assert spark_settings.spark_memory() == "700m"
    monkeypatch.setenv("KMEANS_SPARK_MEMORY", "1g")
    assert spark_settings.spark_memory() == "1g"


def test_without_java_spark_is_unavailable_and_the_rest_works(monkeypatch):
    from kmeans_core import available_backends

    monkeypatch.setattr(spark_session, "find_java", lambda: None)
    rows = {row.name: row for row in available_backends()}
    for name in ("spark-rdd", "spark-ml"):
        assert not rows[name].available
        assert "Spark needs Java 17 or 21" in rows[name].reason
        with pytest.raises(BackendUnavailableError, match=f"{name} cannot run here: Spark needs Java"):
            cluster([[0.0], [1.0]], 1, backend=name)
    assert rows["numpy"].available
    assert rows["numba"].available
    assert cluster([[0.0], [1.0]], 1).inertia == 0.5
