"""Having Numba compile everything that a picture needs, and telling whether it has."""

import os
from pathlib import Path

import numpy as np

from kmeans_core.clustering import threads
from kmeans_core.images import histogram
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.images.quantize import quantize


def compile_all() -> None:
    """Quantizes small pictures in the ways that lead to all compiled code; it stays on disk."""
    from kmeans_core.images import jit_histogram

    pixels = np.random.default_rng(0).integers(0, 256, (70, 70, 3)).astype(np.uint8)
    quantize(_picture(pixels), 20, effort="balanced")
    quantize(_picture(pixels[:2, :2]), 2)
    table = np.zeros(1 << 24, dtype=np.uint32)
    flat, shown = histogram.flat(_picture(pixels))
    jit_histogram.count_codes(flat, shown, table)


def _picture(pixels: ByteArray) -> Picture:
    return Picture(pixels, None, "", "", 0, (), 0.0)


def is_compiled() -> bool:
    """Whether the code that takes longest has been compiled on this machine, as far as one can tell from the
    files that Numba keeps."""
    source = Path(threads.__file__).with_name("jit_blocks.py")
    folders = [Path(os.environ["NUMBA_CACHE_DIR"])] if os.environ.get("NUMBA_CACHE_DIR") else []
    kept = [
        file for folder in (*folders, source.parent) for file in folder.rglob("jit_blocks.step_groups-*.nbi")
    ]
    return any(file.stat().st_mtime >= source.stat().st_mtime for file in kept)
