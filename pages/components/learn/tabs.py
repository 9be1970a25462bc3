"""Under the plane: what other starts lead to, when k-means fails, and the data."""

from collections import Counter
from dataclasses import dataclass, replace

import plotly.graph_objects as go
import streamlit as st

from kmeans_core.walkthrough.datasets import PlaneData
from kmeans_core.walkthrough.walk import Step, walk
from kmeans_core.wording import number_text, times_text
from pages.components.learn.plane import show_still
from pages.components.learn.settings import KEYS, LearnSettings, initial_centers, keep_placed, plane_data

_STARTS = 24


@dataclass(frozen=True)
class Failure:
    """Settings in which k-means fails. lesson: why, and what helps."""

    title: str
    lesson: str
    data: str
    k: int
    start: str = "k-means++"
    placed: tuple[tuple[float, float], ...] = ()


FAILURES = (
    Failure(
        "A bad start",
        "Two centers start in the same group and one between the other two. Points only pull at their "
        "nearest center, so nothing ever pulls one across the gap: k-means ends there, with seven times the "
        "best inertia. **What helps:** a start that spreads (k-means++), or several starts of which the best "
        "one counts.",
        "blobs",
        3,
        "placed",
        ((-5.0, -9.0), (-5.5, -10.5), (7.4, 5.0)),
    ),
    Failure(
        "The wrong k",
        "Five centers for three groups: groups are split, and the inertia still falls, because it always "
        "does when centers are added. Inertia alone cannot tell you k. **What helps:** look for the elbow in "
        "the curve of inertia against k, or how well points sit in their cluster (the silhouette).",
        "blobs",
        5,
    ),
    Failure(
        "Shapes that are not round",
        "The border between two centers is always a straight line, halfway. No line separates two "
        "crescents. **What helps:** a method that follows density (DBSCAN) or neighbors (spectral "
        "clustering).",
        "moons",
        2,
    ),
    Failure(
        "A ring around a ring",
        "Both rings have the same mean, and k-means knows nothing but means: it cuts through both. "
        "**What helps:** other coordinates, such as the distance from the center of the rings, or spectral "
        "clustering.",
        "circles",
        2,
    ),
    Failure(
        "Groups of different width",
        "The border lies halfway between two centers, however wide the groups are, so the edge of the wide "
        "one goes to its neighbors; often the wide one is cut in two and the tight ones are joined. **What "
        "helps:** a Gaussian mixture, which gives each group a width of its own.",
        "uneven",
        3,
    ),
    Failure(
        "An empty cluster",
        "One center starts so far away that no point is nearest to it. Here it takes over the point "
        "farthest from its own center. Other programs leave it where it is, as Spark ML does, or put it at "
        "the origin, as dask-ml does. **What helps:** start at points of the data.",
        "blobs",
        3,
        "placed",
        ((0.0, 0.0), (1.0, 1.0), (40.0, 25.0)),
    ),
    Failure(
        "No groups at all",
        "K-means divides what you give it, whether there are groups or not, and the tiles look convincing. "
        "**What helps:** look at the silhouette: below about 0.5 there are hardly any groups.",
        "uniform",
        5,
    ),
)


def learn_tabs(settings: LearnSettings, data: PlaneData, steps: tuple[Step, ...]) -> None:
    starts, failures, table = st.tabs(
        ["Compare starts", "When it fails", "The data"],
        key="learn_tab",
        on_change="rerun",
        bind="query-params",
    )
    with starts:
        if starts.open:
            _compare_starts(settings, data, steps)
    with failures:
        if failures.open:
            _failures()
    with table:
        if table.open:
            _table(data, steps)


def _compare_starts(settings: LearnSettings, data: PlaneData, steps: tuple[Step, ...]) -> None:
    drawn = {
        seed: _final_step(replace(settings, start="random", seed=seed, placed_centers=()))
        for seed in range(_STARTS)
    }
    best = min(drawn, key=lambda seed: (drawn[seed].inertia, seed))
    worst = max(drawn, key=lambda seed: (drawn[seed].inertia, -seed))
    ends = Counter(f"{end.inertia:.4g}" for end in drawn.values())
    st.write(_starts_text(ends, drawn[best], drawn[worst]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.select_slider(
            "Compare with random start",
            sorted(drawn, key=lambda seed: (drawn[seed].inertia, seed)),
            worst,
            format_func=lambda seed: f"seed {seed}: {number_text(drawn[seed].inertia or 0.0)}",
            key="learn_other",
            help="From the best of the random starts to the worst.",
        )
        st.button(
            "Walk through it",
            icon=":material/directions_walk:",
            key="walk_other",
            on_click=_choose_seed,
            args=(chosen,),
            width="content",
        )
    for column, title, end, key in zip(
        st.columns(2),
        ("This start", f"Random start, seed {chosen}"),
        (steps[-1], drawn[chosen]),
        ("plane_mine", "plane_other"),
        strict=True,
    ):
        with column:
            st.markdown(f"**{title}**")
            show_still(data, (end,), key=key)
    st.plotly_chart(
        _ends_chart(drawn, steps[-1]),
        key="ends_chart",
        alt=f"The final inertia of {_STARTS} random starts, sorted, and that of this start as a line",
        config={"displayModeBar": False},
    )


def _starts_text(ends: Counter[str], best: Step, worst: Step) -> str:
    low, high = best.inertia or 0.0, worst.inertia or 0.0
    if len(ends) == 1:
        return f"All {_STARTS} random starts end with the same result, an inertia of {number_text(low)}."
    often = ends[f"{low:.4g}"]
    ratio = f", {times_text(high / low)} the best" if low > 0 else ""
    return (
        f"{_STARTS} random starts end with {len(ends)} different results. The best, with an inertia of "
        f"{number_text(low)}, is reached {often} times; the worst has {number_text(high)}{ratio}."
    )


def _ends_chart(drawn: dict[int, Step], mine: Step) -> go.Figure:
    ordered = sorted(drawn.items(), key=lambda item: item[1].inertia or 0.0)
    figure = go.Figure(
        go.Bar(
            x=list(range(1, len(ordered) + 1)),
            y=[end.inertia for _, end in ordered],
            customdata=[(seed, end.iteration) for seed, end in ordered],
            hovertemplate="seed %{customdata[0]}<br>inertia %{y:,.5~g}<br>"
            "%{customdata[1]} iterations<extra></extra>",
        )
    )
    figure.add_hline(
        y=mine.inertia, line_dash="dot", annotation_text="this start", annotation_position="top left"
    )
    figure.update_layout(
        xaxis_title="Random starts, sorted",
        yaxis_title="Inertia at the end",
        height=260,
        margin={"l": 10, "r": 10, "t": 20, "b": 10},
    )
    return figure


@st.cache_data(max_entries=2000, show_spinner=False)
def _final_step(settings: LearnSettings) -> Step:
    data = plane_data(settings)
    assert data is not None
    return walk(data.points, initial_centers(settings, data))[-1]


def _choose_seed(seed: int) -> None:
    st.session_state[KEYS["start"]], st.session_state[KEYS["seed"]] = "random", seed


def _failures() -> None:
    st.write("K-means always gives a result. In these cases it is not the one you want.")
    for number, failure in enumerate(FAILURES):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{failure.title}**  \n{failure.lesson}", width="stretch")
            st.button(
                "Show it",
                key=f"failure_{number}",
                on_click=_show_failure,
                args=(failure,),
                icon=":material/visibility:",
                help=f"Sets the page to: {failure.title.lower()}",
            )


def _show_failure(failure: Failure) -> None:
    for name in ("data", "k", "start"):
        st.session_state[KEYS[name]] = getattr(failure, name)
    if failure.placed:
        keep_placed(failure.placed)
    else:
        st.session_state[KEYS["seed"]] = 0


def _table(data: PlaneData, steps: tuple[Step, ...]) -> None:
    st.dataframe(
        {"x": data.points[:, 0], "y": data.points[:, 1], "cluster at the end": steps[-1].labels},
        key="learn_table",
        height=320,
    )
