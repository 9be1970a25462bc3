"""Where the pictures of a collection are, and where what is made of them goes."""

import os
import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from kmeans_core.errors import OptionError
from kmeans_core.temporary import new_folder
from kmeans_core.wording import portable_name
from pages.components.shared.picture_files import PictureFiles

ROOTS = "KMEANS_COLLECTION_ROOTS"
# In links, instead of the name of a root.
UPLOADS = "uploads"
_HELD = "collection_folders"
_PICTURES = "pictures"
# Of letters, of which one may take 4 of the 255 bytes of a name.
_MAX_STEM = 50


def roots() -> dict[str, Path]:
    """Folders of the server that its operator allowed to read, by their names."""
    found: dict[str, Path] = {}
    for text in os.environ.get(ROOTS, "").split(os.pathsep):
        path = Path(text.strip())
        if text.strip() and path.is_dir():
            name, number = path.name or "root", 1
            while name in found or name == UPLOADS:
                number += 1
                name = f"{path.name or 'root'}-{number}"
            found[name] = path.resolve()
    return found


def folder_below(root: Path, given: str) -> Path:
    """A folder below a root. Raises OptionError for one that is not there, or not below it."""
    try:
        path = (root / given.strip().lstrip("/")).resolve()
        is_one = path.is_relative_to(root) and path.is_dir()
    except (OSError, ValueError, RuntimeError):  # no name that a folder can have
        is_one = False
    if not is_one:
        raise OptionError(f"{given} is no folder below {root.name}; name one that is, or nothing for all.")
    return path


@dataclass(frozen=True)
class Place:
    """source: the folder with the pictures. output: where what is made goes. key: of the pictures. what: in
    words, in the plural."""

    source: str
    output: str
    key: str
    what: str
    are_samples: bool


class _VisitorFolder:
    """A folder that goes when nobody holds this object any more."""

    def __init__(self) -> None:
        self.path = new_folder("collection")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def place_of_files(files: PictureFiles) -> Place:
    """Files that were dropped, or samples, in a folder of this visitor."""

    def fill(folder: Path) -> None:
        source, taken = folder / _PICTURES, set[str]()
        source.mkdir()
        for name, data in files.files:
            (source / _free(portable_name(name), taken)).write_bytes(data)

    folder = _visitor_folder(files.key, fill)
    what = "sample" if files.are_samples else "picture"
    return Place(str(folder / _PICTURES), str(folder / "out"), files.key, what, files.are_samples)


def place_of_folder(path: Path) -> Place:
    """A folder of the server; what is made of it goes to a folder of this visitor."""
    folder = _visitor_folder(str(path), lambda folder: None)
    return Place(str(path), str(folder / "out"), str(path), "picture", are_samples=False)


def _visitor_folder(key: str, fill: Callable[[Path], None]) -> Path:
    """The folder for these pictures, filled when it is new. Only one is kept."""
    held: tuple[str, _VisitorFolder] | None = st.session_state.get(_HELD)
    if held is None or held[0] != key or not held[1].path.is_dir():
        made = _VisitorFolder()
        fill(made.path)
        held = (key, made)
        st.session_state[_HELD] = held
    return held[1].path


def _free(name: str, taken: set[str]) -> str:
    """The name, or with a number where there is one like it: what is made of both is a file without the
    ending."""
    stem, suffix = Path(name).stem[:_MAX_STEM], Path(name).suffix
    candidate, number = stem, 1
    while candidate.lower() in taken:
        number += 1
        candidate = f"{stem}-{number}"
    taken.add(candidate.lower())
    return f"{candidate}{suffix}"
