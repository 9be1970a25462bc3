"""Values as text and bytes, for another process: without pickle, which would let it run anything here.

None, truth, numbers, texts, lists, tuples and dictionaries with texts as keys become JSON; bytes and NumPy
arrays stand in it as the number of a buffer.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Buffer = bytes | memoryview
_BYTES, _ARRAY, _TUPLE, _DICT = "bytes", "array", "tuple", "dict"


def pack(value: object) -> tuple[bytes, list[memoryview]]:
    """A value as JSON, and the buffers that it mentions.

    Parameters
    ----------
    value : object
        Of the kinds above, nested as you like. Raises TypeError for any other.

    Returns
    -------
    bytes, list of memoryview of bytes
    """
    buffers: list[memoryview] = []

    def kept(buffer: Buffer) -> int:
        buffers.append(memoryview(buffer))
        return len(buffers) - 1

    return json.dumps(_as_json(value, kept)).encode(), buffers


def unpack(text: bytes, buffers: Sequence[Buffer]) -> Any:
    """The value again. Arrays and bytes are views of the buffers where these can be shared.

    Raises ValueError if they do not fit together.
    """

    def made(node: Any) -> Any:
        if isinstance(node, list):
            return [made(one) for one in node]
        if not isinstance(node, dict):
            return node
        ((kind, content),) = node.items()
        if kind == _TUPLE:
            return tuple(made(one) for one in content)
        if kind == _DICT:
            return {name: made(one) for name, one in content.items()}
        if kind == _BYTES:
            return bytes(buffers[content])
        number, dtype, shape = content
        if not len(buffers[number]):
            return np.empty(shape, dtype)
        return np.frombuffer(buffers[number], dtype).reshape(shape)

    return made(json.loads(text))


def _as_json(value: object, kept: Callable[[Buffer], int]) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {_BYTES: kept(value)}
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        octets = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
        return {_ARRAY: [kept(octets.data), value.dtype.str, list(value.shape)]}
    if isinstance(value, list):
        return [_as_json(one, kept) for one in value]
    if isinstance(value, tuple):
        return {_TUPLE: [_as_json(one, kept) for one in value]}
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {_DICT: {name: _as_json(one, kept) for name, one in value.items()}}
    raise TypeError(f"a {type(value).__name__} cannot be sent to another process")
