"""A table of 2 GB, from file to files by workers: the driver's memory stays small, the result is one.

Takes some ten minutes and 5 GB of disk: `.venv/bin/python -m pytest -m slow tests/large`.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.cluster.conftest import spark_cluster  # noqa: F401 - a fixture
from tests.cluster.spark import SECRET
from tests.conftest import require

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

CLUSTER = {"KMEANS_SPARK_MEMORY": "700m", "KMEANS_SPARK_SECRET": SECRET}
GIGABYTE = 10**9
COLUMNS = [f"x{place}" for place in range(10)]
CENTERS = np.random.default_rng(5).uniform(-50, 50, (5, 10))


@pytest.fixture(scope="module")
def two_gigabytes(tmp_path_factory):
    """Path of a CSV file: rows around five centers, every number with six decimals."""
    path = tmp_path_factory.mktemp("large") / "rows.csv"
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        first = True
        while file.tell() < 2 * GIGABYTE:
            rows = CENTERS[rng.integers(0, 5, 500_000)] + rng.normal(size=(500_000, 10))
            table = pa.table(dict(zip(COLUMNS, np.round(rows, 6).T, strict=True)))
            pa.csv.write_csv(table, file, pa.csv.WriteOptions(include_header=first, quoting_style="none"))
            first = False
    yield path
    path.unlink()


def run(backend, path, output, **environment):
    """The command's report, and the most memory that its own process, and a Java of its own, had at once."""
    command = ["table", str(path), "-k", "5", "--backend", backend, "--output", str(output), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "kmeans_core", *command, "--scaling", "none"],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        cwd=path.parent,
        text=True,
    )
    peak, over = 0, threading.Event()

    def watch():
        nonlocal peak
        driver = psutil.Process(process.pid)
        while not over.wait(0.2):
            try:
                javas = [child for child in driver.children() if "java" in child.name()]
                peak = max(peak, sum(member.memory_info().rss for member in (driver, *javas)))
            except psutil.NoSuchProcess:
                pass

    watcher = threading.Thread(target=watch)
    watcher.start()
    said, _ = process.communicate(timeout=3000)
    over.set()
    watcher.join()
    assert process.returncode == 0
    return json.loads(said), peak


def test_two_gigabytes_without_the_memory(two_gigabytes, tmp_path, spark_cluster, record_property):  # noqa: F811
    reports = {}
    for backend, environment in (
        ("dask", {}),
        ("spark-rdd", CLUSTER | {"KMEANS_SPARK_MASTER": spark_cluster.address}),
        ("minibatch", {}),
    ):
        require(backend)
        output = tmp_path / f"{backend}.parquet"
        report, peak = run(backend, two_gigabytes, output, **environment)
        print(f"{backend}: driver at most {peak / 1e6:,.0f} MB; seconds {report['seconds']}")
        record_property(f"{backend} driver MB", peak / 1e6)
        assert peak < GIGABYTE
        parts = pa.parquet.ParquetDataset(output)
        assert sum(part.count_rows() for part in parts.fragments) == report["rows"]
        assert parts.schema.names == [*COLUMNS, "cluster"]
        reports[backend] = report
        for file in output.iterdir():
            file.unlink()
    dask, spark = reports["dask"], reports["spark-rdd"]
    assert dask["rows"] > 15_000_000
    assert spark["centers"] == dask["centers"]
    assert spark["inertia"] == dask["inertia"]
    assert spark["sizes"] == dask["sizes"]
    found = np.array([list(center.values()) for center in dask["centers"]])
    apart = np.linalg.norm(found[:, None] - CENTERS, axis=2).min(axis=1)
    assert apart.max() < 0.01
    assert reports["minibatch"]["inertia"] == pytest.approx(dask["inertia"], rel=1e-3)
