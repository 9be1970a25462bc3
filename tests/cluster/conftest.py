import pytest

from tests.cluster.spark import SparkCluster
from tests.conftest import require


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory):
    """Two workers."""
    require("spark-rdd")
    cluster = SparkCluster(tmp_path_factory.mktemp("cluster"))
    try:
        for _ in range(2):
            cluster.start_worker()
        cluster.wait_for_workers()
        yield cluster
    finally:
        cluster.close()
