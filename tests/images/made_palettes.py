"""Swatches in binary files."""

import struct


def aco(*entries, version=1):
    """Photoshop swatches of (space, channels…)."""
    parts = [struct.pack(">5H", *entry, *[0] * (5 - len(entry))) for entry in entries]
    if version == 2:
        parts = [part + struct.pack(">I", 2) + "x\0".encode("utf-16-be") for part in parts]
    return struct.pack(">2H", version, len(entries)) + b"".join(parts)


def ase(*entries):
    """Adobe Swatch Exchange of (model, channels…)."""
    blocks = []
    for model, *channels in entries:
        body = struct.pack(">H", 2) + "x\0".encode("utf-16-be") + model
        body += struct.pack(f">{len(channels)}fH", *channels, 0)
        blocks.append(struct.pack(">HI", 1, len(body)) + body)
    return b"ASEF" + struct.pack(">2HI", 1, 0, len(blocks)) + b"".join(blocks)
