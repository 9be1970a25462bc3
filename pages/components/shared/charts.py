"""Charts of one run. Fonts and grays come from the theme."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from kmeans_core.types import Iteration
from kmeans_core.wording import seconds_text

# Ten colors with a contrast of 3:1 or more on white and on near-black; the first after Okabe and Ito, *Color
# Universal Design*, 2008. Centers carry numbers as well.
CLUSTER_COLORS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#c25f97",
    "#a87200",
    "#7d70d6",
    "#3c91c2",
    "#8c6d31",
    "#4f8a2b",
    "#b8484f",
)
# Titles of the phases, in the order they happen.
_PHASES = {
    "load": "Read the file",
    "start": "Start up, once",
    "histogram": "Count colors",
    "convert": "Convert to the color space",
    "search": "Search for initial colors",
    "seed": "Choose initial colors",
    "transfer": "Send to the workers",
    "fit": "Iterate",
    "finish": "Compute labels and inertia",
    "remap": "Color the pixels",
    "encode": "Write the PNG",
}


def convergence_chart(
    history: Sequence[Iteration],
    total_weight: float,
    noun: str = "colors",
    space: str = "",
    *,
    error: str = "Mean squared error",
) -> go.Figure:
    """The error by iteration, with what changed on hover.

    error: its name. noun: what changes cluster. space: the units of the error, if not obvious.
    """
    figure = go.Figure(
        go.Scatter(
            x=[iteration.index for iteration in history],
            y=[step.inertia / total_weight for step in history],
            mode="lines+markers" if len(history) < 60 else "lines",
            customdata=[(step.reassigned, step.center_shift, seconds_text(step.seconds)) for step in history],
            hovertemplate="Iteration %{x}<br>error %{y:,.4~g}<br>%{customdata[0]:,} "
            f"{noun} changed cluster<br>"
            "largest move %{customdata[1]:.3~g}<br>%{customdata[2]}<extra></extra>",
        )
    )
    figure.update_layout(
        xaxis_title="Iteration",
        yaxis_title=f"{error} in {space}" if space else error,
        height=320,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        showlegend=False,
    )
    return figure


def timing_chart(seconds: Mapping[str, float]) -> go.Figure:
    """One bar per phase, in the order they ran."""
    phases = [phase for phase in _PHASES if phase in seconds]
    figure = go.Figure(
        go.Bar(
            x=[seconds[phase] * 1e3 for phase in phases],
            y=[_PHASES[phase] for phase in phases],
            orientation="h",
            text=[seconds_text(seconds[phase]) for phase in phases],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        xaxis_title="Milliseconds",
        yaxis={"autorange": "reversed"},
        height=60 + 32 * len(phases),
        margin={"l": 10, "r": 70, "t": 10, "b": 10},
    )
    return figure
