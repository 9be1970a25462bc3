"""The files of a collection, found where they are, and where what is made of each goes."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kmeans_core.errors import OptionError

# Endings of files that may be pictures; others are left out.
PICTURE_SUFFIXES = (
    *(".avif", ".bmp", ".dds", ".gif", ".icns", ".ico", ".j2k", ".jp2", ".jpeg", ".jpg", ".pbm", ".pcx"),
    *(".pgm", ".png", ".pnm", ".ppm", ".psd", ".qoi", ".tga", ".tif", ".tiff", ".webp"),
)
# What a collection keeps of itself, in its output folder.
STATE_FOLDER = ".collection"
_FILE = "file://"


class PictureAt(NamedTuple):
    """A file. url: where it is. name: below the folder that was given, with /. size: in bytes.
    modified: what its store says of its version, as text."""

    url: str
    name: str
    size: int
    modified: str


def find_pictures(sources: Sequence[str], output: str) -> Iterator[PictureAt]:
    """The pictures in folders, in what patterns match, and those that are named.

    Parameters
    ----------
    sources : sequence of str
        Paths or addresses that fsspec knows.
    output : str
        The full address of a folder; what is in it is not found, unless it is a source itself.

    Raises
    ------
    OptionError
        For what is not there.
    """
    from fsspec.core import url_to_fs

    for source in sources:
        try:
            files, path = url_to_fs(source)
            if any(sign in path for sign in "*?[") and not files.exists(path):
                root = path[: min(path.index(sign) for sign in "*?[" if sign in path)].rpartition("/")[0]
                found: Iterable[dict[str, Any]] = files.glob(path, detail=True).values()
            elif files.isdir(path):
                root, found = path.rstrip("/"), _below(files, path)
            else:
                root, found = path.rpartition("/")[0], [files.info(path)]
        except FileNotFoundError:
            raise OptionError(f"{source} does not exist; name a folder, a file or a pattern.") from None
        except (OSError, ValueError, ImportError) as error:
            raise OptionError(f"{source} cannot be read: {error}.") from None
        is_inside = not f"{files.unstrip_protocol(root)}/".startswith(f"{output}/")
        for info in map(_followed, found):
            if info["type"] == "file" and info["name"].lower().endswith(PICTURE_SUFFIXES):
                _check_name(info["name"])
                url, name = files.unstrip_protocol(info["name"]), info["name"].removeprefix(root).lstrip("/")
                if not (is_inside and url.startswith(f"{output}/")):
                    yield PictureAt(url, name, int(info["size"]), _version(info))


def _check_name(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise OptionError(
            f"The name {path!r} is no text in UTF-8; rename the file, or leave it out."
        ) from None


def _below(files: Any, path: str) -> Iterator[dict[str, Any]]:
    """The files in a folder and below. Links to folders are not followed, and what a collection keeps of
    itself is no part of one. Raises OptionError for a folder that cannot be read."""
    folders = [path]
    while folders:
        folder = folders.pop()
        try:
            found = files.ls(folder, detail=True)
        except OSError as error:
            raise OptionError(
                f"{folder} cannot be read ({error.strerror or error}); allow it, or leave it out."
            ) from None
        for info in found:
            place = info["name"].rstrip("/")
            if info["type"] != "directory":
                yield info
            elif info.get("islink") or posixpath.basename(place) == STATE_FOLDER:
                continue
            elif place != folder.rstrip("/"):  # stores may list a folder in itself
                folders.append(place)


def as_it_is_now(member: PictureAt) -> PictureAt:
    """A picture with its size and version of now, if it is on this machine and still there."""
    path = local_path(member.url)
    if path is None or not path.is_file():
        return member
    file = path.stat()
    return member._replace(size=file.st_size, modified=str(file.st_mtime))


def local_path(url: str) -> Path | None:
    """Where a file of this machine is; None for others."""
    return Path(url.removeprefix(_FILE)) if url.startswith(_FILE) else None


def _followed(info: dict[str, Any]) -> dict[str, Any]:
    """What a link to a file leads to, under the name of the link."""
    if not info.get("islink") or not Path(info["name"]).is_file():
        return info
    file = Path(info["name"]).stat()
    return info | {"type": "file", "size": file.st_size, "mtime": file.st_mtime}


def _version(info: dict[str, Any]) -> str:
    for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created"):
        if info.get(key) is not None:
            return str(info[key])
    return ""


def output_name(name: str, suffix: str) -> str:
    """Where a picture goes below the output folder.

    Raises OptionError for a name that leads out of it.
    """
    if posixpath.normpath(name) != name or name.startswith(("/", "../")) or "\\" in name:
        raise OptionError(f"{name!r} would be written outside of the output folder; leave it out.")
    return posixpath.splitext(name)[0] + suffix
