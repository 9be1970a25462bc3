"""A standalone Spark cluster of processes: a master, and workers of one core that can be killed."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from kmeans_core.backends.java import find_java
from tests.quick_java import quick_options

SECRET = "known-to-the-cluster"
_DEPLOY = "org.apache.spark.deploy"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class SparkCluster:
    """folder: for what its processes write."""

    def __init__(self, folder):
        self.folder = folder
        self.workers = []
        port, self.web_port = free_port(), free_port()
        self.address = f"spark://127.0.0.1:{port}"
        self.master = self._start(
            f"{_DEPLOY}.master.Master",
            *("--host", "127.0.0.1", "--port", str(port), "--webui-port", str(self.web_port)),
        )

    @property
    def environment(self):
        """What a program that uses it needs to know."""
        return {
            "KMEANS_SPARK_MASTER": self.address,
            "KMEANS_SPARK_MEMORY": "512m",
            "KMEANS_SPARK_SECRET": SECRET,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def start_worker(self):
        worker = f"{_DEPLOY}.worker.Worker"
        self.workers.append(self._start(worker, "-c", "1", "-m", "1200m", "--webui-port", "0", self.address))

    def wait_for_workers(self):
        """Until all that have been started are known to the master."""
        end = time.monotonic() + 90
        while self._count_workers() < len(self.workers):
            assert time.monotonic() < end, "the cluster did not come up"
            time.sleep(0.3)

    def kill_worker(self):
        """As if a machine had lost its power: the oldest worker and all that it has started."""
        _end([self.workers.pop(0)], psutil.Process.kill)

    def close(self):
        _end([*self.workers, self.master], psutil.Process.terminate)

    def _start(self, *command):
        spark_class = Path(find_spec("pyspark").origin).parent / "bin" / "spark-class"
        environment = os.environ | {
            "JAVA_HOME": str(find_java().home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_WORKER_DIR": str(self.folder),
            "PYSPARK_PYTHON": sys.executable,
            "JDK_JAVA_OPTIONS": quick_options(),  # read by the workers' executors too
            "SPARK_DAEMON_JAVA_OPTS": f"-Dspark.authenticate=true -Dspark.authenticate.secret={SECRET}",
        }
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen([spark_class, *command], env=environment, stdout=log, stderr=log)

    def _count_workers(self):
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}/json/", timeout=2) as answer,
        ):
            return json.load(answer)["aliveworkers"]
        return 0


def _end(processes, how):
    tree = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(process.pid)
            tree += [first, *first.children(recursive=True)]
    for member in tree:
        with suppress(psutil.NoSuchProcess):
            how(member)
    psutil.wait_procs(tree, timeout=20)
