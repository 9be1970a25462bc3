"""Temporary files of this process, all in one folder that nobody else may read.

It goes when the process ends. If that is killed, the next process that needs such a folder removes it: its
name says whose it was.
"""

import atexit
import os
import re
import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import psutil

_PREFIX = "kmeans-studio-"
# Process id, and when the process began, in hundredths of a second: ids are used again.
_NAME = re.compile(rf"{_PREFIX}(\d+)-(\d+)-\w+")
_lock = threading.Lock()
_own: tuple[int, Path] | None = None


def new_folder(name: str) -> Path:
    """A new folder for files of one kind.

    Parameters
    ----------
    name : str
        Begins the folder's name.

    Returns
    -------
    Path
        Readable by this user alone. Removed with everything in it when this process ends; earlier, if its
        user removes it.
    """
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=_folder()))


def keep_everything() -> None:
    """Lets what libraries put into the temporary folder go into this process's own."""
    tempfile.tempdir = os.environ["TMPDIR"] = str(_folder())


def remove_leftovers() -> None:
    """Removes the folders of processes that have ended without doing so."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).iterdir():
            match = _NAME.fullmatch(folder.name)
            if match is not None and _began(int(match[1])) != int(match[2]):
                shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """The folder of this process."""
    global _own
    with _lock:
        parent = Path(tempfile.gettempdir())
        if _own is not None and parent == _own[1]:
            return parent
        # A fork has one of its own.
        if _own is None or _own[0] != os.getpid() or _own[1].parent != parent or not _own[1].is_dir():
            remove_leftovers()
            made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-{_began(os.getpid())}-"))
            _own = (os.getpid(), made)
            atexit.register(_remove, *_own)
        return _own[1]


def _remove(owner: int, folder: Path) -> None:
    if owner == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)


def _began(process: int) -> int:
    """When a process began, in hundredths of a second; 0 if there is none."""
    with suppress(psutil.Error):
        return round(100 * psutil.Process(process).create_time())
    return 0
