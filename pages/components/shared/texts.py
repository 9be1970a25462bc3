"""Texts from outside, names of files and columns above all, and what this app says of them.

Streamlit reads most of what it shows as Markdown, and Plotly reads labels as HTML. A name must not become a
link, a picture or a heading there: it is shown letter by letter.
"""

import re
from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

# Longer ones are cut: no sentence of ours is, and no name that people read.
_MAX_LENGTH = 1000
# What begins something in Markdown, in the dialect of GitHub, or in Streamlit's.
_MARKUP = re.compile(r"[\\*\[\]<$~]|(?<!\w)_|_(?!\w)|:(?=\w)|&(?=#?\w+;)|^[#>+-]|^\d+[.)](?=\s)")
# Of addresses they make links whatever is escaped; not if an invisible sign parts them.
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\w)(?=@\w)", re.IGNORECASE)
_JOINER = "\u2060"


def as_code(given: str) -> str:
    """A value from outside as a code span, with a fence longer than any run of backticks in it."""
    line = " ".join(given.split()) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def as_text(sentence: object) -> str:
    """A name, or a sentence with names in it, as Markdown that shows it letter by letter. What stands between
    two single backticks is code, as our own sentences have it."""
    line = " ".join(str(sentence).split())
    if len(line) > _MAX_LENGTH:
        line = f"{line[:_MAX_LENGTH]}…"
    parts = line.split("`")
    # Code begins and ends as it does for Markdown only if there are as many beginnings as ends.
    if "``" in line or len(parts) % 2 == 0:
        return _escaped(line).replace("`", "\\`")
    return "`".join(part if place % 2 else _escaped(part) for place, part in enumerate(parts))


def as_label(name: str) -> str:
    """A name for a chart, whose labels are read as HTML."""
    line = " ".join(name.split())[:200]
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def say_error(error: object, where: DeltaGenerator | None = None) -> None:
    """Says on the page what is wrong. where: here by default."""
    (where or st).error(as_text(error), icon=":material/error:")


def say_notes(notes: Iterable[str]) -> None:
    """Says what was done and guessed, one line each."""
    for note in notes:
        st.caption(f":material/info: {as_text(note)}")


def _escaped(text: str) -> str:
    # A backslash goes before the sign, which is the last letter.
    escaped = _MARKUP.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)
    return _ADDRESS.sub(_JOINER, escaped)
