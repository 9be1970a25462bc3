"""Which part of which file: what a worker is sent to read instead of rows."""

import posixpath
from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A part of a file. start, stop: bytes of a text file, row groups of a Parquet file."""

    url: str
    start: int
    stop: int


Chunk = tuple[Span, ...]


def into_chunks(spans: Sequence[Span], sizes: Sequence[int], chunk_bytes: int) -> list[Chunk]:
    """Neighboring spans share a chunk as long as they fit, because each chunk costs a task."""
    chunks: list[list[Span]] = []
    room = 0
    for span, size in zip(spans, sizes, strict=True):
        if size > room:
            chunks.append([])
            room = chunk_bytes
        chunks[-1].append(span)
        room -= size
    return [tuple(chunk) for chunk in chunks]


def file_name(url: str) -> str:
    """The name of a file, for messages."""
    return posixpath.basename(url)
