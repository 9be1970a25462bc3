"""Pictures and palettes of strangers, read by a process with limits, see `kmeans_core.readers`."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from kmeans_core.errors import OptionError, PictureError
from kmeans_core.images.options import DEFAULT_MEGAPIXELS
from kmeans_core.images.palette_reading import PaletteFile, read_palette
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.readers.pool import readers

_HERE = __name__
_FIELDS = ("pixels", "alpha", "name", "format", "input_bytes", "notes")


def load_picture_apart(
    data: bytes,
    name: str,
    on_wait: Callable[[int], None] = lambda before: None,
    *,
    max_megapixels: float = DEFAULT_MEGAPIXELS,
) -> Picture:
    """As `load_picture()`, by a reader.

    Parameters
    ----------
    data, name : bytes, str
        The file, and its name.
    on_wait : callable
        See `ReaderPool.read()`.
    max_megapixels : float, default 50.0
        As of `load_picture()`.

    Returns
    -------
    Picture
        `load_seconds` has the way to the reader and back in it.

    Raises
    ------
    PictureError
        Also for a file that takes more memory or time than one may have.
    """
    clock = perf_counter()
    found = readers().read(
        f"{_HERE}:_picture",
        {"data": data, "name": name, "max_megapixels": max_megapixels},
        name=name,
        error=PictureError,
        advice="save it anew, or choose a smaller one",
        on_wait=on_wait,
    )
    return Picture(**found, load_seconds=perf_counter() - clock)


def read_palette_apart(data: bytes, name: str) -> PaletteFile:
    """As `read_palette()`, by a reader."""
    found = readers().read(f"{_HERE}:_palette", {"data": data, "name": name}, name=name, error=OptionError)
    return PaletteFile(*found)


def warm_readers() -> None:
    """Starts a reader in the background, so that the first picture need not wait for it."""
    readers().warm(_HERE)


def _picture(data: bytes, name: str, max_megapixels: float = DEFAULT_MEGAPIXELS) -> dict[str, Any]:
    picture = load_picture(data, name=name, max_megapixels=max_megapixels)
    return {field: getattr(picture, field) for field in _FIELDS}


def _palette(data: bytes, name: str) -> tuple[Any, ...]:
    return tuple(read_palette(data, name))
