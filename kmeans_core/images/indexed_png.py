"""Pictures of few colors as PNG, with transparency.

An entry of an indexed PNG's table is a color with an alpha, so a color needs an entry for each alpha that its
pixels have. If that makes more than 256 entries, similar alphas are merged, as few as necessary; if even one
alpha between hidden and opaque is too many, the picture is written in true color.
"""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kmeans_core.fitting import cluster
from kmeans_core.types import ByteArray

MAX_ENTRIES = 256
OPAQUE = 255
# Numbers of alphas between hidden and opaque to try, if not all fit.
_ALPHA_LEVELS = (128, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)


@dataclass(frozen=True, eq=False)
class PngPalette:
    """entries: (n, 4) uint8 red, green, blue, alpha, the palette's colors first. indices: (height, width)
    uint8 into it."""

    entries: ByteArray
    indices: ByteArray


def indexed_png(colors: ByteArray, indices: ByteArray, alpha: ByteArray | None) -> bytes:
    """A PNG at full size and the smallest bit depth that holds its table, which begins with the colors.

    colors: (k, 3). indices: (height, width) uint8 into them, arbitrary for hidden pixels. alpha: of the same
    shape, or None if all is opaque. With more than 256 entries the file is in true color.
    """
    if alpha is None:
        return _encode_indexed(colors, indices)
    table = png_palette(colors, indices, alpha)
    if table is None:
        pixels = colors[np.minimum(indices, len(colors) - 1)]
        pixels[alpha == 0] = 0
        return _png(Image.fromarray(np.dstack([pixels, alpha])))
    return _encode_indexed(table.entries[:, :3], table.indices, transparency=table.entries[:, 3].tobytes())


def _encode_indexed(colors: ByteArray, indices: ByteArray, **options: Any) -> bytes:
    image = Image.fromarray(indices, mode="P")
    image.putpalette(colors.tobytes())
    bits = next(bits for bits in (1, 2, 4, 8) if len(colors) <= 1 << bits)
    return _png(image, bits=bits, **options)


def _png(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    # The raccoon in 5 colors: level 4 takes 16 ms for 108 KB, 6 takes 40 ms for 106 KB, 9 260 ms for 102.
    image.save(file, "PNG", compress_level=4, **options)
    return file.getvalue()


def fit_alpha(alpha: ByteArray, indices: ByteArray, n_colors: int) -> tuple[ByteArray, str | None]:
    """The alpha, (height, width), that a picture of these indices can be written with, and what a viewer
    should know about it. Hidden (0) and opaque (255) pixels stay so in any case.
    """
    pairs = np.bincount(_codes(alpha, indices).reshape(-1), minlength=MAX_ENTRIES << 8)
    pairs = pairs.reshape(MAX_ENTRIES, 256)
    room = MAX_ENTRIES - n_colors - int(pairs[:, 0].any())
    partial = pairs[:, 1:OPAQUE]
    if np.count_nonzero(partial) <= room:
        return alpha, None
    used = np.flatnonzero(partial.any(axis=0)) + 1
    for count in (step for step in _ALPHA_LEVELS if step < len(used)):
        levels = _merge_alphas(used, pairs[:, used].sum(axis=0), count)
        colors, places = np.nonzero(pairs[:, used])
        if len(np.unique(colors * MAX_ENTRIES + levels[used[places]])) <= room:
            note = (
                f"{len(used)} degrees of partial transparency were reduced to {count}, to fit into a "
                "palette of 256 entries."
            )
            return levels[alpha], note
    return (
        alpha,
        "Written in true color: its partial transparency does not fit into a palette of 256 entries.",
    )


def png_palette(colors: ByteArray, indices: ByteArray, alpha: ByteArray) -> PngPalette | None:
    """The table for colors, (k, 3), and the index of each pixel in it, or None if it takes more than 256
    entries.

    indices: (height, width) into `colors`, of no meaning where `alpha`, (height, width), is 0.
    """
    codes = _codes(alpha, indices)
    used = np.flatnonzero(np.bincount(codes.reshape(-1), minlength=MAX_ENTRIES << 8))
    color, opacity = used >> 8, used & 255
    partial = (opacity > 0) & (opacity < OPAQUE)
    hidden = opacity == 0
    size = len(colors) + np.count_nonzero(partial) + int(hidden.any())
    if size > MAX_ENTRIES:
        return None
    entries = np.zeros((size, 4), dtype=np.uint8)
    entries[: len(colors)] = np.hstack([colors, np.full((len(colors), 1), OPAQUE, dtype=np.uint8)])
    places = color.copy()
    places[partial] = len(colors) + np.arange(np.count_nonzero(partial))
    entries[places[partial], :3] = colors[color[partial]]
    entries[places[partial], 3] = opacity[partial]
    places[hidden] = size - 1
    lookup: NDArray[np.uint8] = np.zeros(MAX_ENTRIES << 8, dtype=np.uint8)
    lookup[used] = places
    return PngPalette(entries, lookup[codes])


def _codes(alpha: ByteArray, indices: ByteArray) -> NDArray[np.uint16]:
    """Color and alpha of each pixel as one number; all hidden ones are 0."""
    codes = indices.astype(np.uint16)
    codes <<= 8
    codes |= alpha
    codes[alpha == 0] = 0
    return codes


def _merge_alphas(used: NDArray[np.intp], counts: NDArray[np.int64], n_levels: int) -> ByteArray:
    """For each alpha, (256,), which of `n_levels` it becomes: the k-means of those that are used."""
    fit = cluster(used[:, None].astype(np.uint8), n_levels, weights=counts, init="splitting", backend="numpy")
    levels: ByteArray = np.arange(256, dtype=np.uint8)
    levels[used] = np.clip(np.rint(fit.centers[:, 0]), 1, OPAQUE - 1).astype(np.uint8)[fit.labels]
    return levels
