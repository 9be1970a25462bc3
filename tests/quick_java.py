"""Java for tests: starts and compiles quickly. `python -m tests.quick_java` prepares it.

Code of tests runs too briefly to win back what the thorough compiler costs. Spark's classes are read from an
archive that Java makes of those it has loaded (class data sharing), once per Java and Spark. Together they
take the start of Spark from 10 s to 5 s, and there are dozens of them.
"""

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from kmeans_core.backends.java import find_java

ROOT = Path(__file__).parents[1]
_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_SPARK = """
import numpy as np
from kmeans_core import cluster
points = np.random.default_rng(0).normal(size=(2000, 3))
for backend in ("spark-rdd", "spark-ml"):
    cluster(points, 3, backend=backend, max_iter=2)
from pyspark import SparkContext
java = SparkContext._gateway.proc
try:
    SparkContext._gateway.jvm.System.exit(0)  # the archive is written now
except Exception:
    java.wait()
"""


def set_environment() -> None:
    """For every Java that Spark starts from here on, unless its options are set already."""
    os.environ.setdefault("SPARK_SUBMIT_OPTS", quick_options())


def quick_options() -> str:
    """Options of a Java that is to start and compile quickly."""
    archive = _archive()
    shared = f" -XX:SharedArchiveFile={archive} -Xlog:disable" if archive and archive.exists() else ""
    return _QUICK + shared


def _archive() -> Path | None:
    """Where the archive is or will be; None without Java."""
    java = find_java()
    if java is None:
        return None
    made_of = f"{java.home} {java.version} {version('pyspark')} {sys.prefix}"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kmeans-studio"
    return cache / f"tests-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.jsa"


def main() -> None:
    archive = _archive()
    if archive is None or archive.exists():
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_suffix(f".{os.getpid()}")
    options = f"{_QUICK} -XX:ArchiveClassesAtExit={unfinished}"
    print("Preparing Java for the tests, once.", flush=True)
    subprocess.run(
        [sys.executable, "-c", _SPARK],
        cwd=ROOT,
        env=os.environ | {"SPARK_SUBMIT_OPTS": options},
        capture_output=True,  # Spark complains that Java ends
        check=False,
    )
    if unfinished.exists():
        unfinished.replace(archive)


if __name__ == "__main__":
    main()
