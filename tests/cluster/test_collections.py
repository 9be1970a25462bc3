"""Collections on real clusters: the same files as from this process, whoever is killed on the way."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from kmeans_core.collections.collection import quantize_collection
from kmeans_core.images.options import QuantizeOptions
from tests.cluster.dask import DaskCluster
from tests.cluster.spark import SparkCluster
from tests.collections.pictures import everything, write_folder, write_picture
from tests.conftest import require

pytestmark = pytest.mark.cluster

# Run by a process of its own. Each line: how far it is; at the end what it did.
SCRIPT = """
import json, sys
from kmeans_core.collections import collection, run
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.images.options import QuantizeOptions

def main(on, source, *outputs):
    for output in outputs:
        output, _, groups = output.partition("=")
        run._MIN_GROUPS = int(groups or run._MIN_GROUPS)
        how = CollectionOptions(on=on, palettes="both")
        report = collection.quantize_collection(
            source, output, QuantizeOptions(n_colors=9), how,
            on_progress=lambda progress: print(progress.stage, progress.done, flush=True),
        )
        print(json.dumps(report.to_json()), flush=True)

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@contextmanager
def driver(tmp_path, cluster, *arguments):
    """A run from a folder where the package cannot be found by accident: workers must get it from there."""
    on = "dask" if isinstance(cluster, DaskCluster) else "spark"
    (tmp_path / "driver.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, tmp_path / "driver.py", on, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | cluster.environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "driver.log").open("a"),
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def reports(process):
    """What it says of each run, when it has ended."""
    return [json.loads(line) for line in process.stdout if line.startswith("{")]


def wait_for(process, stage):
    """Until some of the pictures have passed this stage."""
    for line in process.stdout:
        name, done = line.split(" ", 1) if " " in line else (line, "0")
        if name == stage and int(done) > 0:
            return
    raise AssertionError(f"it ended before {stage}")


def in_this_process(source, output):
    from kmeans_core.collections.options import CollectionOptions

    quantize_collection(
        str(source), str(output), QuantizeOptions(n_colors=9), CollectionOptions(palettes="both")
    )
    return everything(output)


@pytest.fixture
def dask_cluster(tmp_path):
    require("dask")
    folder = tmp_path / "dask"
    folder.mkdir()
    cluster = DaskCluster(folder)
    yield cluster
    cluster.close()


@pytest.fixture
def large_folder(tmp_path):
    """Enough work for a worker to be killed in it."""
    for seed in range(48):
        write_picture(tmp_path / "pictures" / f"{seed % 5}" / f"{seed}.png", seed, size=(500, 300))
    return tmp_path / "pictures"


@pytest.mark.spark
def test_the_same_files_from_a_spark_cluster(spark_cluster, tmp_path):
    folder = write_folder(tmp_path / "pictures")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    expected = in_this_process(folder, tmp_path / "here")
    with driver(tmp_path, spark_cluster, folder, tmp_path / "out=3") as process:
        (done,) = reports(process)
    assert done["failed"] == 1
    assert done["workers"].startswith(f"Spark at {spark_cluster.address}: 2 executors, 2 cores, 512m")
    assert everything(tmp_path / "out") == expected


@pytest.mark.parametrize("n_workers", [1, 2])
def test_the_same_files_from_a_dask_cluster(dask_cluster, tmp_path, n_workers):
    folder = write_folder(tmp_path / "pictures")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    expected = in_this_process(folder, tmp_path / "here")
    for _ in range(n_workers):
        dask_cluster.start_worker()
    outputs = [tmp_path / str(groups) for groups in (1, 3, 16)]
    with driver(tmp_path, dask_cluster, folder, *(f"{each}={each.name}" for each in outputs)) as process:
        done = reports(process)
    assert [report["failed"] for report in done] == [1, 1, 1]
    assert done[0]["workers"].startswith(f"Dask at {dask_cluster.address}: {n_workers} worker")
    for output in outputs:
        assert everything(output) == expected


def lose_workers_and_the_driver(cluster, folder, tmp_path):
    """A worker of two is killed in each pass, then the driver; the second run has less to do."""
    expected = in_this_process(folder, tmp_path / "here")
    output = tmp_path / "out"
    with driver(tmp_path, cluster, folder, output) as process:
        wait_for(process, "counting")
        cluster.kill_worker()
        cluster.start_worker()
        wait_for(process, "writing")
        cluster.kill_worker()
        (report,) = reports(process)
    assert (report["counted"], report["written"], report["failed"]) == (48, 48, 0)
    assert everything(output) == expected
    assert not list(output.glob(".collection/unfinished/*"))

    again = tmp_path / "again"
    with driver(tmp_path, cluster, folder, again) as process:
        wait_for(process, "writing")
        process.send_signal(signal.SIGKILL)
    with driver(tmp_path, cluster, folder, again) as process:
        (report,) = reports(process)
    assert report["counted"] == 0
    assert 0 < report["written"] < 48
    assert everything(again) == expected


@pytest.mark.spark
def test_whoever_dies_on_spark(large_folder, tmp_path):
    require("spark-rdd")
    (tmp_path / "spark").mkdir()
    cluster = SparkCluster(tmp_path / "spark")
    try:
        for _ in range(2):
            cluster.start_worker()
        cluster.wait_for_workers()
        lose_workers_and_the_driver(cluster, large_folder, tmp_path)
    finally:
        cluster.close()


def test_whoever_dies_on_dask(dask_cluster, large_folder, tmp_path):
    for _ in range(2):
        dask_cluster.start_worker()
    lose_workers_and_the_driver(dask_cluster, large_folder, tmp_path)
