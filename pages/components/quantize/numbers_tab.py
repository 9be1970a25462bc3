"""How many colors: the error over all numbers of them, and the number that reaches a target."""

import math
from dataclasses import replace
from typing import NamedTuple

import plotly.graph_objects as go
import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.images.choosing import TARGETS, CurvePoint, FoundNumber, elbow
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.jobs.job import JobState
from kmeans_core.wording import bytes_text, number_text
from pages.components.quantize.runs import loaded
from pages.components.quantize.source import Source
from pages.components.quantize.sweep import sweep
from pages.components.shared.job_panel import watch_job
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.texts import as_text, say_error

SLOT = JobSlot("numbers")
_ASKED, _FOUND, _TAKE = "numbers_asked", "numbers_found", "numbers_take"
_FIELDS = {"psnr": (35.0, 1.0), "delta-e": (2.0, 0.1), "bytes": (100.0, 10.0)}  # first value, step
_BYTES = 1000  # file sizes are asked for in KB


class _Search(NamedTuple):
    """What a search is for. picture: SHA-256 of its bytes. settings: with any number of colors. value: in the
    unit of the field."""

    picture: str
    settings: QuantizeOptions
    target: str
    value: float


def take_found_number() -> None:
    """Sets the number of colors to the one that was found, before any widget of this run is there."""
    number = st.session_state.pop(_TAKE, None)
    if number is not None:
        st.session_state.colors = number


def numbers_tab(source: Source, settings: QuantizeOptions, n_colors: int) -> None:
    """n_colors: of the result that is shown."""
    with st.spinner("Trying 2 to 256 colors…"):
        points = sweep(source)
    if len(points) < 2:
        st.info("This picture has too few colors for a curve.")
    else:
        st.plotly_chart(
            _chart(points, n_colors, elbow(points)),
            key=f"numbers_chart_{source.sha}",
            on_select=_pick_number,
            selection_mode="points",
            alt="Line chart: the error falls as the number of colors rises, quickly at first, then slowly",
            config={"displayModeBar": False},
        )
        st.caption(
            "Click a point to use that number of colors. The curve is one quick sweep in sRGB: a picture "
            "made for one number is a few percent better."
        )
    _form(source, settings)


def _pick_number() -> None:
    for key, state in st.session_state.items():
        if str(key).startswith("numbers_chart_") and state and state["selection"]["points"]:
            st.session_state.colors = int(state["selection"]["points"][0]["x"])


def _chart(points: list[CurvePoint], n_colors: int, elbow: int | None) -> go.Figure:
    """Both axes are logarithmic: every doubling of the colors counts alike."""
    figure = go.Figure(
        go.Scatter(
            x=[point.n_colors for point in points],
            y=[point.mse for point in points],
            customdata=[number_text(point.psnr) if point.mse else "exact" for point in points],
            mode="lines+markers",
            marker={"size": 9},
            hovertemplate="%{x} colors<br>MSE %{y:,.4~g}<br>PSNR %{customdata} dB<extra></extra>",
        )
    )
    marks = {n_colors: "now"} if elbow in (None, n_colors) else {n_colors: "now", elbow: "elbow"}
    for number, name in marks.items():
        figure.add_vline(x=number, line={"dash": "dot" if name == "now" else "dash", "color": "#888"})
        figure.add_annotation(  # whose place on a logarithmic axis is a logarithm
            x=math.log10(number),
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=0 if name == "now" else 16,  # so that neighbors stay readable
            text=f"{name}: {number}",
            showarrow=False,
            xanchor="left" if name == "now" else "right",
        )
    figure.update_layout(
        xaxis={"title": "Colors", "type": "log", "tickvals": [2, 4, 8, 16, 32, 64, 128, 256]},
        yaxis={"title": "Mean squared error", "type": "log", "tickformat": ",~r"},
        height=320,
        margin={"l": 10, "r": 10, "t": 46, "b": 10},
        showlegend=False,
        clickmode="event+select",
    )
    return figure


def _form(source: Source, settings: QuantizeOptions) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = st.selectbox(
            "Find the number of colors for a",
            TARGETS,
            format_func=lambda name: TARGETS[name].title,
            key="numbers_target",
            persist_state="session",
            width=280,
            help="The smallest number that reaches the quality, or the largest that fits the file size, with "
            "the current settings.",
        )
        first, step = _FIELDS[target]
        value = st.number_input(
            "KB" if target == "bytes" else TARGETS[target].unit,
            0.0,
            None,
            first,
            step,
            key=f"numbers_value_{target}",
            persist_state="session",
            width=140,
        )
        search = _Search(source.sha, replace(settings, n_colors=1), target, float(value))
        # A search for another picture or other settings is no longer wanted.
        is_asked = st.session_state.get(_ASKED) == search
        SLOT.keep_only(search)
        if st.button("Find", icon=":material/search:", disabled=is_asked, key="numbers_find"):
            st.session_state[_ASKED], is_asked = search, True
    if is_asked:
        _watch(source, search)
    result = st.session_state.get(_FOUND)
    if result and result[0] == search:
        st.success(_found_text(target, result[1]), icon=":material/check:")


def _watch(source: Source, search: _Search) -> None:
    try:
        job = SLOT.job(
            search,
            "kmeans_core.jobs.tasks:find_n_colors_of_picture",
            lambda: {
                "picture": loaded(source)[0],
                "target": search.target,
                "value": search.value * (_BYTES if search.target == "bytes" else 1),
                "min_colors": 2,
                "options": search.settings,
            },
        )
    except KMeansError as error:
        say_error(error)
        return
    if job.state in (JobState.FAILED, JobState.STOPPED):
        # The same search would fail again: wait for another value, or for Find.
        (st.info if job.state is JobState.STOPPED else st.error)(as_text(job.message))
        st.session_state[_ASKED] = None
        SLOT.forget()
    elif job.state is JobState.DONE:
        choice: FoundNumber = job.result
        st.session_state[_FOUND], st.session_state[_TAKE] = (search, choice), choice.n_colors
        st.session_state[_ASKED] = None
        SLOT.forget()
        st.rerun()
    else:
        watch_job(job, title="Searching", max_iter=0, reports_progress=True, key="numbers_panel")


def _found_text(target: str, choice: FoundNumber) -> str:
    value = bytes_text(int(choice.value)) if target == "bytes" else number_text(choice.value)
    unit = {"psnr": " dB PSNR", "delta-e": " mean color difference", "bytes": ""}[target]
    return f"{choice.n_colors} colors give {value}{unit}; {len(choice.tried)} numbers were tried."
