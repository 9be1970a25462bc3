"""A Dask cluster of processes that know nothing of this package."""

import os
import subprocess
import sys

from tests.cluster.spark import free_port


class DaskCluster:
    """A scheduler, and workers of two threads that can be killed. folder: empty, where they run, so that they
    can import nothing of ours."""

    def __init__(self, folder):
        self.folder = folder
        self.workers = []
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        options = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        self.scheduler = start(folder, "scheduler", *options)

    @property
    def environment(self):
        """What a program that uses it needs to know."""
        return {"KMEANS_DASK_SCHEDULER": self.address}

    def start_worker(self, n_threads=2):
        options = ("--nthreads", str(n_threads), "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        self.workers.append(start(self.folder, "worker", self.address, *options))

    def kill_worker(self):
        """The oldest."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait()

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def start(folder, *command, environment=None):
    """A Dask program."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *command],
        cwd=folder,
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=(folder / f"{command[0]}.log").open("a"),
    )
