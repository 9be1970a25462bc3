"""The paper's figures 5 to 9 with measured times, and the chart under the verdict.

Each comes with the rows it draws.
"""

import plotly.graph_objects as go

from kmeans_core.bench.analysis.verdict import median_after_first
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import color_of, described, in_order, title_of
from kmeans_core.bench.output.chart_parts import (
    PUBLISHED_COLOR,
    Chart,
    ChartRow,
    add_line,
    add_published,
    cell_row,
    dash_of,
    hover_text,
    iterations_text,
    log_range,
    measured,
    set_layout,
)
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import Cell, Repetition
from kmeans_core.wording import seconds_text

# One color per number of iterations, with the same contrast as those of the backends.
_ITERATION_COLORS = ("#3c91c2", "#009e73", "#b87900", "#d55e00", "#c25f97")

# Titles of the phases.
_PHASES = {
    "start": ("Start-up", "#d55e00"),
    "histogram": ("Count colors", "#8c6d31"),
    "seed": ("Choose initial centers", "#b87900"),
    "transfer": ("Send to the workers", "#c25f97"),
    "prepare": ("Check and prepare", "#888888"),
    "iterate": ("Iterate", "#0072b2"),
    "result": ("Labels and result", "#009e73"),
}
# Phases of a first iteration, in the order they happen.
CAUSES = {
    "start": "Start Spark",
    "transfer": "Send the colors",
    "seed": "Draw centers",
    "extra": "First time only",
    "round": "The iteration itself",
}
_CAUSE_COLORS = ("#d55e00", "#b87900", "#8c6d31", "#c25f97", "#0072b2")


def backends_chart(view: View, n_clusters: int, n_iter: int) -> Chart:
    """One bar per backend: time on one setting, on a log scale."""
    cells = measured(view.cells_at(n_clusters, n_iter))
    cells.sort(key=lambda cell: -(cell.seconds or 0.0))
    figure = go.Figure(
        go.Bar(
            x=[cell.seconds for cell in cells],
            y=[title_of(cell.case.backend) for cell in cells],
            orientation="h",
            marker_color=[color_of(cell.case.backend) for cell in cells],
            text=[_bar_text(view, cell) for cell in cells],
            textposition="outside",
            cliponaxis=False,
            customdata=[hover_text(cell) for cell in cells],
            hovertemplate="%{y}: %{text}<br>%{customdata}<extra></extra>",
        )
    )
    times = [cell.seconds for cell in cells if cell.seconds]
    if times:
        # Bars on a log scale have no zero: they begin a little left of the fastest.
        figure.update_xaxes(type="log", dtick=1, range=log_range(min(times) / 2, max(times) * 6))
    set_layout(figure, "Seconds, log scale", "", height=70 + 34 * len(cells), legend=False)
    return Chart(
        f"backends-{n_clusters}-colors-{n_iter}-iterations",
        figure,
        f"Bar chart of the time of each backend for {n_clusters} colors and {n_iter} iterations",
        [cell_row(cell) for cell in cells],
    )


def _bar_text(view: View, cell: Cell) -> str:
    other = view.work_difference(cell)
    return seconds_text(cell.seconds or 0.0) + (f" ({other})" if other else "")


def phases_chart(view: View, n_clusters: int, n_iter: int) -> Chart:
    """Where the time goes: two bars per backend, cold and warm, each phase as its share of the whole."""
    bars: list[tuple[str, str, dict[str, float]]] = []
    for cell in view.cells_at(n_clusters, n_iter):
        backend = cell.case.backend
        if cell.cold is not None:
            bars.append((backend, "cold", {"start": cell.cold.start, **cell.cold.phases}))
        if cell.warm:
            bars.append((backend, "warm", {phase: cell.phase(phase) for phase in cell.sample.phases}))
    figure, rows = go.Figure(), []
    for phase, (title, color) in _PHASES.items():
        labels, shares, texts = [], [], []
        for backend, kind, phases in bars:
            total = sum(phases.values())
            seconds = phases.get(phase, 0.0)
            name = (described(backend).start_title if phase == "start" else "") or title
            labels.append(f"{title_of(backend)}, {kind} · {seconds_text(total)}")
            shares.append(seconds / total if total else 0.0)
            texts.append(f"{name}: {seconds_text(seconds)}")
            rows.append({"backend": backend, "run": kind, "phase": phase, "seconds": seconds})
        figure.add_bar(
            x=shares,
            y=labels,
            orientation="h",
            name=title,
            marker_color=color,
            customdata=texts,
            hovertemplate="%{y}<br>%{customdata}, %{x:.1%}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    set_layout(figure, "Share of the time", "", height=130 + 26 * len(bars))
    return Chart(
        f"phases-{n_clusters}-colors-{n_iter}-iterations",
        figure,
        f"Stacked bars: the share of each phase in each backend's time, {n_clusters} colors",
        rows if bars else [],
    )


def time_per_iteration(
    view: View, backend: str, n_clusters: int = 10, n_iter: int = 10, *, with_published: bool = False
) -> Chart:
    """Figure 5: a cold run, iteration by iteration, the first one split into its causes."""
    cell = view.cell(backend, n_clusters, n_iter)
    cold = cell.cold if cell is not None else None
    rows = _iteration_rows(cold) if cold is not None and cold.iterations else []
    figure = go.Figure()
    for cause, color in zip(CAUSES, _CAUSE_COLORS, strict=True):
        cause_rows = [row for row in rows if row["cause"] == cause]
        figure.add_bar(
            x=[row["iteration"] for row in cause_rows],
            y=[row["seconds"] for row in cause_rows],
            name=CAUSES[cause],
            marker_color=color,
            customdata=[seconds_text(row["seconds"]) for row in cause_rows],
            hovertemplate=f"Iteration %{{x}}, {CAUSES[cause].lower()}: %{{customdata}}<extra></extra>",
        )
    if with_published and rows:
        times = published.FIGURE_5_RDD
        figure.add_scatter(
            x=list(range(1, len(times) + 1)),
            y=list(times),
            name="Published",
            mode="lines+markers",
            line={"color": PUBLISHED_COLOR, "dash": "dot"},
            hovertemplate="Iteration %{x}, published: %{y:.3g} s<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    set_layout(figure, "Iteration", "Seconds")
    return Chart(
        f"figure-5-{backend}",
        figure,
        f"Stacked bars: seconds of each iteration of {title_of(backend)} from a cold start",
        rows,
    )


def _iteration_rows(cold: Repetition) -> list[ChartRow]:
    later = median_after_first(cold.iterations)
    first = cold.iterations[0]
    causes = {
        "start": cold.start,
        "transfer": cold.phases.get("transfer", 0.0),
        "seed": cold.phases.get("seed", 0.0),
        # What later iterations do not need, such as loading code in Python workers.
        "extra": max(first - later, 0.0),
        "round": min(first, later),
    }
    rows: list[ChartRow] = [
        {"iteration": 1, "cause": cause, "seconds": seconds} for cause, seconds in causes.items()
    ]
    rows += [
        {"iteration": number, "cause": "round", "seconds": seconds}
        for number, seconds in enumerate(cold.iterations[1:], 2)
    ]
    return rows


def time_against_colors(
    view: View, backend: str, number: int, grid: published.Grid | None, *, log: bool
) -> Chart:
    """Figures 6 and 7: time against the number of colors, a line for each number of iterations."""
    figure, rows = go.Figure(), []
    for color, n_iter in zip(_ITERATION_COLORS, published.ITERATIONS, strict=True):
        cells = measured(view.cell(backend, colors, n_iter) for colors in published.COLORS)
        add_line(figure, cells, iterations_text(n_iter), color, x=lambda cell: cell.case.n_clusters)
        rows += [cell_row(cell) for cell in cells]
        if grid is not None:
            add_published(
                figure,
                {colors: grid[colors, n_iter] for colors in published.COLORS},
                iterations_text(n_iter),
                color,
            )
    set_layout(figure, "Colors", "Seconds", log=log)
    return Chart(
        f"figure-{number}-{backend}",
        figure,
        f"Lines: seconds of {title_of(backend)} against colors, one line for each number of iterations",
        rows,
    )


def time_ratio(view: View, numpy: str, spark: str, *, log: bool, with_published: bool) -> Chart:
    """Figure 8: NumPy's time as a share of Spark's."""
    figure = go.Figure()
    rows: list[ChartRow] = []
    for color, n_iter in zip(_ITERATION_COLORS, published.ITERATIONS, strict=True):
        points = []
        for colors in published.COLORS:
            one, other = view.seconds(numpy, colors, n_iter), view.seconds(spark, colors, n_iter)
            if one is not None and other is not None:
                points.append((colors, one / other, one, other))
        figure.add_scatter(
            x=[point[0] for point in points],
            y=[point[1] for point in points],
            name=iterations_text(n_iter),
            mode="lines+markers",
            line={"color": color},
            customdata=[(seconds_text(point[2]), seconds_text(point[3])) for point in points],
            hovertemplate="%{x} colors: %{y:.3g}<br>%{customdata[0]} / %{customdata[1]}<extra>"
            f"{iterations_text(n_iter)}</extra>",
        )
        rows += [
            {"colors": x, "iterations": n_iter, "ratio": y, f"{numpy}_seconds": a, f"{spark}_seconds": b}
            for x, y, a, b in points
        ]
        if with_published:
            ratio = {
                colors: published.TABLE_1_NUMPY[colors, n_iter] / published.TABLE_2_RDD[colors, n_iter]
                for colors in published.COLORS
            }
            add_published(figure, ratio, iterations_text(n_iter), color)
    set_layout(figure, "Colors", f"{title_of(numpy)} / {title_of(spark)}", log=log)
    return Chart(
        f"figure-8-{numpy}-to-{spark}",
        figure,
        f"Lines: the time of {title_of(numpy)} as a share of that of {title_of(spark)}, against colors",
        rows,
    )


def all_backends(view: View, n_iter: int, *, log: bool, with_published: bool) -> Chart:
    """Figure 9: every backend, time against colors."""
    figure, rows = go.Figure(), []
    for backend in in_order({cell.case.backend for cell in view.cells} | {"spark-ml"}):
        if backend == "spark-ml":
            cells = measured(view.spark_ml_default(colors) for colors in published.COLORS)
        else:
            cells = measured(view.cell(backend, colors, n_iter) for colors in published.COLORS)
        if cells:
            add_line(
                figure,
                cells,
                title_of(backend),
                color_of(backend),
                x=lambda cell: cell.case.n_clusters,
                dash=dash_of(backend),
            )
        rows += [cell_row(cell) for cell in cells]
    if with_published:
        for name, backend, grid in (
            ("NumPy", "paper-numpy", published.TABLE_1_NUMPY),
            ("RDD", "paper-rdd", published.TABLE_2_RDD),
        ):
            times = {colors: grid[colors, n_iter] for colors in published.COLORS}
            add_published(figure, times, name, color_of(backend))
        add_published(figure, dict(published.TABLE_3_SPARK_ML), "Spark ML", color_of("spark-ml"))
    set_layout(figure, "Colors", "Seconds", log=log)
    return Chart(
        f"figure-9-{n_iter}-iterations",
        figure,
        f"Lines: seconds of every backend against colors, {iterations_text(n_iter)}",
        rows,
    )
