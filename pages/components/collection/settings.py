"""What a collection works on and how, as widgets that write themselves into the URL."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from kmeans_core.collections.options import CollectionOptions
from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.images.options import QuantizeOptions
from pages.components.collection.places import (
    UPLOADS,
    Place,
    folder_below,
    place_of_files,
    place_of_folder,
    roots,
)
from pages.components.shared.backends import backends
from pages.components.shared.links import choose_linked
from pages.components.shared.picture_files import choose_files
from pages.components.shared.setting_widgets import SettingWidgets

MAX_FILES, MAX_MEGABYTES = 100, 300
_OFFERED = ("n_colors", "space", "dither", "effort")
_PREFIX = "collection_"
WIDGETS = SettingWidgets(
    QuantizeOptions,
    prefix=_PREFIX,
    prefixed=_OFFERED,
    without=[name for name in QuantizeOptions.settings() if name not in _OFFERED],
)
TOGETHER = SettingWidgets(
    CollectionOptions,
    prefix=_PREFIX,
    prefixed=list(CollectionOptions.settings()),
    without=("max_megapixels",),
)
_DEFAULT_COLORS = 16
# Of `CollectionOptions.on`, the backend that says whether it can run.
_ENGINES = {"spark": "spark-rdd", "dask": "dask"}


@dataclass(frozen=True)
class Settings:
    """options: of the pictures. how: of all together."""

    options: QuantizeOptions
    how: CollectionOptions


def link_numbers() -> dict[str, tuple[int, int]]:
    """Numbers that the settings in a link may have."""
    return {**WIDGETS.link_numbers(), **TOGETHER.link_numbers()}


def link_names() -> dict[str, Collection[str]]:
    """What the settings in a link may say."""
    return {
        **WIDGETS.link_names(),
        **TOGETHER.link_names(),
        f"{_PREFIX}from": [UPLOADS, *roots()],
    }


def choose_place() -> Place:
    """Where the pictures are. Raises OptionError for a folder that may not be read, and for too many."""
    known, source = roots(), UPLOADS
    if known:
        source = choose_linked(
            label="Pictures",
            key=f"{_PREFIX}from",
            choices={UPLOADS: "Uploads, or the samples", **{name: f"Server: {name}" for name in known}},
            default=UPLOADS,
            disabled=False,
            help_text="Your own, or a folder of this server that its operator has opened.",
        )
    if source == UPLOADS:
        return place_of_files(choose_files("collection", max_files=MAX_FILES, max_megabytes=MAX_MEGABYTES))
    given = st.text_input(
        "Folder below it",
        key=f"{_PREFIX}folder",
        bind="query-params",
        persist_state="session",
        help="With all folders in it. Empty for everything.",
    )
    return place_of_folder(folder_below(known[source], given or ""))


def choose_settings() -> Settings:
    n_colors = WIDGETS.choose("n_colors", value=_DEFAULT_COLORS)
    palettes = TOGETHER.choose("palettes")
    able = {"threads", *(on for on, name in _ENGINES.items() if backends()[name].available)}
    on = TOGETHER.choose("on", offered=able)
    with st.expander("More options", icon=":material/tune:"):
        kinds = {kind for kind, found in IMAGE_FORMATS.items() if found.is_available}
        rest = TOGETHER.choose_rest(("palettes", "on"), offered={"file_format": kinds}, settled={})
        options = WIDGETS.choose_rest(("n_colors",), offered={}, settled={})
    how = CollectionOptions.of(palettes=palettes, on=on, **rest)
    return Settings(QuantizeOptions.of(n_colors=n_colors, **options), how)
