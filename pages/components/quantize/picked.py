"""The palette color that a visitor works on."""

import hashlib

import streamlit as st

from kmeans_core.images.encoding import EncodedPicture
from pages.components.quantize.runs import PictureResult

_PICKED = "picked_color"


def result_key(encoded: EncodedPicture) -> str:
    """A key that identifies a result."""
    return hashlib.sha256(encoded.png).hexdigest()


def pick(result: PictureResult, index: int | None) -> None:
    """Picks a color of a result by its index; the same once more picks none."""
    entries = result.encoded.palette.entries
    is_known = index is not None and index < len(entries) and index != picked(result)
    chosen = entries[index] if is_known and index is not None else None
    st.session_state[_PICKED] = chosen and chosen.hex


def picked(result: PictureResult) -> int | None:
    """The index of the color that is picked, as long as the palette has it."""
    hex_color = st.session_state.get(_PICKED)
    hexes = [color.hex for color in result.encoded.palette.entries]
    return hexes.index(hex_color) if hex_color in hexes else None
