"""Benchmark: when does Spark pay off? The verdict, the evidence, and a way to measure this machine."""

import streamlit as st

from kmeans_core.bench.analysis.verdict import projection_summary, verdict
from kmeans_core.bench.measuring.cases import source_title
from kmeans_core.bench.output.chart_parts import iterations_text
from kmeans_core.bench.output.charts import backends_chart
from kmeans_core.errors import KMeansError
from pages.components.benchmark.charts import show_chart
from pages.components.benchmark.collections import second_half
from pages.components.benchmark.panel import LINK_NUMBERS, link_names, run_panel
from pages.components.benchmark.results import (
    Selection,
    choose_results,
    problems_with_choices,
    shipped_results,
)
from pages.components.benchmark.running import running_panel
from pages.components.benchmark.tabs import evidence
from pages.components.benchmark.visitor import keep_visitor
from pages.components.shared.copy_link import copy_link
from pages.components.shared.frame import run_page
from pages.components.shared.links import problems_in_link
from pages.components.shared.texts import say_error


def main() -> None:
    problems = problems_in_link("benchmark", numbers=LINK_NUMBERS, names=link_names())
    with st.sidebar:
        selection, error = _choose()
    _heading(selection)
    for problem in (*problems, *problems_with_choices()):
        st.warning(problem, icon=":material/link_off:")
    if error:
        say_error(error)
    running_panel()
    if selection is None:
        st.info("Nothing has been measured on this machine yet. Run “Quick look” below.")
    else:
        show_chart(backends_chart(selection.view, selection.n_clusters, selection.n_iter))
        evidence(selection)
    run_panel()
    keep_visitor()


def _choose() -> tuple[Selection | None, str]:
    """The selection, and an error if this machine's results cannot be read."""
    try:
        return choose_results(), ""
    except KMeansError as error:
        return shipped_results(), str(error)


def _heading(selection: Selection | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.title("When does Spark pay off?", anchor=False)
            if selection is not None:
                origin = "Shipped with the app, not measured on this server: " if selection.is_shipped else ""
                st.caption(
                    f"{origin}{selection.title} · {source_title(selection.view.source)} · "
                    f"{selection.n_clusters} colors, {iterations_text(selection.n_iter)}"
                )
        copy_link(hint="The link carries everything selected on this page.", key="copy_benchmark_link")
    if selection is not None:
        st.markdown(f"#### {verdict(selection.view, selection.n_clusters, selection.n_iter)}")
        st.caption(projection_summary(selection.view, selection.n_clusters, selection.n_iter))
        if for_many := second_half():
            st.caption(f"**For many pictures:** {for_many}")


run_page(main)
