"""What a batch works on and how, as widgets that write themselves into the URL."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.images.options import QuantizeOptions
from pages.components.shared.links import choose_linked
from pages.components.shared.samples import UPLOADS, samples
from pages.components.shared.setting_widgets import SettingWidgets

_OFFERED = ("space", "dither", "effort")
WIDGETS = SettingWidgets(
    QuantizeOptions,
    prefix="batch_",
    prefixed=_OFFERED,
    without=[name for name in QuantizeOptions.settings() if name not in _OFFERED],
)
COLOR_COUNTS = (2, 4, 8, 16, 32, 64, 128, 256)
MAX_FILES = 100
MAX_MEGABYTES = 300
# Pictures times numbers of colors: what a page can list, and a server hold.
MAX_RESULTS = 400
_DEFAULT = (8, 32)
_UPLOADED_KEY = "batch_kept"


@dataclass(frozen=True)
class BatchFiles:
    """files: names and bytes. key: identifies them. are_samples: whether nothing was uploaded."""

    files: tuple[tuple[str, bytes], ...]
    key: str
    are_samples: bool


@dataclass(frozen=True)
class BatchSettings:
    """color_counts: numbers of colors. shared: one palette for all. file_format: of the results."""

    color_counts: tuple[int, ...]
    shared: bool
    file_format: str
    options: QuantizeOptions


def link_names() -> dict[str, Collection[str]]:
    """What the settings in a link may say."""
    kinds = _kinds()
    return {
        "batch_colors": [str(number) for number in COLOR_COUNTS],
        "batch_shared": ["true", "false"],
        "batch_format": [*kinds, *kinds.values()],
        **WIDGETS.link_names(),
    }


def choose_files() -> BatchFiles:
    """What was dropped, or the samples. Raises OptionError for more than a batch may hold."""
    uploaded = st.file_uploader(
        "Your pictures",
        type=UPLOADS,
        accept_multiple_files=True,
        key="batch_upload",
        on_change=_forget_if_emptied,
        max_upload_size=50,
        help=f"Up to {MAX_FILES} files, {MAX_MEGABYTES} MB in all. They stay in this server's memory while "
        "you use the page, and are not stored.",
    )
    uploaded_files: BatchFiles | None = st.session_state.get(_UPLOADED_KEY)
    if not uploaded:  # the uploader forgets its files when another page is shown
        if uploaded_files is None:
            return _samples()
        st.caption(f"{len(uploaded_files.files)} of your files are still here.")
        st.button("Back to the samples", on_click=lambda: st.session_state.pop(_UPLOADED_KEY))
        return uploaded_files
    n_bytes = sum(file.size for file in uploaded)
    if len(uploaded) > MAX_FILES or n_bytes > MAX_MEGABYTES * 1e6:
        raise OptionError(
            f"{len(uploaded)} files of {n_bytes / 1e6:,.0f} MB are more than a batch may hold, {MAX_FILES} "
            f"files of {MAX_MEGABYTES} MB; drop fewer, or use the command line, which has no such limit."
        )
    key = " ".join(file.file_id for file in uploaded)
    if uploaded_files is None or uploaded_files.key != key:
        uploaded_files = BatchFiles(
            tuple((file.name, file.getvalue()) for file in uploaded), key, are_samples=False
        )
        st.session_state[_UPLOADED_KEY] = uploaded_files
    return uploaded_files


def _forget_if_emptied() -> None:
    if not st.session_state.batch_upload:
        st.session_state.pop(_UPLOADED_KEY, None)


def choose_batch_settings() -> BatchSettings:
    color_counts = st.multiselect(
        "Numbers of colors",
        COLOR_COUNTS,
        _DEFAULT,
        key="batch_colors",
        bind="query-params",
        persist_state="session",
        help="Each picture is reduced to each of these numbers.",
    )
    shared = st.toggle(
        "One palette for all",
        key="batch_shared",
        bind="query-params",
        persist_state="session",
        help="One palette that fits all pictures best, weighted by their pixels: for series, sprites or a "
        "book. Off gives each picture its own palette.",
    )
    file_format = choose_linked(
        label="Files",
        key="batch_format",
        choices=_kinds(),
        default=next(iter(_kinds())),
        disabled=False,
        help_text="What the ZIP holds. The sizes in the table are those of plain PNG.",
    )
    with st.expander("More options", icon=":material/tune:"):
        options = QuantizeOptions.of(**WIDGETS.choose_rest((), offered={}, settled={}))
    return BatchSettings(tuple(sorted(color_counts)), bool(shared), file_format, options)


def _kinds() -> dict[str, str]:
    """Of files that can be written here: name → title."""
    return {kind: found.title for kind, found in IMAGE_FORMATS.items() if found.is_available}


@st.cache_resource(show_spinner=False)
def _samples() -> BatchFiles:
    files = tuple((sample.path.name, sample.read()[0]) for sample in samples().values())
    return BatchFiles(files, "samples", are_samples=True)
