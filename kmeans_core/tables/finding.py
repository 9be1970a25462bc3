"""Finding the files of a table: CSV or Parquet, by path, folder, pattern or address."""

import posixpath
from typing import Any

from kmeans_core.errors import TableError
from kmeans_core.tables.reading import join_names

_TEXT_ENDINGS = (".csv", ".tsv", ".txt")
_SUFFIXES = (*_TEXT_ENDINGS, ".parquet")
_PACKED = (".gz", ".bz2", ".zip", ".xz", ".zst")


def find_files(source: str) -> tuple[Any, dict[str, int]]:
    """The file system, and addresses of the files with their sizes, in the order of their names. Files that
    are empty, and those of other kinds, are left out.

    source: a file, a folder, a pattern such as `data/2024-*.csv`, or an address that fsspec knows.
    Raises TableError if there are none, or of both kinds.
    """
    from fsspec.core import url_to_fs

    files, path = url_to_fs(source)
    if files.isdir(path):
        found = {
            name: about for name, about in files.find(path, detail=True).items() if not _is_hidden(name, path)
        }
    elif files.exists(path):
        found = {path: files.info(path)}
    else:
        found = files.glob(path, detail=True)
    names = sorted(name for name, about in found.items() if about["type"] == "file")
    if not names:
        raise TableError(f"{source} does not exist, or has no files; check the name.")
    known = [name for name in names if name.lower().endswith(_SUFFIXES)]
    if not known:
        packed = any(name.lower().endswith(_PACKED) for name in names)
        advice = "unpack them first, or write Parquet" if packed else f"use {join_names(_SUFFIXES)}"
        raise TableError(f"{source} has no file that can be read in chunks; {advice}.")
    if len({is_parquet(name) for name in known}) > 1:
        raise TableError(
            f"{source} has both Parquet and text files; give only one of them, such as '*.parquet'."
        )
    sizes = {files.unstrip_protocol(name): int(found[name]["size"]) for name in known if found[name]["size"]}
    if not sizes:
        raise TableError(f"{source} is empty; choose a file with a header and rows.")
    return files, sizes


def is_parquet(name: str) -> bool:
    """Whether a file is Parquet, by its name; otherwise it is text."""
    return name.lower().endswith(".parquet")


def _is_hidden(files: str, folder: str) -> bool:
    """Whether a file or a folder below `folder` is named as one that readers should leave out."""
    below = posixpath.relpath(files, folder).split("/")
    return any(part.startswith(("_", ".")) for part in below)
