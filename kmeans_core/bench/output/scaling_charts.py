"""Charts of how time grows: with pixels, colors, cores and workers, and over the project's history.

Each comes with the rows it draws.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from kmeans_core.bench.analysis.model import CostModel
from kmeans_core.bench.analysis.verdict import Projection
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import color_of, in_order, title_of
from kmeans_core.bench.measuring.presets import CLUSTERS
from kmeans_core.bench.output.chart_parts import (
    PUBLISHED_COLOR,
    Chart,
    ChartRow,
    cell_row,
    dash_of,
    hover_text,
    iterations_text,
    lines_by_backend,
    measured,
    set_layout,
)
from kmeans_core.bench.records.results import Cell
from kmeans_core.wording import seconds_text


def scaling_with_pixels(view: View, n_clusters: int, n_iter: int, *, log: bool) -> Chart:
    """Time against megapixels, one line per backend."""
    cells = [
        cell for cell in view.all_sizes if cell.case.n_clusters == n_clusters and cell.case.n_iter == n_iter
    ]
    figure, rows = lines_by_backend(view, cells, x=lambda cell: cell.sample.pixels / 1e6)
    _label_points(figure, log, [row["pixels"] / 1e6 for row in rows])
    set_layout(figure, "Megapixels", "Seconds", log=log, log_x=log)
    return Chart(
        "scaling-with-pixels",
        figure,
        f"Lines: seconds of each backend against megapixels, {n_clusters} colors, {iterations_text(n_iter)}",
        rows,
    )


def scaling_with_colors(view: View, n_iter: int, *, log: bool) -> Chart:
    """Time against the number of colors up to 256, one line per backend."""
    cells = [cell for cell in view.cells if cell.case.n_iter == n_iter]
    figure, rows = lines_by_backend(view, cells, x=lambda cell: cell.case.n_clusters)
    _label_points(figure, log, [row["colors"] for row in rows if row["colors"] in CLUSTERS])
    set_layout(figure, "Colors", "Seconds", log=log, log_x=log)
    return Chart(
        "scaling-with-colors",
        figure,
        f"Lines: seconds of each backend against colors, {iterations_text(n_iter)}",
        rows,
    )


def scaling_with_rows(view: View, *, log: bool) -> Chart:
    """Time against the rows of made-up tables, one line per backend."""
    figure, rows = lines_by_backend(view, view.tables, x=lambda cell: cell.sample.points)
    _label_points(figure, log, [row["points"] for row in rows], "{:,.0f}")
    set_layout(figure, "Rows", "Seconds", log=log, log_x=log)
    return Chart("scaling-with-rows", figure, "Lines: seconds of each backend against rows", rows)


def _label_points(figure: go.Figure, log: bool, values: Sequence[float], form: str = "{:.3g}") -> None:
    """On a log axis, labels where the points are; Plotly's own would be 2, 3, 4, …, 20, 30, …"""
    if log:
        ticks = sorted(set(values))
        figure.update_xaxes(tickvals=ticks, ticktext=[form.format(place) for place in ticks])


def scaling_with_cores(view: View, n_clusters: int, n_iter: int) -> Chart:
    """Speed-up against cores: the time on one core by the time on n."""
    figure = go.Figure()
    rows: list[ChartRow] = []
    cells = [
        cell for cell in view.all_cores if cell.case.n_clusters == n_clusters and cell.case.n_iter == n_iter
    ]
    max_cores = 1
    for backend in view.backends(cells):
        mine = [cell for cell in cells if cell.case.backend == backend and cell.seconds is not None]
        single = next((cell.seconds for cell in mine if cell.case.cores == 1), None)
        if single is None or len(mine) < 2:
            continue
        speedups = [single / (cell.seconds or 1.0) for cell in mine]
        max_cores = max(max_cores, *(cell.case.cores for cell in mine))
        figure.add_scatter(
            x=[cell.case.cores for cell in mine],
            y=speedups,
            name=title_of(backend),
            mode="lines+markers",
            line={"color": color_of(backend)},
            customdata=[hover_text(cell) for cell in mine],
            hovertemplate="%{x} cores: %{y:.2f}×<br>%{customdata}<extra>" + title_of(backend) + "</extra>",
        )
        rows += [{**cell_row(cell), "speed_up": value} for cell, value in zip(mine, speedups, strict=True)]
    figure.add_scatter(
        x=[1, max_cores],
        y=[1, max_cores],
        name="Ideal",
        mode="lines",
        line={"color": PUBLISHED_COLOR, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.update_xaxes(dtick=1 if max_cores <= 8 else None)
    set_layout(figure, "Cores", "Speed-up over one core")
    return Chart("scaling-with-cores", figure, "Lines: speed-up of each backend against cores", rows)


def residuals_chart(models: dict[str, CostModel]) -> Chart:
    """Predicted against measured seconds; on the diagonal they agree."""
    figure = go.Figure()
    rows: list[ChartRow] = []
    for backend in in_order(set(models)):
        projected = models[backend].residuals
        figure.add_scatter(
            x=[residual.measured for residual in projected],
            y=[residual.predicted for residual in projected],
            name=title_of(backend),
            mode="markers",
            marker={"color": color_of(backend), "size": 7},
            customdata=[
                f"{residual.cell.case.title}, {residual.cell.sample.pixels / 1e6:.2g} megapixels<br>measured "
                f"{seconds_text(residual.measured)}, model {seconds_text(residual.predicted)} "
                f"({residual.error:+.0%})"
                for residual in projected
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
        rows += [
            {**cell_row(residual.cell), "predicted": residual.predicted, "error": residual.error}
            for residual in projected
        ]
    if rows:
        ends = [min(row["seconds"] for row in rows), max(row["seconds"] for row in rows)]
        figure.add_scatter(
            x=ends,
            y=ends,
            mode="lines",
            name="Agreement",
            line={"color": PUBLISHED_COLOR, "dash": "dot"},
            hoverinfo="skip",
        )
    set_layout(figure, "Measured, seconds", "Cost model, seconds", log=True, log_x=True)
    return Chart("cost-model", figure, "Dots: the cost model's seconds against the measured ones", rows)


def projection_chart(projections: Sequence[Projection]) -> Chart:
    """Seconds against workers as the cost models predict, with the rival on one machine as a level line."""
    figure = go.Figure()
    rows: list[ChartRow] = []
    for residuals in projections:
        figure.add_scatter(
            x=list(residuals.workers),
            y=list(residuals.seconds),
            name=f"{title_of(residuals.backend)}, model",
            mode="lines+markers",
            line={"color": color_of(residuals.backend), "dash": dash_of(residuals.backend)},
            customdata=[seconds_text(seconds) for seconds in residuals.seconds],
            hovertemplate="%{x} workers: %{customdata}<extra>" + title_of(residuals.backend) + "</extra>",
        )
        rows += [
            {"backend": residuals.backend, "workers": count, "seconds": seconds}
            for count, seconds in zip(residuals.workers, residuals.seconds, strict=True)
        ]
    for rival, seconds in {residuals.rival: residuals.rival_seconds for residuals in projections}.items():
        figure.add_scatter(
            x=[1, max(projections[0].workers)],
            y=[seconds, seconds],
            name=f"{title_of(rival)}, one machine",
            mode="lines",
            line={"color": color_of(rival), "dash": dash_of(rival)},
            hovertemplate=f"{title_of(rival)}: {seconds_text(seconds)}<extra></extra>",
        )
        rows.append({"backend": rival, "workers": 1, "seconds": seconds})
    set_layout(figure, "Workers like this machine", "Seconds", log=True, log_x=True)
    return Chart("projection", figure, "Lines: projected seconds against the number of workers", rows)


def history_chart(cells: Sequence[Cell]) -> Chart:
    """One case over time: a dot a repetition, a line through the medians."""
    done = measured(cells)
    figure = go.Figure()
    for cell in done:
        figure.add_scatter(
            x=[row.measured_at for row in cell.warm],
            y=[row.seconds for row in cell.warm],
            mode="markers",
            marker={"color": color_of(cell.case.backend), "opacity": 0.5},
            showlegend=False,
            hovertemplate="%{x}: %{y:.3g} s<extra></extra>",
        )
    figure.add_scatter(
        x=[cell.last.measured_at for cell in done],
        y=[cell.seconds for cell in done],
        mode="lines+markers",
        name="Median",
        line={"color": color_of(done[0].case.backend)} if done else {},
        customdata=[hover_text(cell) for cell in done],
        hovertemplate="%{x}<br>median %{y:.3g} s<br>%{customdata}<extra></extra>",
    )
    figure.update_yaxes(rangemode="tozero")
    set_layout(figure, "", "Seconds", legend=False)
    rows = [{**cell_row(cell), "measured_at": cell.last.measured_at} for cell in done]
    return Chart("history", figure, "Dots: seconds of each repetition over time", rows)
