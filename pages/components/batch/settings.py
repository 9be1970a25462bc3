"""What a batch works on and how, as widgets that write themselves into the URL."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from pages.components.shared.links import choose_linked
from pages.components.shared.setting_widgets import SettingWidgets
from pages.components.shared.texts import say_error

_OFFERED = ("space", "dither", "effort")
WIDGETS = SettingWidgets(
    QuantizeOptions,
    prefix="batch_",
    prefixed=_OFFERED,
    without=[name for name in QuantizeOptions.settings() if name not in _OFFERED],
)
MAX_FILES = 100
MAX_MEGABYTES = 300
# Pictures times numbers of colors: what a page can list, and a server hold.
MAX_RESULTS = 400
_COLORS, _DEFAULT, _LAST = "batch_colors", "8, 32", "batch_colors_last"


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
        "batch_shared": ["true", "false"],
        "batch_format": [*kinds, *kinds.values()],
        **WIDGETS.link_names(),
    }


def choose_batch_settings(notice: DeltaGenerator) -> BatchSettings:
    """notice: where it is said what cannot be used; until then, the last that could is."""
    color_counts = _choose_numbers(notice)
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
    return BatchSettings(color_counts, bool(shared), file_format, options)


def _choose_numbers(notice: DeltaGenerator) -> tuple[int, ...]:
    linked = st.query_params.get_all(_COLORS)
    if len(linked) > 1:  # as links once were
        st.query_params[_COLORS] = ", ".join(linked)
    text = st.text_input(
        "Numbers of colors",
        _DEFAULT,
        key=_COLORS,
        bind="query-params",
        persist_state="session",
        help="Each picture is reduced to each of these numbers, such as 5, 12, 32.",
    )
    try:
        st.session_state[_LAST] = numbers_in(text)
    except OptionError as error:
        say_error(f"{error} Until then, the last numbers that could be used are.", notice)
    last: tuple[int, ...] = st.session_state.get(_LAST, numbers_in(_DEFAULT))
    return last


def numbers_in(text: str) -> tuple[int, ...]:
    """The numbers of colors that are written in a text, in rising order.

    Raises OptionError for anything else than whole numbers of 1 to 256, or none.
    """
    parts = text.replace(",", " ").replace(";", " ").split()
    allowed = {str(number): number for number in range(1, MAX_COLORS + 1)}
    wrong = [part for part in parts if part not in allowed]
    if wrong or not parts:
        given = f"have {wrong[0][:40]!r}" if wrong else "are missing"
        raise OptionError(
            f"Numbers of colors {given}; give whole numbers from 1 to {MAX_COLORS}, such as 8, 32."
        )
    return tuple(sorted({allowed[part] for part in parts}))


def _kinds() -> dict[str, str]:
    """Of files that can be written here: name → title."""
    return {kind: found.title for kind, found in IMAGE_FORMATS.items() if found.is_available}
