"""A real standalone Spark cluster: a master and two workers, each a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import pytest

from kmeans_core import cluster
from kmeans_core.backends.java import find_java
from tests.conftest import require
from tests.quick_java import quick_options

pytestmark = [pytest.mark.cluster, pytest.mark.spark]

SECRET = "known-to-the-cluster"
SCRIPT = """
import json, sys
import numpy as np
from kmeans_core import cluster, available_backends
from kmeans_core.backends.spark_rdd import SparkRddBackend
from kmeans_core.backends import spark_session

data = np.load(sys.argv[1])
results = {}
for name, backend in (("rdd", "spark-rdd"), ("rdd-7", SparkRddBackend(partitions=7)), ("ml", "spark-ml")):
    start = None if name == "ml" else data["start"]
    init = "k-means++" if start is None else start
    result = cluster(data["colors"], 6, weights=data["weights"], backend=backend, init=init, max_iter=8)
    results[name] = {"centers": result.centers.tolist(), "inertia": result.inertia}
context = spark_session.spark_session().sparkContext
results["master"] = context.master
results["executors"] = context._jsc.sc().getExecutorMemoryStatus().size() - 1
print(json.dumps(results))
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    """Address of a running master with two workers of one core."""
    require("spark-rdd")
    folder = tmp_path_factory.mktemp("cluster")
    spark_class = Path(find_spec("pyspark").origin).parent / "bin" / "spark-class"
    environment = os.environ | {
        "JAVA_HOME": str(find_java().home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder),
        "PYSPARK_PYTHON": sys.executable,
        "JDK_JAVA_OPTIONS": quick_options(),  # read by the workers' executors too
        "SPARK_DAEMON_JAVA_OPTS": f"-Dspark.authenticate=true -Dspark.authenticate.secret={SECRET}",
    }
    port, web_port = free_port(), free_port()
    address = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    commands = [
        [
            f"{deploy}.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--webui-port",
            str(web_port),
        ],
        *[[f"{deploy}.worker.Worker", "-c", "1", "-m", "1200m", "--webui-port", "0", address]] * 2,
    ]
    with (folder / "log").open("w") as log:
        processes = [
            subprocess.Popen([spark_class, *command], env=environment, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            _wait_for_workers(web_port, 2)
            yield address
        finally:
            tree = [
                member
                for process in processes
                for member in (
                    psutil.Process(process.pid),
                    *psutil.Process(process.pid).children(recursive=True),
                )
            ]
            for member in tree:
                member.terminate()
            psutil.wait_procs(tree, timeout=20)


def _wait_for_workers(web_port, count):
    end = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{web_port}/json/", timeout=2) as answer:
                if json.load(answer)["aliveworkers"] == count:
                    return
        except OSError:
            pass
        assert time.monotonic() < end, "the cluster did not come up"
        time.sleep(0.3)


def test_the_same_bits_from_a_cluster(master, tmp_path):
    rng = np.random.default_rng(0)
    colors = np.unique(rng.integers(0, 256, (5000, 3)), axis=0).astype(np.uint8)
    weights = rng.integers(1, 50, len(colors))
    start = colors[rng.choice(len(colors), 6, replace=False)].astype(float)
    np.savez(tmp_path / "data.npz", colors=colors, weights=weights, start=start)

    # From a folder where the package cannot be found by accident: executors must get it from the driver.
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "data.npz")],
        env=os.environ
        | {
            "KMEANS_SPARK_MASTER": master,
            "KMEANS_SPARK_MEMORY": "512m",
            "KMEANS_SPARK_SECRET": SECRET,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert results["master"] == master
    assert results["executors"] == 2

    expected = cluster(colors, 6, weights=weights, init=start, max_iter=8, backend="numpy")
    for name in ("rdd", "rdd-7"):
        assert results[name]["centers"] == expected.centers.tolist()
        assert results[name]["inertia"] == expected.inertia
    assert results["ml"]["inertia"] == pytest.approx(expected.inertia, rel=0.1)
