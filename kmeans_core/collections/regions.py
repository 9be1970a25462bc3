"""A picture that is larger than memory, read in bands of rows, by libvips."""

import hashlib
import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kmeans_core.collections.adding import PictureAdder
from kmeans_core.collections.counting import Counted
from kmeans_core.collections.files import STATE_FOLDER
from kmeans_core.collections.state import OutputFolder
from kmeans_core.errors import BackendUnavailableError, PictureError
from kmeans_core.images.color_codes import codes
from kmeans_core.images.histogram import paint_codes
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.types import ByteArray

# Of the tiles that are written; a band has a multiple of it.
TILE = 256
_BAND_PIXELS = 12_000_000
MAX_WIDTH = 180_000
_TILE_WIDTH, _ORIENTATION = 322, 274
_COUNTED = "counted-"
# libvips by itself makes gray of what is missing.
_FAIL_ON = "truncated"
LOOKUP = f"{STATE_FOLDER}/lookup.bin"


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            try:
                with Image.open(path) as image:
                    tags = getattr(image, "tag_v2", {})
                    turned = image.getexif().get(_ORIENTATION, 1) != 1
                    huge = Huge(path, *image.size, _TILE_WIDTH in tags)
            finally:
                Image.MAX_IMAGE_PIXELS = before
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"{Path(path).name} cannot be read as a picture ({error}).") from None
    if turned:
        raise PictureError(f"{huge.path} is to be turned by its EXIF data; turn it first and save it anew.")
    if huge.width > MAX_WIDTH:
        raise PictureError(
            f"{huge.path} is {huge.width:,} pixels wide, and at most {MAX_WIDTH:,} are read; cut it in parts."
        )
    return huge


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
        import pyvips
    except (ImportError, OSError):
        raise BackendUnavailableError(
            "Pictures beyond the limit are read with pyvips, which is not installed; run: "
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


def paint_band(huge: Huge, output: str, hidden: int, band: Band) -> ByteArray:
    """The palette's index of each pixel, (rows, width). hidden: of hidden pixels."""
    return paint_codes(_lookup(output), read_band(huge, band), hidden)


def save_lookup(folder: OutputFolder, colors: ByteArray, labels: ByteArray) -> None:
    """Keeps the index of each color where workers find it. Raises OSError."""
    table = np.zeros(1 << 24, np.uint8)
    table[codes(colors)] = labels
    folder.write(LOOKUP, table.tobytes())
    _lookup.cache_clear()


@cache
def _lookup(output: str) -> NDArray[np.uint8]:
    # Writable, as other tables are: for others, Numba would compile the same code again.
    return np.frombuffer(bytearray(OutputFolder(output).read(LOOKUP)), np.uint8)


def _plain(pixels: ByteArray) -> Picture:
    return Picture(pixels, None, "", "", 0, (), 0.0)


def _damaged(huge: Huge, error: Exception) -> PictureError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    cause = lines[-1] if lines else type(error).__name__
    return PictureError(f"{huge.path} is damaged, or there is no room beside the output ({cause}).")
