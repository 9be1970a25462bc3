"""Learn: k-means one step at a time, in the plane."""

import streamlit as st

from kmeans_core.walkthrough.datasets import PlaneData
from kmeans_core.walkthrough.walk import Step, walk
from pages.components.learn.plane import show_drawing, show_walk
from pages.components.learn.settings import (
    GRID,
    LINK_NAMES,
    LINK_NUMBERS,
    LearnSettings,
    choose_learn_settings,
    current_step,
    initial_centers,
    keep_placed,
    keep_points,
    keep_step,
    plane_data,
    read_settings,
)
from pages.components.learn.tabs import learn_tabs
from pages.components.shared.copy_link import copy_link
from pages.components.shared.frame import run_page
from pages.components.shared.links import problems_in_link
from pages.components.shared.unforeseen import with_net


def main() -> None:
    problems = problems_in_link("learn", numbers=LINK_NUMBERS, names=LINK_NAMES)
    with st.sidebar:
        settings = choose_learn_settings()
    for problem in problems:
        st.warning(problem, icon=":material/link_off:")
    data = plane_data(settings)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.title("K-means, step by step", anchor=False)
            st.caption(data.about if data is not None else "Set some points and watch k-means cluster them.")
        with st.container(width="content"):
            copy_link(hint="The link carries data, start, step and your own points.", key="copy_link")
    steps = _walk(settings)
    _plane(settings, data, steps)
    if data is not None:
        if len(steps[0].centers) < settings.k:
            n_centers = len(steps[0].centers)
            st.caption(
                f":material/info: Only {n_centers} distinct points, so there are {n_centers} clusters."
            )
        learn_tabs(settings, data, steps)


@st.cache_data(max_entries=100, show_spinner=False)
def _walk(settings: LearnSettings) -> tuple[Step, ...]:
    data = plane_data(settings)
    return () if data is None else walk(data.points, initial_centers(settings, data))


@st.fragment
@with_net
def _plane(settings: LearnSettings, data: PlaneData | None, steps: tuple[Step, ...]) -> None:
    """The plane by itself: stepping through it leaves the rest of the page alone."""
    step = current_step()
    if data is None or settings.data == "own":
        show_drawing(
            data,
            steps,
            step=step,
            grid=GRID,
            on_step=keep_step,
            on_placed=keep_placed,
            on_points=keep_points,
            key="plane_own",
        )
    else:
        show_walk(data, steps, step=step, on_step=keep_step, on_placed=keep_placed, key="plane")
    if read_settings() != settings:  # a center or point was placed: rerun the whole page
        st.rerun()


run_page(main)
