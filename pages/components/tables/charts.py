"""Charts of a clustered table. Fonts and grays come from the theme."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kmeans_core.model_selection import Suggestion, SweepPoint
from kmeans_core.tables.clustered import ClusteredTable
from kmeans_core.types import FloatArray, IndexArray
from pages.components.shared.charts import CLUSTER_COLORS
from pages.components.shared.texts import as_label

MAX_DRAWN = 5000
_MAX_LINES = 1500
PRINCIPAL_COMPONENTS = "Principal components"
_SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "cross",
    "x",
    "triangle-up",
    "triangle-down",
    "pentagon",
    "star",
    "hexagon",
)


def drawn_rows(n_rows: int, max_rows: int = MAX_DRAWN) -> IndexArray:
    """The clustered rows to draw: all, or a random sample if there are too many."""
    if n_rows <= max_rows:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(0).choice(n_rows, max_rows, replace=False))


def scatter_chart(clustered: ClusteredTable, x: str, y: str) -> go.Figure:
    """Rows and centers, in the units of two columns or on the first two principal components."""
    drawn = drawn_rows(len(clustered.prepared.points))
    points, centers, titles = _coordinates(clustered, x, y, drawn)
    labels = clustered.result.labels[drawn]
    rows = clustered.prepared.rows[drawn]
    figure = go.Figure()
    for cluster in range(len(centers)):
        mine = labels == cluster
        figure.add_scattergl(
            x=points[mine, 0],
            y=points[mine, 1],
            mode="markers",
            name=f"{cluster} · {int(clustered.sizes[cluster]):,} rows",
            marker={
                "color": _color(cluster),
                "size": 7 if len(drawn) < 1000 else 5,
                "opacity": 0.75,
                "symbol": _SYMBOLS[cluster % len(_SYMBOLS)],
            },
            customdata=rows[mine],
            hovertemplate=f"row %{{customdata}}<br>%{{x:.4~g}}, %{{y:.4~g}}<extra>cluster {cluster}</extra>",
        )
    figure.add_scattergl(  # as the rows are: their layer lies over everything that is not
        x=centers[:, 0],
        y=centers[:, 1],
        mode="markers+text",
        text=[str(cluster) for cluster in range(len(centers))],
        textfont={"color": "#fff", "size": 12},
        name="centers",
        showlegend=False,
        marker={
            "color": [_color(cluster) for cluster in range(len(centers))],
            "size": 22,
            "line": {"color": "#fff", "width": 2},
        },
        hovertemplate="center %{text}<br>%{x:.4~g}, %{y:.4~g}<extra></extra>",
    )
    figure.update_layout(
        xaxis_title=as_label(titles[0]),
        yaxis_title=as_label(titles[1]),
        height=400,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": -0.22},
    )
    return figure


def sweep_chart(points: Sequence[SweepPoint], suggestion: Suggestion, chosen: int) -> go.Figure:
    """Inertia and silhouette against k."""
    ks = [point.k for point in points]
    figure = go.Figure()
    figure.add_scatter(
        x=ks,
        y=[point.inertia for point in points],
        mode="lines+markers",
        name="Inertia",
        line={"color": CLUSTER_COLORS[0]},
        hovertemplate="%{x} clusters<br>inertia %{y:,.4~g}<extra></extra>",
    )
    figure.add_scatter(
        x=ks,
        y=[None if np.isnan(point.silhouette) else point.silhouette for point in points],
        mode="lines+markers",
        name="Silhouette",
        yaxis="y2",
        line={"color": CLUSTER_COLORS[1], "dash": "dash"},
        marker={"symbol": "diamond"},
        hovertemplate="%{x} clusters<br>silhouette %{y:.3f}<extra></extra>",
    )
    figure.add_vline(
        x=chosen,
        line={"dash": "dot", "color": "#888"},
        annotation={"text": f"k = {chosen}"},
        annotation_position="top right",
    )
    figure.update_layout(
        xaxis={"title": "Clusters", "dtick": 1},
        yaxis={"title": "Inertia", "rangemode": "tozero"},
        yaxis2={
            "title": "Silhouette",
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "tickformat": ".2~f",
            "range": [min(0, *(point.silhouette for point in points if point.k > 1), 0), 1],
        },
        height=320,
        margin={"l": 10, "r": 10, "t": 25, "b": 10},
        legend={"orientation": "h", "y": -0.3},
        clickmode="event+select",
    )
    return figure


def profile_chart(profile: pd.DataFrame) -> go.Figure:
    """What sets each cluster apart, as a heat map."""
    values = profile.to_numpy()
    reach = max(float(np.abs(values).max()), 1e-9)
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[as_label(name) for name in profile.columns],
            y=[f"cluster {cluster}" for cluster in profile.index],
            zmin=-reach,
            zmax=reach,
            colorscale=[(0, "#e08a4a"), (0.5, "#efefef"), (1, "#5a9bd0")],  # dark text is legible on each
            textfont={"color": "#111"},
            texttemplate="%{z:+.2f}" if values.size <= 200 else None,
            colorbar={"title": "σ"},
            hovertemplate="%{y}<br>%{x}<br>%{z:+.2f} standard deviations from the mean<extra></extra>",
        )
    )
    figure.update_layout(
        height=120 + 34 * len(profile),
        yaxis={"autorange": "reversed"},
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
    )
    return figure


def parallel_chart(clustered: ClusteredTable) -> go.Figure:
    """One line per row through all columns, in the units of the table, colored by cluster."""
    drawn = drawn_rows(len(clustered.prepared.points), _MAX_LINES)
    points = clustered.preparation.to_original(clustered.prepared.points[drawn])
    labels = clustered.result.labels[drawn]
    last_cluster = max(len(clustered.result.centers) - 1, 1)
    steps = [
        (edge, _color(cluster))
        for cluster in range(last_cluster + 1)
        for edge in (cluster / (last_cluster + 1), (cluster + 1) / (last_cluster + 1))
    ]
    figure = go.Figure(
        go.Parcoords(
            line={"color": labels, "colorscale": steps, "cmin": -0.5, "cmax": last_cluster + 0.5},
            dimensions=[
                {"label": "cluster", "values": labels, "tickvals": list(range(last_cluster + 1))},
                *({"label": as_label(name), "values": points[name]} for name in points.columns[:12]),
            ],
            labelangle=-20,
            labelside="bottom",
        )
    )
    figure.update_layout(height=420, margin={"l": 60, "r": 40, "t": 30, "b": 90})
    return figure


def effect_chart(before: FloatArray, after: FloatArray, name: str) -> go.Figure:
    """A column before and after preparation, as two histograms side by side."""
    figure = go.Figure()
    for axis, (values, title) in enumerate(((before, "before"), (after, "after")), 1):
        figure.add_histogram(
            x=values,
            name=title,
            nbinsx=40,
            marker_color=CLUSTER_COLORS[axis - 1],
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            hovertemplate="%{x}: %{y:,} rows<extra></extra>",
        )
    figure.update_layout(
        grid={"rows": 1, "columns": 2, "pattern": "independent"},
        xaxis={"title": as_label(f"{name}, before")},
        xaxis2={"title": as_label(f"{name}, after")},
        height=260,
        showlegend=False,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
    )
    return figure


def _coordinates(
    clustered: ClusteredTable, x: str, y: str, drawn: IndexArray
) -> tuple[FloatArray, FloatArray, tuple[str, str]]:
    if x == PRINCIPAL_COMPONENTS or y == PRINCIPAL_COMPONENTS:
        points, centers, shares = clustered.principal_components
        first, second = (
            f"Principal component {i + 1} ({100 * share:.0f} %)" for i, share in enumerate(shares)
        )
        return points[drawn], centers, (first, second)
    original = clustered.preparation.to_original(clustered.prepared.points[drawn])
    return original[[x, y]].to_numpy(), clustered.centers[[x, y]].to_numpy(), (x, y)


def _color(cluster: int) -> str:
    return CLUSTER_COLORS[cluster % len(CLUSTER_COLORS)]
