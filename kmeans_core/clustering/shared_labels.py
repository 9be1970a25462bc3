"""What is kept of the rows of a partition, in files that all processes of a machine share: any of them can go
on where another one stopped.

Spark gives a partition to whichever of its processes is free, and one that had not seen the partition since
some iterations would have to score all of its rows again.
"""

import os
import pickle
import uuid
from pathlib import Path
from typing import Any

import numpy as np

_TOKEN_BYTES = 16


class SharedLabels:
    """labels, room: (n,) as of `table_state.Rows`, mapped from a file.

    Beside them is a file with the rest of the state that they belong to, which is removed before they change
    and written anew when that is done. So labels of work that was broken off are never taken for whole.
    """

    def __init__(self, folder: Path, offset: int, n_points: int) -> None:
        mapped = np.asarray(np.memmap(_rows_file(folder, offset), np.int32, "r+", shape=(2, n_points)))
        self.labels, self.room = mapped[0], mapped[1].view(np.float32)
        self._file = folder / f"state-{offset}"
        self._token = b""

    @staticmethod
    def allocate(folder: Path, offset: int, n_points: int) -> None:
        """Makes the file, once for all processes. Raises OSError where there is no room for it, which would
        kill a process that wrote to memory mapped from it."""
        size = 8 * n_points
        with _rows_file(folder, offset).open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)

    def are_mine(self) -> bool:
        """Whether nobody has changed them since `store()` or `load()`."""
        try:
            with self._file.open("rb") as file:
                return file.read(_TOKEN_BYTES) == self._token
        except FileNotFoundError:
            return False

    def load(self) -> Any:
        """The state that they belong to; None if they are of no use."""
        try:
            with self._file.open("rb") as file:
                self._token = file.read(_TOKEN_BYTES)
                return pickle.load(file)
        except FileNotFoundError:
            return None

    def invalidate(self) -> None:
        """To be called before they change."""
        self._file.unlink(missing_ok=True)

    def store(self, state: Any) -> None:
        """To be called when they have changed: the state that they belong to now."""
        self._token = uuid.uuid4().bytes
        new = self._file.with_name(f"{self._file.name}-{os.getpid()}")
        new.write_bytes(self._token + pickle.dumps(state, pickle.HIGHEST_PROTOCOL))
        new.replace(self._file)


def _rows_file(folder: Path, offset: int) -> Path:
    return folder / f"labels-{offset}"
