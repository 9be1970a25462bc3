"""Reads the pictures of a collection where they are, within limits."""

from typing import NamedTuple

from kmeans_core.collections.files import PictureAt, local_path
from kmeans_core.errors import PictureError
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.reading_apart import load_picture_apart
from kmeans_core.wording import bytes_text

MAX_BYTES_APART = 50_000_000


class Reading(NamedTuple):
    """How pictures are read.

    Attributes
    ----------
    max_megapixels : float
        Of one.
    within : tuple of str
        Full paths of folders that a file must be in, wherever links to it lead; empty for any.
    apart : bool
        By readers, see `kmeans_core.readers`: for files of strangers, of 50 MB at most.
    """

    max_megapixels: float
    within: tuple[str, ...] = ()
    apart: bool = False


def read_picture(file: PictureAt, reading: Reading) -> Picture:
    """Reads a picture. Raises PictureError."""
    _check_place(file, reading)
    if reading.apart and file.size > MAX_BYTES_APART:
        raise PictureError(
            f"{file.name} has {bytes_text(file.size)}; at most {bytes_text(MAX_BYTES_APART)} are read of "
            "files that may be anybody's."
        )
    try:
        data = _content(file.url)
    except FileNotFoundError:
        raise PictureError(f"{file.name} is not there any more.") from None
    except OSError as error:
        raise PictureError(f"{file.name} cannot be read ({error.strerror or error}).") from None
    if len(data) != file.size:
        raise PictureError(f"{file.name} changed while the collection was read; run it again.")
    name = file.name.rpartition("/")[2]
    if reading.apart:
        return load_picture_apart(data, name, max_megapixels=reading.max_megapixels)
    return load_picture(data, name=name, max_megapixels=reading.max_megapixels)


def _content(url: str) -> bytes:
    path = local_path(url)
    if path is not None:  # fsspec takes :: in a name for something else
        return path.read_bytes()
    import fsspec

    with fsspec.open(url, "rb") as source:
        data: bytes = source.read()
    return data


def _check_place(file: PictureAt, reading: Reading) -> None:
    if not reading.within:
        return
    path = local_path(file.url)
    if path is None or not any(path.resolve().is_relative_to(root) for root in reading.within):
        raise PictureError(f"{file.name} leads out of the folders that may be read, so it is not.")
