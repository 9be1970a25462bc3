"""What the machine, or the container around this process, has to give."""

from contextlib import suppress
from pathlib import Path

import psutil

# For the environment of processes that decode pictures: large pages. A third of the time went into faults of
# small ones.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
_GROUPS = Path("/sys/fs/cgroup")


def memory_bytes() -> int:
    """Memory that this process may use: the machine's, or less where a control group says so.

    Returns
    -------
    int
        In bytes.
    """
    sizes = [psutil.virtual_memory().total]
    for file in _limit_files():
        with suppress(OSError, ValueError):  # "max" is no number
            sizes.append(int(file.read_text()))
    return min(sizes)


def _limit_files() -> list[Path]:
    """Those of this process's control groups, version 2 and 1, and of all above them."""
    files = [_GROUPS / "memory.max", _GROUPS / "memory" / "memory.limit_in_bytes"]
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            root, name = (_GROUPS, "memory.max")
            if controllers:
                if "memory" not in controllers.split(","):
                    continue
                root, name = (_GROUPS / "memory", "memory.limit_in_bytes")
            group = root / path.lstrip("/")
            files += [folder / name for folder in (group, *group.parents) if folder.is_relative_to(root)]
    return files


def be_ended_first() -> None:
    """Lets Linux end this process before others when memory runs out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("700")
