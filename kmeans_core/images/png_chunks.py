"""The chunks of a PNG file, before anything is decoded."""

import struct
import zlib
from collections.abc import Iterator

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Comments of whatever size, which nobody needs for the picture.
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_COLOR = (b"cICP", b"sRGB", b"gAMA", b"cHRM")


def without_needless_chunks(data: bytes) -> tuple[bytes, int]:
    """A PNG file without texts and without damaged chunks that a picture can do without.

    Decoders read on beyond these (PNG, third edition, 13.1 and 13.2); Pillow refuses the file.

    Parameters
    ----------
    data : bytes
        A PNG file, or what claims to be one.

    Returns
    -------
    bytes
        The same file where there is nothing to leave out.
    int
        How many chunks were damaged.
    """
    if not data.startswith(PNG_SIGNATURE):
        return data, 0
    kept, n_damaged, n_left_out = [PNG_SIGNATURE], 0, 0
    for kind, start, stop in _chunks(data):
        is_needless = bool(kind[0] & 0x20)  # a small first letter
        checksum = int.from_bytes(data[stop - 4 : stop])
        is_damaged = is_needless and zlib.crc32(data[start + 4 : stop - 4]) != checksum
        if kind in _TEXTS or is_damaged:
            n_left_out += 1
            n_damaged += is_damaged
        else:
            kept.append(data[start:stop])
    return (b"".join(kept), n_damaged) if n_left_out else (data, 0)


def color_chunks(data: bytes) -> dict[bytes, bytes]:
    """What a PNG file says of its colors beside a profile: cICP, sRGB, gAMA, cHRM, the first of each."""
    found: dict[bytes, bytes] = {}
    for kind, start, stop in _chunks(data):
        if kind == b"IDAT":
            break
        if kind in _COLOR:
            found.setdefault(kind, data[start + 8 : stop - 4])
    return found


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first and last byte of each; what follows the end, is cut off or no chunk is the last one, of no
    kind."""
    at, kind = len(PNG_SIGNATURE), b""
    while at + 12 <= len(data) and kind != b"IEND":
        (size,) = struct.unpack_from(">I", data, at)
        stop = at + 12 + size
        if stop > len(data):
            break
        kind = data[at + 4 : at + 8]
        yield kind, at, stop
        at = stop
    if at < len(data):
        yield b"\0", at, len(data)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file, with its length and its sum (PNG, third edition, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
