"""What the charts share: their shape, colors, lines and hover texts."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import color_of, described, title_of
from kmeans_core.bench.records.results import Cell
from kmeans_core.wording import seconds_text

PUBLISHED_COLOR = "#888888"

ChartRow = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """name: of a file. alt: what it shows, in a sentence. data: one row per point, for download."""

    name: str
    figure: go.Figure
    alt: str
    data: list[ChartRow] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.data


def measured(cells: Iterable[Cell | None]) -> list[Cell]:
    """Those with a time."""
    return [cell for cell in cells if cell is not None and cell.seconds is not None]


def lines_by_backend(
    view: View, cells: list[Cell], *, x: Callable[[Cell], float]
) -> tuple[go.Figure, list[ChartRow]]:
    figure, rows = go.Figure(), []
    for backend in view.backends(cells):
        mine = sorted(measured(cell for cell in cells if cell.case.backend == backend), key=x)
        if len(mine) < 2:
            continue
        add_line(figure, mine, title_of(backend), color_of(backend), x=x, dash=dash_of(backend))
        rows += [cell_row(cell) for cell in mine]
    return figure, rows


def add_line(
    figure: go.Figure,
    cells: list[Cell],
    name: str,
    color: str,
    *,
    x: Callable[[Cell], float],
    dash: str = "solid",
) -> None:
    figure.add_scatter(
        x=[x(cell) for cell in cells],
        y=[cell.seconds for cell in cells],
        name=name,
        mode="lines+markers",
        line={"color": color, "dash": dash},
        customdata=[(seconds_text(cell.seconds or 0.0), hover_text(cell)) for cell in cells],
        hovertemplate="%{x:.3~g}: %{customdata[0]}<br>%{customdata[1]}<extra>" + name + "</extra>",
    )


def add_published(figure: go.Figure, values: Mapping[int, float], name: str, color: str) -> None:
    figure.add_scatter(
        x=list(values),
        y=list(values.values()),
        name=f"{name}, published",
        showlegend=False,
        mode="lines+markers",
        line={"color": color, "dash": "dot", "width": 1},
        marker={"symbol": "circle-open"},
        hovertemplate="%{x} colors: %{y:.3g}<extra>" + name + ", published</extra>",
    )


def hover_text(cell: Cell) -> str:
    """The raw repetitions, and the inertia of the result."""
    repetitions = " · ".join(seconds_text(row.seconds or 0.0) for row in cell.warm)
    row = cell.sample
    iterations = iterations_text(row.rounds)
    return f"repetitions {repetitions}<br>{iterations}, inertia {row.inertia:,.0f}, {row.points:,} points"


def cell_row(cell: Cell) -> ChartRow:
    row = cell.sample
    return {
        "source": cell.case.source,
        "backend": cell.case.backend,
        "colors": cell.case.n_clusters,
        "iterations": cell.case.n_iter,
        "cores": cell.case.cores,
        "pixels": row.pixels,
        "points": row.points,
        "seconds": cell.seconds,
        "runs": " ".join(f"{warm.seconds:.6g}" for warm in cell.warm if warm.seconds is not None),
        "inertia": row.inertia,
    }


def iterations_text(count: int) -> str:
    return f"{count} iteration" if count == 1 else f"{count} iterations"


def dash_of(backend: str) -> str:
    """Yardsticks are dashed."""
    return "dash" if described(backend).yardstick else "solid"


def log_range(low: float, high: float) -> list[float]:
    return [math.log10(low), math.log10(high)]


def set_layout(
    figure: go.Figure,
    x: str,
    y: str,
    *,
    log: bool = False,
    log_x: bool = False,
    height: int = 380,
    legend: bool = True,
) -> None:
    figure.update_layout(
        xaxis_title=x,
        yaxis_title=y,
        height=height,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        showlegend=legend,
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "traceorder": "normal"},
    )
    if log:
        figure.update_yaxes(type="log")
    if log_x:
        figure.update_xaxes(type="log")
