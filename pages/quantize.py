"""Quantize: a picture in k colors, before and after, with its palette."""

import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.images.compiling import compile_in_background, has_compiled_in_background, is_compiled
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.reading_apart import warm_readers
from kmeans_core.jobs.job import Job
from pages.components.quantize import edits, pinned
from pages.components.quantize.comparison import Shown
from pages.components.quantize.locked import locked_problems
from pages.components.quantize.numbers_tab import take_found_number
from pages.components.quantize.palette_tab import link_names as palette_names
from pages.components.quantize.runs import SLOT, PictureResult, numba_preview, wanted
from pages.components.quantize.settings import WIDGETS, choose_settings
from pages.components.quantize.source import Source, choose_source
from pages.components.quantize.sweep import publish_sweep
from pages.components.quantize.view import show, watch
from pages.components.shared.frame import run_page
from pages.components.shared.links import lingering, problems_in_link
from pages.components.shared.results import attempt, result_or_job, show_problems
from pages.components.shared.samples import samples
from pages.components.shared.texts import say_error


def main() -> None:
    problems = problems_in_link(
        "quantize",
        numbers=WIDGETS.link_numbers(),
        names={"picture": list(samples()), **WIDGETS.link_names(), **palette_names()},
    )
    take_found_number()
    with st.sidebar:
        source = choose_source()
        settings = choose_settings()
    notice = st.container()
    by_hand = [*edits.take_linked(source), *pinned.take_linked(source)]
    show_problems(notice, [*problems, *lingering("by_hand", by_hand)])
    for problem in locked_problems():
        say_error(problem, notice)
    possible = _possible_at_once(settings)
    tried = attempt(
        lambda: _result_or_job(source, possible),
        lambda result: Shown(source, possible, result),
        last="quantize_last",
        slot=SLOT,
        notice=notice,
    )
    displayed = tried.shown or _numba_preview(source, settings)
    if displayed is not None:
        show(displayed, settings, tried.running, outdated=not tried.is_current)
    elif tried.running is not None:
        watch(tried.running, settings)
        st.skeleton(height=420)
    # Only after the picture is shown, for these keep a core busy for a while.
    if not is_compiled(effort="balanced"):
        compile_in_background()
    warm_readers()
    if possible != settings:
        _await_compiler(settings)
    elif displayed is not None:
        publish_sweep(displayed.source, key="sweep")


def _possible_at_once(settings: QuantizeOptions) -> QuantizeOptions:
    """Without the default search until its code is compiled: nobody waits for the first picture."""
    if settings.fit.effort != "balanced" or has_compiled_in_background() or is_compiled(effort="balanced"):
        return settings
    return settings.having("effort", "fast")


@st.fragment(run_every=1.0)
def _await_compiler(settings: QuantizeOptions) -> None:
    if _possible_at_once(settings) == settings:
        st.rerun()
    st.caption(
        ":material/hourglass_top: Slightly better colors follow by themselves: the search for them is being "
        "compiled for this machine, which happens once."
    )


def _result_or_job(source: Source, settings: QuantizeOptions) -> PictureResult | Job | None:
    if not is_compiled(settings.dither):
        with st.spinner("Compiling for this machine, which happens once…", show_time=True):
            return result_or_job(wanted(source, settings), SLOT)
    if not source.is_large:
        return result_or_job(wanted(source, settings), SLOT)
    with st.spinner(f"Reading {source.name}…", show_time=True):
        return result_or_job(wanted(source, settings), SLOT)


def _numba_preview(source: Source, settings: QuantizeOptions) -> Shown | None:
    """For a first visit: the same picture by Numba, until the result is there."""
    try:
        result = numba_preview(source, settings)
    except KMeansError:
        return None  # said already
    return Shown(source, settings, result) if result is not None else None


run_page(main)
