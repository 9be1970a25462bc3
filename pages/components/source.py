"""Which picture a page works on: one of the samples, or an upload."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from pages.components.browser_parts import GalleryItem, gallery

_ASSETS = Path(__file__).parents[2] / "assets"
_PARAMETER = "picture"  # its name in the URL
_KEPT = "kept_upload"
UPLOADS = [
    "png",
    "jpg",
    "jpeg",
    "webp",
    "gif",
    "tif",
    "tiff",
    "bmp",
    "avif",
    "ico",
    "jp2",
    "ppm",
    "psd",
    "tga",
]
_UPLOAD_MEGABYTES = 50


@dataclass(frozen=True)
class Source:
    """A picture file as the user chose it.

    name: file name. title: what to call it in a heading. alt: what it shows. sha: SHA-256 of its bytes.
    credit: who made it and under which licence; empty for uploads.
    """

    name: str
    title: str
    alt: str
    data: bytes
    sha: str
    credit: str = ""

    @property
    def is_large(self) -> bool:
        """Whether reading it may take a moment."""
        return len(self.data) > 2_000_000

    @property
    def stem(self) -> str:
        return Path(self.name).stem


def choose_source() -> Source:
    """Thumbnails of the samples and a place to drop a file. The sample's name is in the URL."""
    samples = _samples()
    wanted = st.query_params.get(_PARAMETER, "")
    chosen = wanted if wanted in samples else next(iter(samples))
    # A sample that is picked empties the uploader, by giving it a new key.
    upload_key = f"upload_{st.session_state.setdefault('upload_number', 0)}"
    kept: Source | None = st.session_state.get(_KEPT)
    gallery(
        [GalleryItem(key, sample.title, thumb) for key, (sample, thumb) in samples.items()],
        None if kept else chosen,
        label="Sample pictures",
        key="samples",
        on_pick=_pick_sample,
    )
    st.file_uploader(
        "Your own picture",
        type=UPLOADS,
        key=upload_key,
        max_upload_size=_UPLOAD_MEGABYTES,
        on_change=_take_upload,
        args=(upload_key,),
        help="Stays in this server's memory while you use the page, and is not stored. "
        "The first frame of animated files counts; up to 50 megapixels.",
    )
    if kept is None:
        return samples[chosen][0]
    if st.session_state.get(upload_key) is None:  # the uploader itself forgets when another page is shown
        st.caption(f"{kept.name} is still here; choose a sample to leave it.")
    return kept


def sample_keys() -> list[str]:
    """Names of the samples as they stand in the URL."""
    return list(_samples())


def sample_files() -> dict[str, Path]:
    """Title of each sample → its file."""
    entries = json.loads((_ASSETS / "samples" / "samples.json").read_text("utf-8"))
    return {entry["title"]: _ASSETS / entry["file"] for entry in entries}


def _take_upload(key: str) -> None:
    file = st.session_state[key]
    st.session_state[_KEPT] = None
    if file is not None:
        data = file.getvalue()
        st.session_state[_KEPT] = Source(
            file.name,
            Path(file.name).stem,
            f"Your picture {file.name}",
            data,
            hashlib.sha256(data).hexdigest(),
        )
    _forget_sample()


def _pick_sample(key: str) -> None:
    st.session_state[_KEPT] = None
    st.session_state.upload_number += 1
    if key == next(iter(_samples())):
        _forget_sample()
    else:
        st.query_params[_PARAMETER] = key


def _forget_sample() -> None:
    st.query_params.pop(_PARAMETER, None)


@cache
def _samples() -> dict[str, tuple[Source, bytes]]:
    """key → the sample and its thumbnail, in the order of the list."""
    found = {}
    for entry in json.loads((_ASSETS / "samples" / "samples.json").read_text("utf-8")):
        data = (_ASSETS / entry["file"]).read_bytes()
        source = Source(
            Path(entry["file"]).name,
            entry["title"],
            entry["alt"],
            data,
            hashlib.sha256(data).hexdigest(),
            f"{entry['credit']}, {entry['license']}",
        )
        found[entry["key"]] = (source, (_ASSETS / entry["thumb"]).read_bytes())
    return found
