"""What a reader and its owner write to each other: values with a length in front, see `values.py`.

What is asked goes through the pipe as a whole. Of an answer, the large part is handed over as a file in
memory, which both may map, and nobody copies.
"""

import json
import mmap
import os
import struct
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from kmeans_core.readers.values import pack, unpack
from kmeans_core.temporary import new_folder

_LENGTH = struct.Struct(">Q")
_MAX_TEXT = 64_000_000


def send_request(stream: IO[bytes], request: object) -> None:
    """Writes a value and its buffers."""
    text, buffers = pack(request)
    _write_text(stream, json.dumps([buffer.nbytes for buffer in buffers]).encode())
    _write_text(stream, text)
    for buffer in buffers:
        stream.write(buffer)
    stream.flush()


def receive_request(stream: IO[bytes]) -> Any:
    """The next request. Raises EOFError when the other side is gone."""
    sizes = json.loads(_read_text(stream))
    text = _read_text(stream)
    return unpack(text, [_read(stream, size) for size in sizes])


class Answer:
    """An answer, and the file with its buffers, which is there until the next one is sent."""

    def __init__(self, value: object) -> None:
        self._text, self._buffers = pack(value)

    def send(self, stream: IO[bytes]) -> int | None:
        """Writes it. Returns the file, to be closed when the next request comes, which says that the other
        side has what it wanted; None if it needed none."""
        sizes = [buffer.nbytes for buffer in self._buffers]
        file = _new_file() if sum(sizes) else None
        where: int | str | None = None
        if file is not None:
            number, where = file
            for buffer in self._buffers:
                while buffer:
                    buffer = buffer[os.write(number, buffer) :]
        _write_text(stream, json.dumps([sizes, where]).encode())
        _write_text(stream, self._text)
        stream.flush()
        return file[0] if file else None


def receive_answer(stream: IO[bytes], pid: int, max_bytes: int) -> Any:
    """The answer of the process `pid`. Raises EOFError when it is gone, ValueError for what is no answer, or
    has more than `max_bytes`."""
    sizes, where = json.loads(_read_text(stream))
    text = _read_text(stream)
    if sum(sizes) > max_bytes or any(size < 0 for size in sizes):
        raise ValueError(f"an answer of {sum(sizes):,} bytes")
    return unpack(text, _mapped(sizes, where, pid) if sum(sizes) else [b""] * len(sizes))


def _new_file() -> tuple[int, int | str]:
    """A file without a name where the system has them. Its number here, and by what another process finds
    it."""
    if sys.platform == "linux":
        number = os.memfd_create("answer", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        return number, number
    return tempfile.mkstemp(dir=new_folder("answer"))


def _mapped(sizes: Sequence[int], where: int | str, pid: int) -> list[memoryview]:
    if sys.platform == "linux":
        import fcntl

        file = os.open(f"/proc/{pid}/fd/{int(where)}", os.O_RDWR)
        # What is mapped here must not be cut off there.
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    else:
        file = os.open(where, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        whole = memoryview(mmap.mmap(file, sum(sizes), access=mmap.ACCESS_READ))
    finally:
        os.close(file)
        if isinstance(where, str):
            with suppress(OSError):
                Path(where).unlink()
    parts, at = [], 0
    for size in sizes:
        parts.append(whole[at : at + size])
        at += size
    return parts


def _write_text(stream: IO[bytes], text: bytes) -> None:
    stream.write(_LENGTH.pack(len(text)) + text)


def _read_text(stream: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(_read(stream, _LENGTH.size))
    if length > _MAX_TEXT:
        raise ValueError(f"a text of {length:,} bytes")
    return _read(stream, length)


def _read(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError("the other process has ended")
    return data
