"""Reading any picture that Pillow reads, from a file or its bytes, within limits that keep a server safe."""

import io
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from kmeans_core.errors import OptionError, PictureError
from kmeans_core.images.decoding import damaged, decode
from kmeans_core.images.options import DEFAULT_MEGAPIXELS, MAX_MEGAPIXELS
from kmeans_core.images.png_chunks import without_needless_chunks
from kmeans_core.types import ByteArray
from kmeans_core.wording import count_text

# EPS is a program: Pillow would hand the file to Ghostscript to run it.
_REFUSED_FORMATS = {"EPS"}
# What stands before width and height in a PNG, and before height and width in a JPEG 2000 file.
_HEADERS_INSIDE = (b"\0\0\0\x0dIHDR", b"\0\0\0\x16ihdr")


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        sRGB, 0 to 255; read-only.
    alpha : ndarray of uint8, shape (height, width), or None
        0 (hidden) to 255 (opaque), read-only; None if every pixel is opaque.
    name : str
        File name without folders.
    format : str
        Pillow's name of the format, "PNG".
    input_bytes : int
        Size of the file.
    notes : tuple of str
        What was converted on the way, as sentences.
    load_seconds : float
        Wall time of reading and decoding.
    """

    pixels: ByteArray
    alpha: ByteArray | None
    name: str
    format: str
    input_bytes: int
    notes: tuple[str, ...]
    load_seconds: float

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def visible(self) -> NDArray[np.bool_] | None:
        """Mask of the pixels with an alpha above 0, (height, width) bool, or None if all have one."""
        if self.alpha is None or self.alpha.all():
            return None
        return self.alpha > 0

    @property
    def is_partly_transparent(self) -> bool:
        """Whether it has pixels that are neither hidden nor opaque."""
        return self.alpha is not None and bool(((self.alpha > 0) & (self.alpha < 255)).any())


def load_picture(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    name: str | None = None,
    max_megapixels: float = DEFAULT_MEGAPIXELS,
) -> Picture:
    """Reads a picture from a path, from the bytes of a file, or from an open binary file.

    The first frame counts. EXIF orientation is applied; embedded color profiles, and what PNG and AVIF say of
    their colors in other ways, are converted to sRGB; every other color mode becomes 8-bit RGB, with alpha
    where there is any. `Picture.notes` says what was done.

    Parameters
    ----------
    source : str, PathLike, bytes or binary file
        Any format that Pillow reads, but for EPS, which is a program.
    name : str, optional
        What to call it; by default the file's name, or "picture" where there is none.
    max_megapixels : float, default 50.0
        Largest width × height in millions, above 0, up to 178; compared with the size in the file's header,
        before anything is decoded.

    Returns
    -------
    Picture

    Raises
    ------
    PictureError
        If the file is missing, empty, too large, damaged, or not a picture.
    OptionError
        If `max_megapixels` is out of range.

    Examples
    --------
    >>> from kmeans_core import load_picture
    >>> picture = load_picture("assets/raccoon.png")
    >>> picture.pixels.shape, picture.format
    ((768, 1024, 3), 'PNG')
    """
    if not 0 < max_megapixels <= MAX_MEGAPIXELS:
        raise OptionError(
            f"max_megapixels={max_megapixels!r} is not allowed; "
            f"give more than 0 and at most {MAX_MEGAPIXELS:g}."
        )
    clock = perf_counter()
    data, found_name = read_source(source)
    with opened(data, name or found_name, max_megapixels) as file:
        pixels, alpha, notes = decode(file.image, file.data, file.name)
        return Picture(
            pixels,
            alpha,
            file.name,
            file.image.format or "unknown",
            len(data),
            (*notes, *file.notes),
            perf_counter() - clock,
        )


class OpenedPicture(NamedTuple):
    """A file as Pillow opens it, nothing of it decoded. data: its bytes, without needless chunks."""

    image: ImageFile.ImageFile
    data: bytes
    name: str
    notes: tuple[str, ...]


@contextmanager
def opened(data: bytes, name: str, max_megapixels: float) -> Iterator[OpenedPicture]:
    """Opens a file within limits. Raises PictureError as `load_picture()` does."""
    if not data:
        raise PictureError(f"{name} is empty (0 bytes); choose a picture file such as PNG, JPEG or WebP.")
    for size in _sizes_inside(data):
        _check_size(size, name, max_megapixels)
    needed, n_damaged = without_needless_chunks(data)
    notes = [f"{count_text(n_damaged, 'damaged chunk')} that the picture can do without left out."]
    with _open(needed, name) as image:
        _check_size(image.size, name, max_megapixels)
        yield OpenedPicture(image, needed, name, tuple(notes if n_damaged else ()))


def read_source(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    """The bytes of a file, and what to call it. Raises PictureError if it cannot be read."""
    if isinstance(source, bytes):
        return source, "picture"
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            return path.read_bytes(), path.name
        except FileNotFoundError:
            raise PictureError(f"{path} does not exist; check the path.") from None
        except IsADirectoryError:
            raise PictureError(f"{path} is a folder; name one picture file in it.") from None
        except OSError as error:
            raise PictureError(f"{path} cannot be read: {error.strerror or error}.") from error
    return source.read(), Path(str(getattr(source, "name", "picture"))).name


def _open(data: bytes, name: str) -> ImageFile.ImageFile:
    Image.init()
    allowed = [name for name in Image.ID if name not in _REFUSED_FORMATS]
    try:
        with warnings.catch_warnings():
            # The limit is ours to check, from the size that opening reveals.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=allowed)
    except UnidentifiedImageError:
        raise PictureError(
            f"{name} is not a picture that can be read; "
            "choose a PNG, JPEG, WebP, GIF, TIFF, BMP or similar file."
        ) from None
    except Image.DecompressionBombError:
        raise PictureError(
            f"{name} claims more than {MAX_MEGAPIXELS:g} megapixels in {len(data):,} bytes and was not "
            "opened; reduce its size first."
        ) from None
    except MemoryError:
        raise
    except Exception as error:  # damaged headers surface as almost any exception
        raise PictureError(damaged(name, error)) from error


def _sizes_inside(data: bytes) -> Iterator[tuple[int, int]]:
    """Sizes of the PNG and JPEG 2000 files in an icon file. Pillow decodes those while it opens it, whose
    own header may claim less."""
    if not data.startswith((b"\0\0\1\0", b"icns")):
        return
    for header in _HEADERS_INSIDE:
        start = data.find(header)
        while start >= 0 and len(data) >= start + len(header) + 8:
            yield struct.unpack_from(">II", data, start + len(header))
            start = data.find(header, start + 1)


def _check_size(size: tuple[int, int], name: str, max_megapixels: float) -> None:
    width, height = size
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise PictureError(
            f"{name} has {width:,}×{height:,} pixels, {megapixels:,.1f} megapixels; "
            f"at most {max_megapixels:g} are allowed. Reduce its size first."
        )
