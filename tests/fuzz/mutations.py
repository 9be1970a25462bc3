"""Damage to files: by their structure (chunks, segments, members, lines, lengths), and by bits."""

import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

_PNG = b"\x89PNG\r\n\x1a\n"
# Where counts, sizes and offsets go wrong.
_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (b"", b"\0", b"\xff", b"NaN", b"1e999", b"-1", b"99999999999999999999", b"\xed\xa0\x80", b'"', b"\n")


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The file with some damage, of one kind or several."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        parts = _parts(data) if rng.random() < 0.6 else None
        data = _by_bits(data, rng) if parts is None else _by_parts(*parts, rng)
    return data


def _parts(data: bytes) -> tuple[list[bytes], Callable[[list[bytes]], bytes]] | None:
    """The parts of a file, and what makes one of such, with right lengths and checksums; None for none."""
    if data.startswith(_PNG):
        return _png_chunks(data), _png_of
    if data.startswith(b"\xff\xd8"):
        return _jpeg_segments(data), b"".join
    if data.startswith(b"PK\x03\x04"):
        members = _zip_members(data)
        return (members, _zip_of) if members else None
    if data[:4] in (b"RIFF", b"icns", b"FORM") or data[4:8] in (b"ftyp", b"jP  "):
        size = 8
        return [data[at : at + size] for at in range(0, len(data), size)], b"".join
    if b"\n" in data[:200]:
        return data.splitlines(keepends=True), b"".join
    return None


def _by_parts(parts: list[bytes], join: Callable[[list[bytes]], bytes], rng: random.Random) -> bytes:
    parts = list(parts)
    if not parts:
        return b""
    at, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    match rng.randrange(6):
        case 0:
            del parts[at]
        case 1:
            parts.insert(other, parts[at])
        case 2:
            parts[at], parts[other] = parts[other], parts[at]
        case 3:
            parts[at : at + 1] = [parts[at]] * rng.choice((2, 50, 1000))
        case 4:
            parts[at] = parts[at][: rng.randrange(len(parts[at]) + 1)]
        case _:
            parts[at] = _by_bits(parts[at], rng)
    return join(parts)


def _by_bits(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return rng.choice(_WORDS)
    changed, at = bytearray(data), rng.randrange(len(data))
    match rng.randrange(7):
        case 0:
            changed[at] ^= 1 << rng.randrange(8)
        case 1:
            changed[at] = rng.randrange(256)
        case 2:
            size = rng.choice("BHIQ")
            number = rng.choice(_NUMBERS) % 2 ** (8 * struct.calcsize(size))
            packed = struct.pack(rng.choice("<>") + size, number)
            changed[at : at + len(packed)] = packed
        case 3:
            del changed[at:]
        case 4:
            del changed[at : at + rng.randrange(1, 40)]
        case 5:
            changed[at:at] = data[at : at + rng.randrange(1, 200)]
        case _:
            changed[at:at] = rng.choice(_WORDS)
    return bytes(changed)


def _png_chunks(data: bytes) -> list[bytes]:
    """Kind and content of each."""
    chunks, at = [], len(_PNG)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        chunks.append(data[at + 4 : at + 8 + size])
        at += 12 + size
    return chunks


def _png_of(chunks: list[bytes]) -> bytes:
    packed = (
        struct.pack(">I", max(len(one) - 4, 0)) + one + struct.pack(">I", zlib.crc32(one)) for one in chunks
    )
    return _PNG + b"".join(packed)


def _jpeg_segments(data: bytes) -> list[bytes]:
    """Pieces that begin with a marker."""
    pieces = data.split(b"\xff")
    return [b"\xff" + piece for piece in pieces[1:]]


def _zip_members(data: bytes) -> list[bytes]:
    """Name and content of each, with a zero between."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [one.filename.encode() + b"\0" + archive.read(one) for one in archive.infolist()]
    except Exception:  # noqa: BLE001 - damaged before
        return []


def _zip_of(members: list[bytes]) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # two members of one name are damage, too
        for member in members[:3000]:
            name, _, content = member.partition(b"\0")
            archive.writestr(zipfile.ZipInfo(name.decode("utf-8", "replace") or "x"), content)
    return file.getvalue()
