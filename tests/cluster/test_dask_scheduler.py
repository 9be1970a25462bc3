"""A real Dask cluster that knows nothing of this package: a scheduler and two workers, each a process."""

import os
import subprocess
import sys

import numpy as np
import pytest
import trustme
from numpy.testing import assert_array_equal

from kmeans_core import cluster
from kmeans_core.backends import dask_session
from kmeans_core.backends.dask_ import DaskBackend
from kmeans_core.errors import BackendFailedError
from tests.cluster.dask import DaskCluster, start
from tests.cluster.spark import free_port
from tests.conftest import require

pytestmark = pytest.mark.cluster
ROLES = ("CLIENT", "SCHEDULER", "WORKER")


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """A cluster without workers, which the next client uses."""
    require("dask")
    dask_session.stop()
    cluster = DaskCluster(tmp_path)
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    yield cluster
    dask_session.stop()
    cluster.close()


@pytest.fixture
def workers(scheduler):
    for _ in range(2):
        scheduler.start_worker()


def test_the_same_bits_from_a_cluster(workers, raccoon):
    start = raccoon.colors[:: len(raccoon.colors) // 6][:6].astype(float)
    expected = cluster(raccoon.colors, 6, weights=raccoon.counts, init=start, backend="numpy", max_iter=8)
    for backend in ("dask", DaskBackend(partitions=7)):
        result = cluster(raccoon.colors, 6, weights=raccoon.counts, init=start, backend=backend, max_iter=8)
        assert_array_equal(result.centers, expected.centers)
        assert_array_equal(result.labels, expected.labels)
        assert result.inertia == expected.inertia
    client = dask_session.dask_client()
    assert client.cluster is None  # none of ours was started
    assert len(client.scheduler_info()["workers"]) == 2
    assert sum(client.nthreads().values()) == 4


def test_seeding_on_the_cluster(workers):
    points = np.random.default_rng(2).normal(size=(5000, 4))
    expected = cluster(points, 9, init="k-means||", backend="numpy", max_iter=3)
    result = cluster(points, 9, init="k-means||", backend=DaskBackend(partitions=5), max_iter=3)
    np.testing.assert_allclose(result.centers, expected.centers, rtol=1e-9)


def test_a_scheduler_without_workers_is_a_clear_error(scheduler, monkeypatch):
    monkeypatch.setattr(dask_session, "_TIMEOUT_SECONDS", 12)
    with pytest.raises(
        BackendFailedError, match=f"at {scheduler.address} has no workers; start some: dask worker"
    ):
        cluster([[0.0], [2.0], [9.0]], 2, backend="dask")


SCRIPT = """
from kmeans_core import cluster
print(cluster([[0.0], [2.0], [9.0]], 2, backend="dask").inertia)
"""


def test_a_scheduler_that_lets_in_who_has_its_certificate(tmp_path):
    """By Dask's own settings, as the environment of whoever has one."""
    require("dask")
    authority = trustme.CA()
    files = {
        "CA_FILE": authority.cert_pem,
        "CERT": authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem,
    }
    for name, content in files.items():
        content.write_to_path(tmp_path / f"{name}.pem")
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    roles = {
        f"{prefix}{role}__{kind}": str(tmp_path / "CERT.pem") for role in ROLES for kind in ("CERT", "KEY")
    }
    secure = {f"{prefix}CA_FILE": str(tmp_path / "CA_FILE.pem"), **roles}
    address = f"tls://127.0.0.1:{free_port()}"
    listening = ("--host", address.rpartition(":")[0], "--port", address.rpartition(":")[2])
    processes = [
        start(tmp_path, "scheduler", *listening, "--no-dashboard", environment=secure),
        start(tmp_path, "worker", address, "--no-nanny", "--no-dashboard", environment=secure),
    ]
    try:
        for environment, code in ((secure, 0), ({}, 1)):
            done = subprocess.run(
                [sys.executable, "-c", SCRIPT],
                env=os.environ | environment | {"KMEANS_DASK_SCHEDULER": address},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == code, done.stderr
            assert done.stdout.strip() == ("2.0" if code == 0 else "")
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert "BackendFailedError: No Dask scheduler answers at" in done.stderr
