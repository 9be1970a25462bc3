"""`python -m tests.load.kills`: the worker is killed twenty times; what comes next, and what is left.

Half of the kills come in the middle of a job, half between two.
"""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import load_picture
from kmeans_core.jobs.job import Job, JobState
from kmeans_core.jobs.supervisor import Supervisor
from kmeans_core.locations import ASSETS

_KILLS = 20


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        worker, rng, good = Supervisor(), random.Random(0), 0
        for number in range(_KILLS):
            job = _submit(worker, "spark-rdd" if number % 4 == 0 else "numba")
            if number % 2:
                job.wait(120)
            else:
                time.sleep(rng.uniform(0.2, 3))
            if worker.pid is not None:
                os.kill(worker.pid, signal.SIGKILL)
            job.wait(120)
            after = _submit(worker, "numba")
            after.wait(120)
            good += after.state is JobState.DONE
        worker.close()
        left = [path.name for path in Path(folder).iterdir()]
        tempfile.tempdir = None
    print(f"| next run done | {good} of {_KILLS} |\n| left in the temporary folder | {len(left)} |")
    print(*left, sep="\n")
    return int(good < _KILLS or bool(left))


def _submit(worker: Supervisor, backend: str) -> Job:
    options = QuantizeOptions.of(n_colors=16, backend=backend)
    picture = load_picture(ASSETS / "samples" / "cat.png")
    return worker.submit("kmeans_core.jobs.tasks:quantize_loaded", picture=picture, options=options)


if __name__ == "__main__":
    sys.exit(main())
