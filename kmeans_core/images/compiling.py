"""Having Numba compile everything that a picture needs, and telling whether it has."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np

from kmeans_core.backends import load_backend
from kmeans_core.images import histogram
from kmeans_core.images.picture import ByteArray, Picture
from kmeans_core.images.quantize import quantize


def compile_all() -> None:
    """Quantizes small pictures in the ways that lead to all compiled code; it stays on disk."""
    from kmeans_core.images import jit_histogram

    load_backend("numba").start()
    pixels = np.random.default_rng(0).integers(0, 256, (70, 70, 3)).astype(np.uint8)
    quantize(_picture(pixels), 20, effort="balanced")
    quantize(_picture(pixels[:2, :2]), 2)
    quantize(_picture(pixels), 4, distance="manhattan", max_iter=2)
    for method in ("floyd-steinberg", "bayer"):
        quantize(_picture(pixels), 4, dither=method)
    table = np.zeros(1 << 24, dtype=np.uint32)
    flat, shown = histogram.flat(_picture(pixels))
    jit_histogram.count_codes(flat, shown, table)


@cache
def compile_in_background() -> subprocess.Popen[bytes]:
    """The same in a process of its own, which leaves this one's threads alone; once a process."""
    folder = {"NUMBA_CACHE_DIR": numba.config.CACHE_DIR} if numba.config.CACHE_DIR else {}
    return subprocess.Popen(
        [sys.executable, "-m", "kmeans_core", "compile"],
        cwd=Path(__file__).parents[2],
        env=os.environ | folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _picture(pixels: ByteArray) -> Picture:
    return Picture(pixels, None, "", "", 0, (), 0.0)


def is_compiled(dither: str = "none") -> bool:
    """Whether the code that takes longest to compile is there, in this process or on disk, that of a method
    of dithering too."""
    from kmeans_core.clustering import jit_blocks
    from kmeans_core.images import jit_dither

    if dither == "none":
        return _is_there(jit_blocks, "step_groups")
    code = "mix" if dither in ("bayer", "blue-noise") else "diffuse"
    return is_compiled() and _is_there(jit_dither, code)


def _is_there(module: Any, name: str) -> bool:
    code = getattr(module, name)
    if code.signatures:
        return True
    written = Path(module.__file__).stat().st_mtime
    kept = Path(code.stats.cache_path).glob(f"{module.__name__.rpartition('.')[2]}.{name}-*.nbi")
    return any(file.stat().st_mtime >= written for file in kept)
