"""A real standalone Spark cluster: a master and two workers, each a process of its own."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from kmeans_core import cluster

pytestmark = [pytest.mark.cluster, pytest.mark.spark]

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


def test_the_same_bits_from_a_cluster(spark_cluster, tmp_path):
    rng = np.random.default_rng(0)
    colors = np.unique(rng.integers(0, 256, (5000, 3)), axis=0).astype(np.uint8)
    weights = rng.integers(1, 50, len(colors))
    start = colors[rng.choice(len(colors), 6, replace=False)].astype(float)
    np.savez(tmp_path / "data.npz", colors=colors, weights=weights, start=start)

    # From a folder where the package cannot be found by accident: executors must get it from the driver.
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "data.npz")],
        env=os.environ | spark_cluster.environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert results["master"] == spark_cluster.address
    assert results["executors"] == 2

    expected = cluster(colors, 6, weights=weights, init=start, max_iter=8, backend="numpy")
    for name in ("rdd", "rdd-7"):
        assert results[name]["centers"] == expected.centers.tolist()
        assert results[name]["inertia"] == expected.inertia
    assert results["ml"]["inertia"] == pytest.approx(expected.inertia, rel=0.1)
