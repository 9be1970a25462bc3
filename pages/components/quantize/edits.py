"""What a visitor changes by hand, exchanged and locked colors: it holds for other numbers of colors, can be
undone, and is in the link."""

from dataclasses import dataclass, replace

import streamlit as st

from kmeans_core.errors import OptionError
from kmeans_core.images.recoloring import (
    Exchange,
    PlacedExchanges,
    exchange_colors,
    exchanges_text,
    parse_exchanges,
    place_exchanges,
)
from kmeans_core.wording import listed
from pages.components.quantize.locked import lock_only, locked_now
from pages.components.quantize.picked import result_key
from pages.components.quantize.runs import RESULTS, PictureResult, loaded, with_preview
from pages.components.quantize.source import Source
from pages.components.shared.links import goes_through_history, write_link

_EXCHANGES, _LINK = "exchanged_colors", "exchange"
_UNDO, _REDO, _PICTURE = "edits_undo", "edits_redo", "edited_picture"
_MAX_STEPS = 100


@dataclass(frozen=True)
class Edits:
    """Exchanges in the order in which they were made, and locked colors."""

    exchanges: tuple[Exchange, ...] = ()
    locked: tuple[str, ...] = ()


def take_linked(source: Source) -> list[str]:
    """Takes the exchanges of a link, once or when the browser goes back, and writes those of now into it.
    They are of one picture, and end with it.

    Returns sentences about what cannot be used.
    """
    problems = []
    if st.session_state.setdefault(_PICTURE, source.sha) != source.sha:
        st.session_state[_PICTURE], st.session_state[_EXCHANGES] = source.sha, ()
        st.session_state[_UNDO] = st.session_state[_REDO] = []
    if _EXCHANGES not in st.session_state or goes_through_history():
        try:
            st.session_state[_EXCHANGES] = parse_exchanges(st.query_params.get(_LINK, ""))
        except OptionError as error:
            st.session_state[_EXCHANGES] = ()
            problems.append(f"The link cannot be followed altogether: {error}")
    write_link(_LINK, exchanges_text(exchanges_now()))
    return problems


def exchanges_now() -> tuple[Exchange, ...]:
    exchanges: tuple[Exchange, ...] = st.session_state.get(_EXCHANGES, ())
    return exchanges


def exchange(base: PictureResult, index: int, before: str, color: str) -> None:
    """Replaces a color of a result by another, "#8a7f6e"; the color that it had at first undoes that.

    A palette has each color once, so one that it has already is refused. before: the color as it was when
    this was asked for; if another has come there meanwhile, nothing is done.
    """
    now, palette = _now(), base.encoded.palette
    placed = place_exchanges(palette, now.exchanges, base.encoded.report.options.locked)
    shown = [f"#{bytes(one).hex()}" for one in placed.colors]
    if not index < len(shown) or shown[index] != before:
        st.toast(f"{before} is not in the palette any more.", icon=":material/block:")
        return
    is_undone = palette.entries[index].hex == color
    if not is_undone and color in (hex_color for i, hex_color in enumerate(shown) if i != index):
        st.toast(f"{color} is already in the palette.", icon=":material/block:")
        return
    old = palette.entries[index].hex
    replaced = (placed.by_index.get(index), *(one for one in now.exchanges if one.old == old))
    kept = tuple(one for one in now.exchanges if one not in replaced)
    _change(replace(now, exchanges=kept if color == old else (*kept, Exchange(old, color))))


def undo_all() -> None:
    """Takes back all exchanges."""
    _change(replace(_now(), exchanges=()))


def toggle_lock(color: str) -> None:
    """Locks a color, "#8a7f6e", or unlocks it; must run before any widget."""
    now = _now()
    if color in now.locked:
        _change(replace(now, locked=tuple(one for one in now.locked if one != color)))
        return
    # A color that came by an exchange is the palette's own from now on.
    exchanges = tuple(one for one in now.exchanges if one.new != color)
    _change(Edits(exchanges, (*now.locked, color)))


def can_undo() -> bool:
    return bool(st.session_state.get(_UNDO))


def can_redo() -> bool:
    return bool(st.session_state.get(_REDO))


def undo() -> None:
    """Goes back by one change, if there is one; must run before any widget."""
    _step(_UNDO, _REDO)


def redo() -> None:
    """Goes forward by one change that was undone, if there is one; must run before any widget."""
    _step(_REDO, _UNDO)


def apply_exchanges(source: Source, base: PictureResult, exchanges: tuple[Exchange, ...]) -> PictureResult:
    """A result with colors exchanged, if there are any for it."""
    if not exchanges:
        return base
    # The same picture made at another time comes with other timings.
    key = f"{result_key(base.encoded)} {base.encoded.report.seconds}"
    return RESULTS.get((source.sha, key, exchanges), lambda: _exchanged(source, base, exchanges))


def _exchanged(source: Source, base: PictureResult, exchanges: tuple[Exchange, ...]) -> PictureResult:
    placed = place_exchanges(base.encoded.palette, exchanges, base.encoded.report.options.locked)
    made = base.encoded
    if placed.by_index:
        made = exchange_colors(loaded(source)[0], made, placed.colors)
    report = replace(made.report, notes=(*made.report.notes, *_notes(placed)))
    return with_preview(replace(made, report=report))


def _notes(placed: PlacedExchanges) -> list[str]:
    notes = []
    if placed.by_index:
        notes.append(f"Colors exchanged by hand: {len(placed.by_index)}.")
    if placed.waiting:
        old = listed([one.old for one in placed.waiting])
        notes.append(f"Not exchanged here: {old}, as no color is like it, or the new one is here already.")
    return notes


def _now() -> Edits:
    return Edits(exchanges_now(), locked_now())


def _change(to: Edits) -> None:
    st.session_state[_UNDO] = [*st.session_state.get(_UNDO, []), _now()][-_MAX_STEPS:]
    st.session_state[_REDO] = []
    _set(to)


def _step(origin: str, target: str) -> None:
    if not st.session_state.get(origin):
        return
    *rest, to = st.session_state[origin]
    st.session_state[origin] = rest
    st.session_state[target] = [*st.session_state.get(target, []), _now()]
    _set(to)


def _set(to: Edits) -> None:
    st.session_state[_EXCHANGES] = to.exchanges
    if to.locked != locked_now():  # else what is written in the field stays, even if it cannot be used now
        lock_only(to.locked)
