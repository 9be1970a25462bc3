"""What a measurement ran on."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from kmeans_core import __version__
from kmeans_core.backends import compared_backends
from kmeans_core.backends.java import find_java
from kmeans_core.backends.spark_settings import spark_memory
from kmeans_core.bench.measuring.own_code import own_code
from kmeans_core.clustering.threads import usable_cores

Environment = Mapping[str, str | int | float]

# What makes two machines the same machine for selection results up.
IDENTITY = ("cpu", "cores", "memory_gb", "system")


def describe_machine() -> dict[str, str | int | float]:
    """Processor, usable cores, memory in GB, system and Python of this machine."""
    return {
        "cpu": _cpu_name(),
        "cores": usable_cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "os": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def describe_environment() -> dict[str, str | int | float]:
    """The machine, the version of every package whose time is measured, of Java, and of this project and its
    kernels."""
    java = find_java()
    packages = dict.fromkeys(package for backend in compared_backends() for package in backend.packages)
    versions = {package: _version(package) for package in packages}
    return {
        **describe_machine(),
        **versions,
        "java": f"{java.version} ({java.origin})" if java is not None else "",
        "spark_memory": spark_memory(),
        "kmeans_core": __version__,
        "commit": _commit(),
        "code": own_code(),
    }


def machine_id(environment: Environment) -> str:
    """The same for measurements that may be compared: processor, cores, memory and system agree.

    Parameters
    ----------
    environment : mapping
        From `describe_environment()`.

    Returns
    -------
    str
        12 hexadecimal digits.
    """
    text = "|".join(str(environment.get(name, "")) for name in IDENTITY)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def is_same_code(environment: Environment) -> bool:
    """Whether what was measured in an environment has the kernels that are here."""
    return environment.get("code") == own_code()


def machine_title(environment: Environment) -> str:
    """For people: "AMD EPYC, 2 cores, 24 GB, Linux"."""
    cores = environment["cores"]
    return (
        f"{environment['cpu']}, {cores} {'core' if cores == 1 else 'cores'}, "
        f"{environment['memory_gb']} GB, {environment['system']}"
    )


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if os.name == "posix" and info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """The commit of this project's checkout, with a plus sign if files have been changed since; empty where
    there is no checkout."""
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return ""
    try:
        commit, changes = (
            subprocess.run(
                ["git", "-C", str(root), *arguments],
                capture_output=True,
                text=True,
                check=True,
                timeout=10,
            ).stdout.strip()
            for arguments in (["rev-parse", "--short=10", "HEAD"], ["status", "--porcelain", "-uno"])
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit}+" if changes else commit
