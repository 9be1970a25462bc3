"""The most memory that this process has held, as Linux counts it."""

from contextlib import suppress
from pathlib import Path


def forget_peak() -> None:
    """Resets this process's peak in Linux (proc(5), clear_refs)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """Peak resident bytes since the start or since `forget_peak`; 0 if the system does not report it."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
