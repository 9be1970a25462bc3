"""Messages between the worker process and its supervisor: pickles with their length in front.

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
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message. Raises EOFError when the other side is gone."""
    (length,) = _LENGTH.unpack(_read(stream, _LENGTH.size))
    return pickle.loads(_read(stream, length))


def _read(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError("the other process has ended")
    return data
