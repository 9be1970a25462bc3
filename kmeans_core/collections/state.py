"""The output folder of a collection: pictures, and what is kept of the work that made them."""

import errno
import os
import posixpath
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kmeans_core.collections.files import STATE_FOLDER, local_path
from kmeans_core.errors import OutputError

# Where files are until they are whole, and what a run needs only itself; it goes when the run ends.
UNFINISHED = f"{STATE_FOLDER}/unfinished"
# Counts that are added up on the way.
MERGED = "merged-"


class OutputFolder:
    """A folder here or in an object store, on the driver and on workers alike. url: of fsspec.
    address: the same in full."""

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs

        self.url = url
        try:
            self._files, self._path = url_to_fs(url)
        except (OSError, ValueError, ImportError) as error:
            raise OutputError(f"{url} cannot be written: {error}.") from None
        self.address = str(self._files.unstrip_protocol(self._path)).rstrip("/")
        self._is_local = "file" in (self._files.protocol, *self._files.protocol)

    def make(self) -> None:
        """Makes it, and forgets what a run that was killed did not finish. Raises OutputError."""
        try:
            self._files.makedirs(self.path(STATE_FOLDER), exist_ok=True)
            if self._files.exists(self.path(UNFINISHED)):
                self._files.rm(self.path(UNFINISHED), recursive=True)
            for file in self.state_files(MERGED):
                self.remove(file)
        except OSError as error:
            raise OutputError(f"{self.url} cannot be written: {error.strerror or error}.") from None

    def below(self, url: str) -> str | None:
        """Where a file is in it, wherever links lead, by its URL; None if it is elsewhere."""
        address, path = self.address, local_path(url)
        if path is not None and self._is_local:
            address, url = str(Path(self._path).resolve()), str(path.resolve())
        return url.removeprefix(f"{address}/") if url.startswith(f"{address}/") else None

    def path(self, name: str) -> str:
        """Of a file below it."""
        return posixpath.join(self._path, name)

    def write(self, name: str, data: bytes) -> None:
        """Writes a file, all of it or nothing. Raises OSError."""
        if not self._is_local:  # stores take a file as a whole
            self._files.pipe_file(self.path(name), data)
            return
        if not Path(self._path).is_dir():  # whoever removed it does not want it back
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self._path)
        unfinished, place = (Path(self.path(one)) for one in (f"{UNFINISHED}/{uuid.uuid4().hex}", name))
        for each in (unfinished, place):
            each.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.write_bytes(data)
            unfinished.replace(place)
        finally:
            unfinished.unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        data: bytes = self._files.cat_file(self.path(name))
        return data

    def exists(self, name: str) -> bool:
        return bool(self._files.exists(self.path(name)))

    def open(self, name: str) -> Any:
        return self._files.open(self.path(name), "rb")

    def state_files(self, prefix: str) -> list[str]:
        """Names of what is kept there and begins so, in order."""
        with suppress(FileNotFoundError):
            found = self._files.ls(self.path(STATE_FOLDER), detail=False, refresh=True)
            names = (posixpath.basename(one) for one in found)
            return sorted(f"{STATE_FOLDER}/{name}" for name in names if name.startswith(prefix))
        return []

    def files_in(self, folder: str, pattern: str) -> list[str]:
        """Names of the files in a folder of it that a pattern matches."""
        found = self._files.glob(posixpath.join(self.path(folder), pattern))
        return sorted(posixpath.join(folder, posixpath.basename(one)) for one in found)

    def outputs(self) -> Iterator[str]:
        """Names of all files in it that are not its own."""
        for folder, folders, found in self._files.walk(self._path):
            if STATE_FOLDER in folders:
                folders.remove(STATE_FOLDER)
            below = folder.removeprefix(self._path).strip("/")
            yield from (posixpath.join(below, name) for name in found)

    def remove(self, name: str) -> None:
        with suppress(OSError):
            self._files.rm(self.path(name), recursive=True)

    def tidy(self) -> None:
        """Removes what workers that were killed did not finish."""
        self.remove(UNFINISHED)
