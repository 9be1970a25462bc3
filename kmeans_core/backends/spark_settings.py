"""Where Spark runs and with what: from the environment, checked before anything is started.

Environment:
    KMEANS_SPARK_MASTER   where to run: `local[*]` (default), `local[2]`, `spark://host:7077`, …
    KMEANS_SPARK_MEMORY   heap of the driver and of each executor. Default: on this machine a quarter of its
                          memory, 700m to 4g; on a cluster 700m
    KMEANS_SPARK_SECRET   what a cluster lets its users in by, and encrypts what they send each other with:
                          the `spark.authenticate.secret` that its master and workers have
    PYSPARK_PYTHON        the Python of the executors, default: the one that runs this
"""

import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from kmeans_core.backends.java import Java
from kmeans_core.errors import BackendFailedError, OptionError
from kmeans_core.host import LARGE_PAGES, memory_bytes

_DEFAULT_MASTER = "local[*]"
_MIN_MEGABYTES, _MAX_MEGABYTES = 700, 4096
# The address of a Unix socket, on the system that has the shortest.
_MAX_SOCKET_PATH = 104


def master() -> str:
    """Where Spark runs, from the environment."""
    return os.environ.get("KMEANS_SPARK_MASTER", "").strip() or _DEFAULT_MASTER


def is_local() -> bool:
    """Whether Spark runs inside a Java of this process, not on a cluster."""
    return master().startswith("local")


def spark_memory() -> str:
    """The heap of driver and executors as it is set, such as "700m"."""
    return os.environ.get("KMEANS_SPARK_MEMORY", "").strip() or _default_memory()


def check_environment() -> None:
    """Raises OptionError for a wrong environment, BackendFailedError for a master that does not answer."""
    _check_memory()
    _check_python()
    _check_master_answers()


def settings(scratch: Path) -> list[tuple[str, str]]:
    """What a session is started with. scratch: a folder of its own."""
    memory = spark_memory().lower()
    settings = {
        "spark.master": master(),
        "spark.app.name": "K-means Studio",
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        # One collector thread: several would only fight the workers for the cores of a small host. And a Java
        # that is out of memory must exit, which we notice and report: Spark ML would wait for ever for the
        # lost task.
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError "
        f"-XX:-UsePerfData -Djava.io.tmpdir={scratch}",
        "spark.log.level": "ERROR",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        # Without Arrow a table travels row by row, minutes for a photograph: better an error.
        "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
        **{f"spark.executorEnv.{name}": value for name, value in LARGE_PAGES.items()},
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    }
    if hasattr(socket, "AF_UNIX") and len(f"{scratch}/.{uuid4()}.sock") < _MAX_SOCKET_PATH:
        # Over TCP, each job waits twice for an acknowledgment: an empty one takes 80 ms instead of 40.
        settings["spark.python.unix.domain.socket.enabled"] = "true"
    if _is_on_this_machine():
        settings["spark.driver.host"] = settings["spark.driver.bindAddress"] = "127.0.0.1"
        settings["spark.local.dir"] = str(scratch)
    if secret := os.environ.get("KMEANS_SPARK_SECRET", "").strip():
        settings |= {
            "spark.authenticate": "true",
            "spark.authenticate.secret": secret,
            "spark.network.crypto.enabled": "true",
        }
    return list(settings.items())


@contextmanager
def environment(java: Java) -> Iterator[None]:
    """The environment that Spark starts in; this process's own is left as it was."""
    wanted = {"JAVA_HOME": str(java.home), **LARGE_PAGES}
    wanted["PYSPARK_PYTHON"] = os.environ.get("PYSPARK_PYTHON", sys.executable)
    if _is_on_this_machine():
        wanted["SPARK_LOCAL_IP"] = os.environ.get("SPARK_LOCAL_IP", "127.0.0.1")
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def worker_environment(java: Java) -> dict[str, str]:
    """What a master or a worker of a cluster is started with, beside the environment there is."""
    options = os.environ.get("SPARK_DAEMON_JAVA_OPTS", "")
    if secret := os.environ.get("KMEANS_SPARK_SECRET", "").strip():
        options += f" -Dspark.authenticate=true -Dspark.authenticate.secret={secret}"
    return {
        "JAVA_HOME": str(java.home),
        "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON", sys.executable),
        "SPARK_DAEMON_JAVA_OPTS": options.strip(),
        # By default beside Spark itself, where an image's user may not write.
        "SPARK_WORKER_DIR": os.environ.get(
            "SPARK_WORKER_DIR", str(Path(tempfile.gettempdir(), "spark-work"))
        ),
    }


def _check_memory() -> None:
    """Spark itself refuses less than 450 MiB."""
    given = spark_memory()
    match = re.fullmatch(r"(\d+)([mg])", given.lower())
    if match is None or int(match[1]) * {"m": 1, "g": 1024}[match[2]] < 512:
        raise OptionError(
            f"KMEANS_SPARK_MEMORY={given!r} is not allowed; give megabytes or gigabytes, at least 512m, "
            "such as 700m or 2g."
        )


def _default_memory() -> str:
    """700m, plus Python and a web server, fits a host with 2 GB. It was enough for Spark ML on 0.8
    megapixels, and too little on 3.
    """
    if not is_local():
        return f"{_MIN_MEGABYTES}m"
    quarter = memory_bytes() // 2**20 // 4
    return f"{min(max(quarter, _MIN_MEGABYTES), _MAX_MEGABYTES)}m"


def _check_python() -> None:
    given = os.environ.get("PYSPARK_PYTHON")
    if given and _is_on_this_machine() and shutil.which(given) is None:
        raise OptionError(
            f"PYSPARK_PYTHON={given!r} is not a program on this machine; name a Python, or unset it to use "
            "the one that runs this."
        )


def _check_master_answers() -> None:
    """A master that is not there costs Spark a minute, and ends in a message about something else."""
    if not master().startswith("spark://"):
        return
    for address in master().removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        with suppress(OSError, ValueError), socket.create_connection((host, int(port)), timeout=5):
            return
    raise BackendFailedError(
        f"No Spark master answers at {master()}; start it, correct KMEANS_SPARK_MASTER, or unset that to run "
        "on this machine."
    )


def _is_on_this_machine() -> bool:
    return is_local() or "//127.0.0.1" in master() or "//localhost" in master()
