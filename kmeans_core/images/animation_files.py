"""Animations of few colors as files: every frame, its time, and how often they are shown.

A GIF and a PNG say only what changes: each frame is the rectangle around the pixels that differ from those of
the frame before, over which it is laid. Where pixels are hidden, frames are whole and replace each other.

References
----------
Graphics Interchange Format 89a, CompuServe 1990; its application extension NETSCAPE2.0 for repetitions.
PNG, third edition, W3C 2025, 11.3.6: animation.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter
from typing import NamedTuple

import numpy as np
from PIL import Image

from kmeans_core.errors import OptionError
from kmeans_core.images.animation import FOREVER, QuantizedAnimation
from kmeans_core.images.encoding import report_on
from kmeans_core.images.indexed_png import png_palette
from kmeans_core.images.png_chunks import PNG_SIGNATURE, chunk
from kmeans_core.images.report import QuantizeReport
from kmeans_core.types import ByteArray

# From this alpha on, pixels are visible in formats without partial transparency.
_MIN_VISIBLE_ALPHA = 128
_MAX_IN_GIF = 256
_KEEP, _CLEAR = 1, 2  # disposal in a GIF
_REPLACE = 0  # blending in a PNG


class _Change(NamedTuple):
    """What of a frame differs from the one before. left, top: of `pixels`, (height, width) or (height, width,
    channels)."""

    left: int
    top: int
    pixels: ByteArray


def animation_bytes(quantized: QuantizedAnimation, kind: str) -> bytes:
    """The file.

    Parameters
    ----------
    quantized : QuantizedAnimation
    kind : str
        One of `ANIMATION_FORMATS`. A GIF has hundredths of a second, and no partial transparency: pixels with
        an alpha of 128 or more become opaque. In a WebP, equal frames in a row become one with their time.

    Returns
    -------
    bytes

    Raises
    ------
    OptionError
        For an unknown kind.
    """
    if kind not in ANIMATION_FORMATS:
        raise OptionError(
            f"kind={kind!r} is no format of animations; use one of: {', '.join(ANIMATION_FORMATS)}."
        )
    return ANIMATION_FORMATS[kind](quantized)


def encode_animation(quantized: QuantizedAnimation, kind: str) -> tuple[bytes, QuantizeReport]:
    """The file as of `animation_bytes()`, and the report on all frames together, which have one palette."""
    clock = perf_counter()
    data = animation_bytes(quantized, kind)
    animation, (made,) = quantized.animation, quantized.made
    report = report_on(animation.tall(), made, len(data), perf_counter() - clock)
    n_frames = len(animation.frames)
    return data, replace(report, height=report.height // n_frames, n_frames=n_frames)


def _rgba_frames(quantized: QuantizedAnimation) -> list[ByteArray]:
    """Each frame in its colors, (height, width, 4)."""
    alphas = _alphas(quantized)
    frames = []
    for number, indices in enumerate(quantized.frame_indices()):
        colors = quantized.made[0 if quantized.has_one_palette else number].palette.colors
        alpha = alphas[number]
        pixels = (
            colors[np.minimum(indices, len(colors) - 1)] if len(colors) else np.zeros((*indices.shape, 3))
        )
        pixels = np.where(alpha[..., None] == 0, 0, pixels)
        frames.append(np.dstack([pixels, alpha]).astype(np.uint8))
    return frames


def _alphas(quantized: QuantizedAnimation) -> list[ByteArray]:
    """Of each frame, (height, width), as it is written."""
    found = []
    for made in quantized.made:
        if made.alpha is not None:
            found.append(made.alpha)
        elif made.transparent is not None:
            found.append(np.where(made.indices == made.transparent, 0, 255).astype(np.uint8))
        else:
            found.append(np.full(made.indices.shape, 255, np.uint8))
    return np.split(found[0], len(quantized.animation.frames)) if quantized.has_one_palette else found


def _changes(frames: list[ByteArray]) -> Iterator[_Change]:
    """The rectangle of each frame outside which nothing differs from the one before; one pixel if all is the
    same."""
    before: ByteArray | None = None
    for frame in frames:
        if before is None:
            yield _Change(0, 0, frame)
        else:
            differs = frame != before if frame.ndim == 2 else (frame != before).any(axis=2)
            rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
            top, bottom = (rows[0], rows[-1] + 1) if len(rows) else (0, 1)
            left, right = (columns[0], columns[-1] + 1) if len(columns) else (0, 1)
            yield _Change(int(left), int(top), frame[top:bottom, left:right])
        before = frame


def _gif(quantized: QuantizedAnimation) -> bytes:
    frames, tables, hides = _gif_frames(quantized)
    height, width = frames[0].shape
    animation = quantized.animation
    parts = [b"GIF89a", struct.pack("<HHBBB", width, height, 0, 0, 0)]
    if animation.plays != 1:
        repetitions = 0 if animation.plays == FOREVER else min(animation.plays - 1, 0xFFFF)
        parts.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", repetitions) + b"\0")
    is_whole = hides or not quantized.has_one_palette
    changes = (_Change(0, 0, frame) for frame in frames) if is_whole else _changes(frames)
    for change, table, milliseconds in zip(changes, tables, animation.durations, strict=True):
        flags = (_CLEAR if hides else _KEEP) << 2 | int(hides)
        hundredths = min(round(milliseconds / 10), 0xFFFF)
        parts.append(b"\x21\xf9\x04" + struct.pack("<BHBB", flags, hundredths, len(table) % 256, 0))
        parts.append(_gif_image(change, table, len(table) + hides))
    return b"".join([*parts, b"\x3b"])


def _gif_frames(quantized: QuantizedAnimation) -> tuple[list[ByteArray], list[ByteArray], bool]:
    """Indices and table of each frame, and whether pixels are hidden: by the index after the last color."""
    frames, tables, hides = [], [], False
    for number, (indices, alpha) in enumerate(
        zip(quantized.frame_indices(), _alphas(quantized), strict=True)
    ):
        table = quantized.made[0 if quantized.has_one_palette else number].palette.colors
        # A full table has no entry left, and then nothing is altogether invisible.
        hidden = alpha < (_MIN_VISIBLE_ALPHA if len(table) < _MAX_IN_GIF else 1)
        frames.append(np.where(hidden, len(table), indices).astype(np.uint8))
        tables.append(table)
        hides = hides or bool(hidden.any())
    return frames, tables, hides


def _gif_image(change: _Change, table: ByteArray, n_entries: int) -> bytes:
    """An image with its table, compressed by Pillow."""
    image = Image.fromarray(np.ascontiguousarray(change.pixels), mode="P")
    bits = max(1, (n_entries - 1).bit_length())
    full = np.zeros((1 << bits, 3), np.uint8)
    full[: len(table)] = table
    image.putpalette(full.tobytes())
    file = io.BytesIO()
    image.save(file, "GIF", optimize=False, interlace=0)
    data = file.getvalue()
    at = 13 + 3 * (2 << (data[10] & 7)) * (data[10] >> 7)
    while data[at] == 0x21:  # extensions
        at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    compressed = data[at + 10 : -1]
    height, width = change.pixels.shape
    head = struct.pack("<BHHHHB", 0x2C, change.left, change.top, width, height, 0x80 | bits - 1)
    return head + full.tobytes() + compressed


def _apng(quantized: QuantizedAnimation) -> bytes:
    animation = quantized.animation
    height, width = animation.frames[0].pixels.shape[:2]
    table = None
    if quantized.has_one_palette:
        made = quantized.made[0]
        table = png_palette(made.palette.colors, made.indices, np.concatenate(_alphas(quantized)))
    frames = _rgba_frames(quantized) if table is None else np.split(table.indices, len(animation.frames))
    color_type = 6 if table is None else 3
    parts = [
        PNG_SIGNATURE,
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)),
        chunk(b"acTL", struct.pack(">II", len(frames), animation.plays)),
    ]
    if table is not None:
        parts.append(chunk(b"PLTE", table.entries[:, :3].tobytes()))
        if (table.entries[:, 3] < 255).any():
            parts.append(chunk(b"tRNS", table.entries[:, 3].tobytes()))
    sequence = 0
    for change, milliseconds in zip(_changes(frames), animation.durations, strict=True):
        rows, columns = change.pixels.shape[:2]
        delay = min(round(milliseconds), 0xFFFF)
        place = (sequence, columns, rows, change.left, change.top, delay, 1000, 0, _REPLACE)
        parts.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", *place)))
        filtered = np.zeros((rows, 1 + change.pixels[0].size), np.uint8)
        filtered[:, 1:] = change.pixels.reshape(rows, -1)
        packed = zlib.compress(filtered.tobytes(), 9)
        if sequence:
            parts.append(chunk(b"fdAT", struct.pack(">I", sequence + 1) + packed))
            sequence += 2
        else:
            parts.append(chunk(b"IDAT", packed))
            sequence = 1
    return b"".join([*parts, chunk(b"IEND", b"")])


def _webp(quantized: QuantizedAnimation) -> bytes:
    frames = [Image.fromarray(frame) for frame in _rgba_frames(quantized)]
    file = io.BytesIO()
    frames[0].save(
        file,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=[round(milliseconds) for milliseconds in quantized.animation.durations],
        loop=quantized.animation.plays,
        lossless=True,
        quality=75,
        method=4,
        exact=True,
    )
    return file.getvalue()


ANIMATION_FORMATS: dict[str, Callable[[QuantizedAnimation], bytes]] = {
    "gif": _gif,
    "png": _apng,
    "webp": _webp,
}
