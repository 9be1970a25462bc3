"""Temporary files of this process, all in one folder that nobody else may read.

It goes when the process ends. If that is killed, the next process that needs such a folder removes it: a
lock on the folder, which the system takes back from a process that has ended, however it did, says whether it
still has an owner. (A process id would not: it is used again, and another container has its own.)
"""

import atexit
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

# Nobody names a folder of his own like this.
_PREFIX = "kmeans-studio.tmp-"
# Until it is locked, a folder has a name that nobody looks for.
_UNLOCKED_PREFIX = f".{_PREFIX}"
_thread_lock = threading.Lock()
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
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                file = _locked(folder)
                try:
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(file)


def _folder() -> Path:
    """The folder of this process."""
    global _own
    with _thread_lock:
        parent = Path(tempfile.gettempdir())
        if _own is not None and parent == _own[1]:
            return parent
        # A fork has one of its own.
        if _own is None or _own[0] != os.getpid() or _own[1].parent != parent or not _own[1].is_dir():
            remove_leftovers()
            made = Path(tempfile.mkdtemp(prefix=_UNLOCKED_PREFIX))
            with suppress(OSError):
                _locked(made)  # until this process ends
            _own = (os.getpid(), made.rename(made.with_name(made.name.removeprefix("."))))
            atexit.register(_remove, *_own)
        return _own[1]


def _remove(owner: int, folder: Path) -> None:
    if owner == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)


def _locked(folder: Path) -> int:
    """A file that holds the lock on a folder until it is closed.

    Raises OSError for what another process has locked, is no folder, or belongs to somebody else, and where
    the system has no such locks (Windows): there, leftovers stay until the user empties the folder.
    """
    try:
        import fcntl
    except ImportError as error:
        raise OSError("no locks on folders") from error
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file
