"""What a measurement ran on."""

import os
import platform
from pathlib import Path

import psutil

from kmeans_core.backends.numba_ import usable_cores


def describe_machine() -> dict[str, str | int | float]:
    """Processor, cores, memory in GB, operating system and Python of this machine."""
    return {
        "cpu": _cpu_name(),
        "cores": usable_cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "os": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if os.name == "posix" and info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
