"""The charts of the Benchmark page: the paper's figures and how time grows."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from kmeans_core.bench.analysis.model import CostModel
from kmeans_core.bench.analysis.verdict import machine_models, projection, projection_sentence
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import title_of
from kmeans_core.bench.measuring.presets import (
    SCALING_ITERATIONS,
    TABLE_CLUSTERS,
    TABLE_COLUMNS,
    TABLE_ITERATIONS,
)
from kmeans_core.bench.output import charts as figures
from kmeans_core.bench.output import scaling_charts as scaling_figures
from kmeans_core.bench.output.chart_parts import Chart, iterations_text
from kmeans_core.bench.output.tables import rows_verdict, speed_up_table
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import DONE, Cell
from kmeans_core.wording import bytes_text, megapixels_text, seconds_text
from pages.components.benchmark.results import Selection, choose_in_link

NOT_PAPER_PICTURE = (
    "The paper measured the raccoon, so only times of the raccoon can be compared with it. Choose "
    "raccoon.png under Picture."
)
ALGORITHMS = ("The paper's algorithms", "Ours")


def show_chart(chart: Chart, *, missing: str = "") -> None:
    """A chart with downloads of its image and rows, or what to measure for it."""
    if chart.is_empty:
        st.info(missing or "Nothing has been measured for this yet.", icon=":material/pending:")
        return
    st.plotly_chart(
        chart.figure,
        key=f"chart_{chart.name}",
        alt=chart.alt,
        config={
            "displaylogo": False,
            "modeBarButtons": [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
            "toImageButtonOptions": {"format": "png", "scale": 2, "filename": chart.name},
        },
    )
    st.download_button(
        "Rows as CSV",
        pd.DataFrame(chart.data).to_csv(index=False),
        f"{chart.name}.csv",
        "text/csv",
        key=f"rows_{chart.name}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def choose_algorithms(key: str) -> str:
    return str(
        st.segmented_control(
            "Measured with",
            ALGORITHMS,
            default=ALGORITHMS[0],
            required=True,
            key=key,
            bind="query-params",
            help="The paper's algorithms as it describes them, or this project's backend of the same kind.",
        )
    )


# The paper's figures


def figures_tab(selection: Selection) -> None:
    view = selection.view
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ours = choose_algorithms("figures_with") == ALGORITHMS[1]
        log = _log_toggle("figures_log")
        with_published = st.toggle(
            "With the published times, dotted",
            True,
            key="figures_published",
            bind="query-params",
            help="As printed in the paper, measured on another machine.",
        )
    numpy_backend, rdd = ("numpy", "spark-rdd") if ours else ("paper-numpy", "paper-rdd")
    missing = "Run the preset “The paper's grid” below to draw this figure."
    with_published = with_published and view.is_paper_picture
    with_grid = with_published and not ours
    for number, title, chart in (
        (
            5,
            f"Time per iteration, {title_of(rdd)} from a cold start, 10 colors",
            figures.time_per_iteration(view, rdd, with_published=with_grid),
        ),
        (
            6,
            f"Time against colors, {title_of(numpy_backend)}",
            figures.time_against_colors(
                view, numpy_backend, 6, published.TABLE_1_NUMPY if with_grid else None, log=log
            ),
        ),
        (
            7,
            f"Time against colors, {title_of(rdd)}",
            figures.time_against_colors(view, rdd, 7, published.TABLE_2_RDD if with_grid else None, log=log),
        ),
        (
            8,
            f"{title_of(numpy_backend)}'s time as a share of {title_of(rdd)}'s",
            figures.time_ratio(view, numpy_backend, rdd, log=log, with_published=with_grid),
        ),
        (
            9,
            "All backends together, 50 iterations; Spark ML as it is by default",
            figures.all_backends(view, 50, log=log, with_published=with_published),
        ),
    ):
        st.markdown(f"**Figure {number}: {title}**")
        show_chart(chart, missing=missing)


def _log_toggle(key: str, *, default: bool = False) -> bool:
    return st.toggle(
        "Log scale",
        default,
        key=key,
        bind="query-params",
        help="Equal distances mean equal factors; useful when times differ a hundredfold.",
    )


# Phases


def phases_tab(selection: Selection) -> None:
    cells = [
        cell
        for cell in selection.view.cells_at(selection.n_clusters, selection.n_iter)
        if cell.status == DONE
    ]
    st.markdown(
        f"**Where the time goes**: {selection.n_clusters} colors, {iterations_text(selection.n_iter)}"
    )
    show_chart(figures.phases_chart(selection.view, selection.n_clusters, selection.n_iter))
    st.dataframe(
        {
            "Backend": [title_of(cell.case.backend) for cell in cells],
            "Warm": [seconds_text(cell.seconds or 0.0) for cell in cells],
            "Cold": [_cold_text(cell) for cell in cells],
            "Iterations": [cell.sample.rounds for cell in cells],
            "Inertia": [f"{cell.sample.inertia:,.0f}" for cell in cells],
            "Peak memory": [bytes_text(cell.peak_memory or 0) for cell in cells],
        },
        hide_index=True,
        key="phases_table",
        alt="Times, iterations, inertia and memory of each backend",
    )
    st.caption(
        "Cold is the first repetition in a fresh process, with start-up; where it is missing, another "
        "setting was measured cold. Inertia says how good the result is: equal inertia, equal result. Peak "
        "memory is of all processes together, with Java's heap, which takes as much as it is allowed."
    )


def _cold_text(cell: Cell) -> str:
    cold = cell.cold
    return "–" if cold is None else seconds_text(cold.start + (cold.seconds or 0.0))


# Scaling


def scaling_tab(selection: Selection) -> None:
    view = selection.view
    log = _log_toggle("scaling_log", default=True)
    st.markdown(f"**Against pixels**: the picture resampled, 10 colors, {SCALING_ITERATIONS} iterations")
    show_chart(
        scaling_figures.scaling_with_pixels(view, 10, SCALING_ITERATIONS, log=log),
        missing=_run_preset("Scaling with pixels"),
    )
    st.markdown(f"**Against colors**, {SCALING_ITERATIONS} iterations")
    show_chart(
        scaling_figures.scaling_with_colors(view, SCALING_ITERATIONS, log=log),
        missing=_run_preset("Scaling with colors"),
    )
    st.markdown(f"**Against cores**, 64 colors, {SCALING_ITERATIONS} iterations")
    show_chart(
        scaling_figures.scaling_with_cores(view, 64, SCALING_ITERATIONS),
        missing=_run_preset("Scaling with cores"),
    )
    _against_rows(view, log=log)
    models = machine_models(view)
    if models:
        _cost_models(models)
        _projection(selection, models)


def _against_rows(view: View, *, log: bool) -> None:
    st.markdown(
        f"**Against rows**: made-up tables of {TABLE_COLUMNS} columns in {TABLE_CLUSTERS} clusters, "
        f"{TABLE_ITERATIONS} iterations from the same initial centers"
    )
    verdict = rows_verdict(view)
    if verdict:
        st.write(verdict)
    show_chart(scaling_figures.scaling_with_rows(view, log=log), missing=_run_preset("Tables"))
    if view.tables:
        st.dataframe(speed_up_table(view), hide_index=True, key="speed_up_table")
        st.caption(
            "From rows in memory to labels, including the time Spark and Dask take to send them to their "
            "workers. In brackets: speed-up over scikit-learn. Spark ML chooses its own initial centers."
        )


def _run_preset(title: str) -> str:
    return f"Run the preset “{title}” below to draw this chart."


def _cost_models(models: Mapping[str, CostModel]) -> None:
    st.markdown("**Cost model**, fitted to every size, number of colors and iterations measured on all cores")
    st.dataframe(
        {
            "Backend": [title_of(name) for name in models],
            "Start-up": [seconds_text(model.start) for model in models.values()],
            "Fixed": [seconds_text(model.overhead) for model in models.values()],
            "Per megapixel": [seconds_text(model.per_pixel * 1e6) for model in models.values()],
            "Per iteration": [seconds_text(model.per_iteration) for model in models.values()],
            "Per point·color·iteration": [f"{model.per_distance * 1e9:.3g} ns" for model in models.values()],
            "Typical error": [f"{model.typical_error:.0%}" for model in models.values()],
        },
        hide_index=True,
        key="cost_models",
        alt="Costs of each backend",
    )
    st.caption(
        "Seconds = fixed + per pixel · pixels + iterations · (per iteration + per point·color · points · "
        "colors). Points are distinct colors, or pixels for the paper's NumPy. The chart shows how well the "
        "model fits."
    )
    show_chart(scaling_figures.residuals_chart(dict(models)))


def _projection(selection: Selection, models: dict[str, CostModel]) -> None:
    sizes = {
        cell.sample.pixels: cell.sample.points for cell in selection.view.all_sizes if cell.status == DONE
    }
    options = sorted(sizes)
    st.markdown("**Projection**: more workers like this machine")
    pixels = choose_in_link(
        "Size",
        "projected_pixels",
        options,
        lambda count: megapixels_text(count / 1e6),
        options[-1],
        "Size of the picture that the workers share.",
    )
    projections = [
        one
        for spark, rival in (("spark-rdd", "numpy"), ("spark-ml", "numpy"), ("paper-rdd", "paper-numpy"))
        if (
            one := projection(
                models,
                spark,
                rival,
                pixels=pixels,
                points=sizes[pixels],
                n_clusters=selection.n_clusters,
                rounds=selection.n_iter,
                rival_seconds=selection.view.seconds_at(
                    pixels, rival, selection.n_clusters, selection.n_iter
                ),
            )
        )
        is not None
    ]
    if not projections:
        st.info("This needs results of a Spark backend and of NumPy.", icon=":material/pending:")
        return
    for one in projections:
        st.markdown(f"- {projection_sentence(one)}")
    show_chart(scaling_figures.projection_chart(projections))
    st.caption(
        f"{selection.n_clusters} colors, {selection.n_iter} iterations. Workers share the distances; the "
        "fixed cost of an iteration does not shrink, and the model has no network."
    )
