"""Any number of different pictures, made of a few photographs, to measure collections with."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from kmeans_core.bench.measuring.large import mosaic

MEGAPIXELS = (0.5, 12.0)
# Of four files, one is a PNG.
_PNG_EVERY = 4
_JPEG_QUALITY = 90
_IN_A_FOLDER = 100


def make_pictures(
    photographs: Sequence[Path], folder: Path, count: int, on_progress: Callable[[int], None] = lambda _: None
) -> None:
    """Writes pictures of 0.5 to 12 megapixels, most of them small: crops of a mosaic of the photographs,
    mirrored, with other hues and another brightness. The same numbers make the same pictures; those that are
    there are left as they are."""
    sheet = mosaic(photographs, MEGAPIXELS[1] * 1.3).pixels
    for number in range(count):
        suffix = "jpg" if (number + 1) % _PNG_EVERY else "png"
        path = folder / f"{number // _IN_A_FOLDER:03}" / f"{number:06}.{suffix}"
        on_progress(number)
        if path.exists():
            continue
        rng = np.random.default_rng(number)
        pixels = math.exp(rng.uniform(*np.log(MEGAPIXELS))) * 1e6
        height = min(sheet.shape[0], round((pixels / rng.uniform(1.0, 1.6)) ** 0.5))
        width = min(sheet.shape[1], round(pixels / height))
        top, left = (rng.integers(0, most + 1) for most in (sheet.shape[0] - height, sheet.shape[1] - width))
        crop = sheet[top : top + height, left : left + width, rng.permutation(3)]
        crop = crop[:: rng.choice((1, -1)), :: rng.choice((1, -1))]
        levels = np.rint(255 * np.linspace(0, 1, 256) ** rng.uniform(0.7, 1.4)).astype(np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        quality = {"quality": _JPEG_QUALITY} if suffix == "jpg" else {"compress_level": 4}
        Image.fromarray(levels[crop]).save(unfinished, "JPEG" if suffix == "jpg" else "PNG", **quality)
        unfinished.replace(path)
