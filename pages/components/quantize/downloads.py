"""The buttons over a picture: its link, and the result as a file."""

from functools import partial

import streamlit as st

from kmeans_core.images.encoding import IMAGE_FORMATS, EncodedPicture, image_bytes
from pages.components.quantize.picked import result_key
from pages.components.quantize.source import Source
from pages.components.shared.copy_link import copy_link
from pages.components.shared.kept import Kept

_FORMAT_HELP = {
    "optimized": "The same PNG in fewer bytes, by oxipng.",
    "webp": "Often the smallest, for web pages.",
    "gif": "For old programs; without partial transparency.",
}


def downloads(source: Source, encoded: EncodedPicture) -> None:
    stem = f"{source.stem}-{encoded.report.n_colors}-colors"
    with st.container(horizontal=True, width="content"):
        copy_link(
            hint="The link carries every setting and the sample's name, but no uploaded picture.",
            key="copy_link",
        )
        st.download_button(
            "Download PNG",
            encoded.png,
            f"{stem}.png",
            "image/png",
            key="download_png",
            on_click="ignore",
            icon=":material/download:",
        )
        with st.popover("More formats", icon=":material/file_export:"):
            for kind, why in _FORMAT_HELP.items():
                image_format = IMAGE_FORMATS[kind]
                if not image_format.is_available:
                    continue
                # Made on demand: optimizing takes half a second.
                st.download_button(
                    image_format.title,
                    partial(_file, kind, encoded),
                    f"{stem}{image_format.suffix}",
                    image_format.mime,
                    key=f"download_{kind}",
                    on_click="ignore",
                    icon=":material/download:",
                    help=why,
                    width="stretch",
                )


_FILES: Kept[bytes] = Kept(len)


def _file(kind: str, encoded: EncodedPicture) -> bytes:
    return _FILES.get((result_key(encoded), kind), lambda: image_bytes(encoded.png, kind))
