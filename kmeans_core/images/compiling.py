"""Compiles all Numba code that pictures need, and checks whether that has been done."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numba
import numpy as np

from kmeans_core.backends import load_backend
from kmeans_core.fitting import cluster
from kmeans_core.images import histogram
from kmeans_core.images.picture import Picture
from kmeans_core.images.quantize import quantize
from kmeans_core.types import ByteArray


def compile_all() -> None:
    """Quantizes small pictures in ways that use all compiled code, which stays on disk."""
    load_backend("numba").start()
    pixels = np.random.default_rng(0).integers(0, 256, (70, 70, 3)).astype(np.uint8)
    quantize(_picture(pixels), 20, effort="balanced")
    quantize(_picture(pixels[:2, :2]), 2)
    soft = Picture(pixels, pixels[..., 0], "", "", 0, (), 0.0)
    quantize(soft, 4)
    quantize(_picture(pixels), 4, distance="manhattan", max_iter=2)
    for dtype in (np.float64, np.float32):  # other color spaces, and tables of few columns
        cluster(pixels.reshape(-1, 3).astype(dtype), 4, max_iter=2)
    for method in ("floyd-steinberg", "bayer"):
        quantize(_picture(pixels), 4, dither=method)
    table = histogram.CountTable()
    table.add(*histogram.flatten_picture(_picture(pixels))[:2])
    table.counted()


@cache
def compile_in_background() -> subprocess.Popen[bytes]:
    """The same in a separate process, so that the threads of this one stay free; once per process."""
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


def has_compiled_in_background() -> bool:
    """Whether `compile_in_background()` was called and has ended, in one way or another."""
    return bool(compile_in_background.cache_info().currsize) and compile_in_background().poll() is not None


def is_compiled(dither: str = "none", *, effort: str = "fast") -> bool:
    """Whether the code that takes longest to compile is there, in this process or on disk.

    Parameters
    ----------
    dither, effort : str
        A method of dithering and an effort, whose code has to be there too.

    Returns
    -------
    bool
    """
    from kmeans_core.clustering import jit, jit_blocks, jit_search
    from kmeans_core.images import jit_dither

    if effort != "fast":
        return is_compiled(dither) and jit.is_compiled(jit_search, "removal_costs")
    if dither == "none":
        return jit.is_compiled(jit_blocks, "step_groups")
    code = "mix" if dither in ("bayer", "blue-noise") else "diffuse"
    return is_compiled() and jit.is_compiled(jit_dither, code)
