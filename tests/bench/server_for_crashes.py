"""What the app's server does with a benchmark run, without the web: a supervisor, a worker, a store.

`python -m tests.bench.server_for_crashes STORE BACKENDS` measures small cells until it is killed.
"""

import sys
from pathlib import Path
from typing import Any

from kmeans_core.backends.spark_session import NeedsSpark
from kmeans_core.bench.measuring.cases import PictureSource, Plan
from kmeans_core.bench.measuring.limits import Limits
from kmeans_core.bench.measuring.presets import grid
from kmeans_core.bench.measuring.runner import run_in_worker
from kmeans_core.jobs.supervisor import Supervisor
from tests.conftest import ASSETS

SOURCE = PictureSource.of(ASSETS / "samples" / "cat.png")


def plan(backends: list[str]) -> Plan:
    return Plan.of(grid([SOURCE], backends, (2, 3, 4, 5), (1, 5, 10)))


def run_briefly(**arguments: Any) -> Any:
    """As `run_in_worker()`, without time for Spark to warm up."""
    NeedsSpark.warm_up_seconds = 0.5
    return run_in_worker(**arguments)


def main() -> None:
    store, backends = Path(sys.argv[1]), sys.argv[2].split(",")
    worker = Supervisor()
    job = worker.submit(
        "tests.bench.server_for_crashes:run_briefly",
        fresh_process=True,
        plan=plan(backends),
        store=store,
        repeat=3,
        fresh=True,
        limits=Limits(),
    )
    job.wait()
    print(job.state, job.message)
    worker.close()


if __name__ == "__main__":
    main()
