"""What a batch works on and how, as widgets that write themselves into the URL."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.images.options import QuantizeOptions
from pages.components.shared.links import choose_linked
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
