"""The picture that a page works on: a sample or an upload."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.reading_apart import load_picture_apart
from pages.components.quantize.gallery import GalleryItem, gallery
from pages.components.shared.links import goes_through_history, write_link
from pages.components.shared.presence import while_reading
from pages.components.shared.samples import UPLOADS, samples
from pages.components.shared.texts import as_text
from pages.components.shared.uploaded import file_of

_PARAMETER = "picture"  # its name in the URL
_UPLOAD_KEY, _CHOSEN = "kept_upload", "chosen_sample"
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
    def is_sample(self) -> bool:
        return bool(self.credit)

    @property
    def is_large(self) -> bool:
        """Whether reading it may take a moment."""
        return len(self.data) > 2_000_000

    @property
    def stem(self) -> str:
        return Path(self.name).stem


def choose_source() -> Source:
    """Thumbnails of the samples and a place to drop a file. The sample's name is in the URL."""
    if _CHOSEN not in st.session_state or goes_through_history():
        wanted = st.query_params.get(_PARAMETER, "")
        st.session_state[_CHOSEN] = wanted if wanted in samples() else _first()
    chosen: str = st.session_state[_CHOSEN]
    upload: Source | None = st.session_state.get(_UPLOAD_KEY)
    gallery(
        [GalleryItem(sample.key, sample.title, sample.thumbnail) for sample in samples().values()],
        None if upload else chosen,
        label="Sample pictures",
        key="samples",
        on_pick=_pick_sample,
    )
    st.file_uploader(
        "Your own picture",
        type=UPLOADS,
        key=upload_key(),
        max_upload_size=_UPLOAD_MEGABYTES,
        on_change=_take_upload,
        args=(upload_key(),),
        help="Stays in this server's memory while you use the page, and is not stored. "
        "The first frame of animated files counts; up to 50 megapixels.",
    )
    write_link(_PARAMETER, "" if upload is not None or chosen == _first() else chosen)
    if upload is None:
        return _sample_source(chosen)
    if st.session_state.get(upload_key()) is None:  # the uploader itself forgets when another page is shown
        st.caption(as_text(f"{upload.name} is still loaded; choose a sample to replace it."))
    return upload


def upload_key() -> str:
    """The key of the uploader: a sample that is picked empties it, by giving it a new one."""
    return f"upload_{st.session_state.setdefault('upload_number', 0)}"


def read_picture(source: Source) -> Picture:
    """The picture: a sample here, and what a stranger gave by a process with limits. Raises PictureError."""
    if source.is_sample:
        return load_picture(source.data, name=source.name)
    return load_picture_apart(source.data, source.name, on_wait=while_reading())


def _take_upload(key: str) -> None:
    file = file_of(key)
    st.session_state[_UPLOAD_KEY] = None
    if file is not None:
        data = file.getvalue()
        st.session_state[_UPLOAD_KEY] = Source(
            file.name,
            Path(file.name).stem,
            f"Your picture {file.name}",
            data,
            hashlib.sha256(data).hexdigest(),
        )
    st.session_state[_CHOSEN] = _first()


def _pick_sample(key: str) -> None:
    st.session_state[_UPLOAD_KEY] = None
    st.session_state.upload_number += 1
    st.session_state[_CHOSEN] = key


def _first() -> str:
    return next(iter(samples()))


@cache
def _sample_source(key: str) -> Source:
    sample = samples()[key]
    data, sha = sample.read()
    return Source(sample.path.name, sample.title, sample.alt, data, sha, sample.credit)
