"""Many pictures: what was dropped, or the samples."""

from dataclasses import dataclass

import streamlit as st

from kmeans_core.errors import OptionError
from pages.components.shared.samples import UPLOADS, samples


@dataclass(frozen=True)
class PictureFiles:
    """files: names and bytes. key: identifies them. are_samples: whether nothing was uploaded."""

    files: tuple[tuple[str, bytes], ...]
    key: str
    are_samples: bool


def choose_files(page: str, *, max_files: int, max_megabytes: int) -> PictureFiles:
    """An uploader, and what it has. page: begins the names of its keys. Raises OptionError for more than
    the page may hold."""
    uploader, kept = f"{page}_upload", f"{page}_kept"

    def forget_if_emptied() -> None:
        if not st.session_state[uploader]:
            st.session_state.pop(kept, None)

    uploaded = st.file_uploader(
        "Your pictures",
        type=UPLOADS,
        accept_multiple_files=True,
        key=uploader,
        on_change=forget_if_emptied,
        max_upload_size=50,
        help=f"Up to {max_files} files, {max_megabytes} MB in all. They stay in this server's memory while "
        "you use the page, and are not stored.",
    )
    uploaded_files: PictureFiles | None = st.session_state.get(kept)
    if not uploaded:  # the uploader forgets its files when another page is shown
        if uploaded_files is None:
            return _samples()
        st.caption(f"{len(uploaded_files.files)} of your files are still here.")
        st.button("Back to the samples", on_click=lambda: st.session_state.pop(kept))
        return uploaded_files
    n_bytes = sum(file.size for file in uploaded)
    if len(uploaded) > max_files or n_bytes > max_megabytes * 1e6:
        raise OptionError(
            f"{len(uploaded)} files of {n_bytes / 1e6:,.0f} MB are more than this page may hold, {max_files} "
            f"files of {max_megabytes} MB; drop fewer, or use the command line, which has no such limit."
        )
    key = " ".join(file.file_id for file in uploaded)
    if uploaded_files is None or uploaded_files.key != key:
        uploaded_files = PictureFiles(
            tuple((file.name, file.getvalue()) for file in uploaded), key, are_samples=False
        )
        st.session_state[kept] = uploaded_files
    return uploaded_files


@st.cache_resource(show_spinner=False)
def _samples() -> PictureFiles:
    files = tuple((sample.path.name, sample.read()[0]) for sample in samples().values())
    return PictureFiles(files, "samples", are_samples=True)
