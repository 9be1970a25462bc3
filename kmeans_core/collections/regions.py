"""A picture that is larger than memory, read in bands of rows, by libvips."""

import hashlib
import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kmeans_core.collections.adding import PictureAdder
from kmeans_core.collections.counting import Counted
from kmeans_core.collections.files import STATE_FOLDER
from kmeans_core.collections.lookup import Lookup
from kmeans_core.collections.state import OutputFolder
from kmeans_core.errors import BackendUnavailableError, PictureError
from kmeans_core.images.histogram import paint_codes
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.types import ByteArray

# Of the tiles that are written; a band has a multiple of it.
TILE = 256
_BAND_PIXELS = 12_000_000
MAX_WIDTH = 180_000
_COUNTED = "counted-"
# libvips by itself makes gray of what is missing.
_FAIL_ON = "truncated"


class Huge(NamedTuple):
    """path: of the file. width, height: in pixels. is_tiled: whether parts of it can be read alone."""

    path: str
    width: int
    height: int
    is_tiled: bool


class Band(NamedTuple):
    """Rows of a picture: the first, and one after the last."""

    top: int
    bottom: int


def open_huge(path: str) -> Huge:
    """What a file says of itself. Raises PictureError."""
    module, full = vips(), str(Path(path).resolve())
    try:
        image = module.Image.new_from_file(full, access="sequential")
    except module.Error as error:
        raise PictureError(f"{path} cannot be read as a picture ({_cause(error)}).") from None
    if image.get_typeof("orientation") and image.get("orientation") != 1:
        raise PictureError(f"{path} is to be turned by its EXIF data; turn it first and save it anew.")
    if image.width > MAX_WIDTH:
        raise PictureError(
            f"{path} is {image.width:,} pixels wide, and at most {MAX_WIDTH:,} are read; cut it in parts."
        )
    is_tiff = image.get("vips-loader").startswith("tiffload")
    return Huge(full, image.width, image.height, is_tiff and _is_tiled(full))


def _is_tiled(path: str) -> bool:
    import tifffile

    with tifffile.TiffFile(path) as file:
        return bool(file.pages.first.is_tiled)


def bands(huge: Huge) -> list[Band]:
    """All of it, from top to bottom."""
    rows = TILE * max(1, _BAND_PIXELS // (huge.width * TILE))
    return [Band(top, min(top + rows, huge.height)) for top in range(0, huge.height, rows)]


def with_tiles(huge: Huge, folder: Path) -> Huge:
    """The same, in a file of which parts can be read alone, which takes 3 bytes a pixel or more of disk."""
    if huge.is_tiled:
        return huge
    path = folder / "tiled.tif"
    module = vips()
    try:
        image = module.Image.new_from_file(huge.path, access="sequential", fail_on=_FAIL_ON)
        image.tiffsave(str(path), tile=True, tile_width=TILE, tile_height=TILE, bigtiff=True)
    except module.Error as error:
        raise _damaged(huge, error) from None
    return huge._replace(path=str(path), is_tiled=True)


@cache
def vips() -> Any:
    """The module. Raises BackendUnavailableError where it is not installed."""
    try:
        pyvips, _ = (import_module(name) for name in ("pyvips", "tifffile"))
    except (ImportError, OSError):
        raise BackendUnavailableError(
            "Pictures beyond the limit are read with pyvips and tifffile, which are not installed; run: "
            "pip install 'kmeans-studio[huge]'"
        ) from None
    # Operations keep what they read, and nothing is read twice here.
    pyvips.cache_set_max(0)
    return pyvips


# From here on: what runs on the workers.


def read_band(huge: Huge, band: Band) -> Picture:
    """A band, as `load_picture()` reads it from a file of its own. Raises PictureError."""
    module = vips()
    try:
        image = module.Image.new_from_file(huge.path, access="random", fail_on=_FAIL_ON)
        part = image.crop(0, band.top, huge.width, band.bottom - band.top)
        is_plain = image.format == "uchar" and image.bands == 3 and image.interpretation in ("srgb", "rgb")
        if is_plain and not image.get_typeof("icc-profile-data"):
            pixels = np.frombuffer(part.write_to_memory(), np.uint8)
            return _plain(pixels.reshape(band.bottom - band.top, huge.width, 3))
        data = part.tiffsave_buffer()
    except module.Error as error:
        raise _damaged(huge, error) from None
    return load_picture(data, name=Path(huge.path).name, max_megapixels=MAX_WIDTH * TILE / 1e6 + 1)


def count_band(huge: Huge, output: str, band: Band) -> Counted:
    """Counts the colors of a band, and keeps the counts in a file. Raises OSError."""
    adder = PictureAdder("pixels", 1 << 40)
    adder.add(read_band(huge, band))
    counts = adder.counts()
    text = json.dumps(["huge", huge, band]).encode()
    file = f"{STATE_FOLDER}/{_COUNTED}{hashlib.sha256(text).hexdigest()[:32]}.parquet"
    OutputFolder(output).write(file, counts.to_parquet(text))
    return Counted(file, 1, adder.n_pixels, len(counts.codes), adder.hidden)


def paint_band(huge: Huge, output: str, lookup: str, hidden: int, band: Band) -> ByteArray:
    """The palette's index of each pixel, (rows, width). lookup: its name in the output. hidden: the index of
    hidden pixels."""
    return paint_codes(Lookup.of(output, lookup).table, read_band(huge, band), hidden)


def _plain(pixels: ByteArray) -> Picture:
    return Picture(pixels, None, "", "", 0, (), 0.0)


def _damaged(huge: Huge, error: Exception) -> PictureError:
    return PictureError(f"{huge.path} is damaged, or there is no room beside the output ({_cause(error)}).")


def _cause(error: Exception) -> str:
    """The last line of what libvips says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
