"""Which uploaded files widgets have taken: the server removes others."""

import threading

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.shared.presence import visitor_id

_lock = threading.Lock()
_wanted: dict[str, frozenset[str]] = {}


def file_of(key: str) -> UploadedFile | None:
    """The file of an uploader, for its callback; None if it has none, or one that the server refused."""
    file = st.session_state[key]
    return file if isinstance(file, UploadedFile) else None


def note_wanted_files() -> None:
    """Notes the files that the widgets of this visitor's page have now."""
    found = set()
    for value in st.session_state.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, UploadedFile):
                found.add(one.file_id)
    with _lock:
        _wanted[visitor_id()] = frozenset(found)


def wanted_files(visitor: str) -> frozenset[str]:
    """The files that the widgets of a visitor's page had at its last run."""
    with _lock:
        return _wanted.get(visitor, frozenset())


def forget_visitors(known: set[str]) -> None:
    """Forgets all visitors but these."""
    with _lock:
        for visitor in _wanted.keys() - known:
            del _wanted[visitor]
