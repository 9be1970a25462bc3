"""`spark`: a master and workers of a standalone cluster, by the Spark and the Java that this package has."""

import argparse
import os
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kmeans_core.errors import BackendUnavailableError

_CLASSES = {
    "master": "org.apache.spark.deploy.master.Master",
    "worker": "org.apache.spark.deploy.worker.Worker",
}


def add_command(commands: Any) -> None:
    command = commands.add_parser(
        "spark",
        help="run a master or a worker of a Spark cluster",
        description="Runs Spark's own program, with the Java that this package finds, until it is stopped. "
        "KMEANS_SPARK_SECRET is the secret of the cluster, if it has one; options of Spark's program, such "
        "as --port, --cores and --memory, can follow.",
    )
    command.set_defaults(run=_spark, kept="nothing changed", extra="spark", takes_more=True)
    command.add_argument("role", choices=list(_CLASSES), help="what to run")
    command.add_argument("address", nargs="?", metavar="SPARK", help="of the master, for a worker: spark://…")


def _spark(options: argparse.Namespace) -> int:
    from kmeans_core.backends.java import find_java
    from kmeans_core.backends.spark_session import why_spark_is_missing
    from kmeans_core.backends.spark_settings import worker_environment

    reason = why_spark_is_missing()
    java, pyspark = find_java(), find_spec("pyspark")
    if reason is not None or java is None or pyspark is None or pyspark.origin is None:
        raise BackendUnavailableError(reason or "Spark is not installed.")
    program = Path(pyspark.origin).parent / "bin" / "spark-class"
    arguments = [str(program), _CLASSES[options.role], *options.more]
    if options.address:
        arguments.append(options.address)
    # As a child: this process owns the folder that a Java may be started from, and with it goes the folder.
    process = subprocess.Popen(arguments, env=os.environ | worker_environment(java))
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
