"""Messages between the worker and its supervisor: pickles, their arrays behind them, lengths in front.

Only used between this program and the process that it started itself.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any

_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True)
class StartJob:
    """To the worker: call `task` ("module:function") with these arguments."""

    job: str
    task: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class StopJob:
    """To the worker: end that job at its next progress report."""

    job: str


@dataclass(frozen=True)
class Progress:
    """From the worker: what the task passed to `on_progress`."""

    job: str
    value: Any


@dataclass(frozen=True)
class Done:
    """From the worker: what the task returned."""

    job: str
    result: Any


@dataclass(frozen=True)
class Failed:
    """From the worker: why the task ended without a result, in words for people."""

    job: str
    message: str
    stopped: bool = False


def send(stream: IO[bytes], message: object) -> None:
    """Writes a message. Its arrays go as they are: the copies of a large picture would be a burden."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    parts = [memoryview(data), *(buffer.raw() for buffer in buffers)]
    stream.write(_LENGTH.pack(len(parts)) + b"".join(_LENGTH.pack(part.nbytes) for part in parts))
    for part in parts:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message. Raises EOFError when the other side is gone."""
    lengths = [_length(stream) for _ in range(_length(stream))]
    data, *buffers = [_read(stream, length) for length in lengths]
    return pickle.loads(data, buffers=buffers)


def _length(stream: IO[bytes]) -> int:
    (length,) = _LENGTH.unpack(_read(stream, _LENGTH.size))
    return int(length)


def _read(stream: IO[bytes], length: int) -> bytearray:
    """So many bytes, which arrays may be made of and written to."""
    data = bytearray(length)
    # Every binary stream can; its type does not say so.
    if stream.readinto(data) < length:  # type: ignore[attr-defined]
        raise EOFError("the other process has ended")
    return data
