"""The one Dask client of this process: started on first use, replaced when it is gone, closed at exit.

Environment:
    KMEANS_DASK_SCHEDULER   address of a running scheduler, such as `tcp://host:8786`. Default: a cluster of
                            worker processes on this machine, one per core, that ends with this process

The workers of a cluster on this machine are started afresh, not forked, so a script that uses them needs the
guard `if __name__ == "__main__":` around its work, as with Python's own `multiprocessing`.
"""

import atexit
import logging
import multiprocessing
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from kmeans_core.backends.packaging import zipped_package
from kmeans_core.errors import BackendFailedError, BackendUnavailableError
from kmeans_core.host import LARGE_PAGES
from kmeans_core.temporary import new_folder

_TIMEOUT_SECONDS = 30
_LOCALHOST = "127.0.0.1"

_log = logging.getLogger(__name__)
_lock = threading.RLock()
_client: Any = None


def scheduler() -> str:
    """Address of the scheduler from the environment; empty for a cluster on this machine."""
    return os.environ.get("KMEANS_DASK_SCHEDULER", "").strip()


def why_dask_is_missing() -> str | None:
    """Why Dask cannot run here, as a sentence that says what to do; None if it can."""
    if find_spec("distributed") is None:
        return "Dask is not installed; run: pip install 'kmeans-studio[dask]'"
    return None


def dask_version() -> str:
    """For example "dask 2026.8.0, on this machine"; empty where it cannot run."""
    if why_dask_is_missing() is not None:
        return ""
    return f"dask {version('dask')}, {scheduler() or 'on this machine'}"


def dask_client() -> Any:
    """The client, a `distributed.Client`; starting it takes some seconds, asking again does not.

    Raises BackendUnavailableError without Dask, BackendFailedError if the scheduler does not answer or has no
    workers.
    """
    global _client
    with _lock:
        if _client is not None and not is_alive():
            _log.warning("Dask's scheduler does not answer any more; another one is started or asked")
            stop()
        if _client is None:
            reason = why_dask_is_missing()
            if reason is not None:
                raise BackendUnavailableError(reason)
            _client = _connect() if scheduler() else _start()
            _log.info("Dask has started, scheduler %s", scheduler() or "on this machine")
            atexit.register(stop)
        _wait_for_workers(_client)
        return _client


def is_alive() -> bool:
    """Whether the client's scheduler answers."""
    if _client is None or _client.status != "running":
        return False
    return bool(_client.scheduler_comm is not None and not _client.scheduler_comm.comm.closed())


def worker_threads(client: Any) -> int:
    """Threads of all workers; 1 while a scheduler has lost its workers, for Dask waits for new ones."""
    threads: int = sum(client.nthreads().values())
    return max(1, threads)


def dashboard() -> str:
    """Address of Dask's own page about what its workers do; empty while there is none."""
    if _client is None or find_spec("bokeh") is None:
        return ""
    return str(_client.dashboard_link or "")


def stop() -> None:
    """Closes the client, and the cluster if it is ours. Does nothing when there is none."""
    global _client
    with _lock:
        client, _client = _client, None
        if client is None:
            return
        with suppress(Exception):  # whatever is wrong with it, it is not used again
            client.close()
        if client.cluster is not None:
            with suppress(Exception):
                client.cluster.close()


def _stop_own_cluster() -> None:
    """Stops the cluster if it is ours."""
    with _lock:
        if _client is not None and _client.cluster is not None:
            stop()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns what Dask raises when its workers or its scheduler are gone into BackendFailedError.

    Our own cluster is stopped then: its scheduler may take a while to notice which workers are left, so the
    next call starts a new one. Wrap it around calls to Dask only, never around a caller's callback.
    """
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except (KilledWorker, CancelledError, CommClosedError, TimeoutError, OSError) as error:
        # A file that a task could not read is an OSError too, and no reason to end the cluster.
        if isinstance(error, KilledWorker | CancelledError | CommClosedError | TimeoutError):
            _stop_own_cluster()
        raise BackendFailedError(
            "A Dask worker ended while it was working (killed, or out of memory). Nothing else is lost. Run "
            "it again; if that happens again, use fewer rows or a cluster with more memory "
            "(KMEANS_DASK_SCHEDULER=tcp://host:8786)."
        ) from error


def _start() -> Any:
    import dask
    from distributed import Client, LocalCluster

    from kmeans_core.clustering.threads import usable_cores

    if getattr(multiprocessing.process.current_process(), "_inheriting", False):
        raise BackendFailedError(
            "A script that uses the backend dask runs again in each worker; put its work under "
            '`if __name__ == "__main__":`.'
        )
    # Workers report errors to the client, which raises them; a log would mix with a command's output.
    dask.config.set({"logging": {"distributed": "critical", "bokeh": "critical", "tornado": "critical"}})
    # One thread in libraries, as Dask has it too; but it also has each worker give back memory at once, whose
    # faults took a third of the time that pictures need.
    single = {f"{name}_NUM_THREADS": 1 for name in ("OMP", "MKL", "OPENBLAS")}
    dask.config.set({"distributed.nanny.pre-spawn-environ": single | LARGE_PAGES})

    def local_cluster() -> LocalCluster:
        return LocalCluster(
            n_workers=usable_cores(),
            threads_per_worker=1,
            host=_LOCALHOST,
            dashboard_address=f"{_LOCALHOST}:0" if find_spec("bokeh") else None,
            worker_dashboard_address=None,
            silence_logs=50,
            local_directory=str(new_folder("dask")),
        )

    try:
        try:
            cluster = local_cluster()
        except RuntimeError as error:  # a worker that ended while it started: Dask does not try again
            _log.warning("Dask did not start (%s); it is started once more", error)
            cluster = local_cluster()
    except (OSError, RuntimeError, TimeoutError) as error:
        raise BackendFailedError(f"Dask did not start on this machine: {error}") from error
    try:
        return Client(cluster)
    except (OSError, RuntimeError, TimeoutError) as error:
        cluster.close()
        raise BackendFailedError(f"Dask did not start on this machine: {error}") from error


def _connect() -> Any:
    """A client of the scheduler in the environment, whose workers get this package."""
    from distributed import Client

    try:
        client = Client(scheduler(), timeout=_TIMEOUT_SECONDS // 3)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise BackendFailedError(
            f"No Dask scheduler answers at {scheduler()} ({type(error).__name__}); start it, correct "
            "KMEANS_DASK_SCHEDULER, or unset that to run on this machine."
        ) from error
    scratch = new_folder("dask")
    try:  # workers that join later get it too
        with translate_errors():
            client.upload_file(str(zipped_package(scratch)))
    except BaseException:
        client.close()
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return client


def _wait_for_workers(client: Any) -> None:
    """Waits for the first worker: those on this machine are restarted after they died."""
    with translate_errors():
        if client.nthreads():
            return
    try:
        client.wait_for_workers(1, timeout=_TIMEOUT_SECONDS)
    except TimeoutError as error:
        where = client.scheduler.address
        raise BackendFailedError(
            f"The Dask scheduler at {where} has no workers; start some: dask worker {where}"
        ) from error
