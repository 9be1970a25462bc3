"""A standalone Spark cluster of processes: a master, and workers of one core that can be killed."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from tests.quick_java import quick_options

SECRET = "known-to-the-cluster"


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
            "master", *("--host", "127.0.0.1", "--port", str(port), "--webui-port", str(self.web_port))
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
        options = ("--cores", "1", "--memory", "1200m", "--webui-port", "0")
        self.workers.append(self._start("worker", self.address, *options))

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

    def _start(self, *arguments):
        environment = os.environ | {
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_WORKER_DIR": str(self.folder),
            "JDK_JAVA_OPTIONS": quick_options(),  # read by the workers' executors too
            "KMEANS_SPARK_SECRET": SECRET,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        with (self.folder / "log").open("a") as log:
            command = [sys.executable, "-m", "kmeans_core", "spark", *arguments]
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

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
