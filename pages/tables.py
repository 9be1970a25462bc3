"""Tables: rows in, clusters out."""

from dataclasses import dataclass

import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.jobs.supervisor import Job, JobState
from kmeans_core.model_selection import Suggestion, SweepPoint, suggest
from kmeans_core.tables.clustered import ClusteredTable, csv_bytes
from kmeans_core.wording import number_text, seconds_text
from pages.components.browser_parts import copy_link
from pages.components.frame import run_page
from pages.components.job_panel import ended_job, watch_job
from pages.components.links import problems_in_link
from pages.components.settings import backends
from pages.components.table_charts import FLAT, MOST_DRAWN, curve_chart, scatter_chart
from pages.components.table_runs import MOST_SWEPT, SLOT, SWEEP_SLOT, clustered_or_job, sweep_or_job
from pages.components.table_settings import LINK_NUMBERS, TableSettings, choose_table_settings, link_names
from pages.components.table_source import LINK_NUMBERS as SOURCE_NUMBERS
from pages.components.table_source import TableSource, choose_table, first_sample, sample_titles
from pages.components.table_tabs import table_tabs

_LAST = "tables_last"


@dataclass(frozen=True)
class Shown:
    """What is on the screen: clusters and what they were made from."""

    source: TableSource
    settings: TableSettings
    clustered: ClusteredTable


def main() -> None:
    problems = problems_in_link(
        "tables",
        numbers={**LINK_NUMBERS, **SOURCE_NUMBERS},
        names={"table": list(sample_titles().values()), **link_names()},
    )
    failure = ""
    with st.sidebar:
        try:
            source = choose_table()
        except KMeansError as error:
            failure = str(error)
            last = st.session_state.get(_LAST)
            source = last.source if last is not None else first_sample()
        settings = choose_table_settings(source)
    notice = st.container()
    for problem in problems:
        notice.warning(problem, icon=":material/link_off:")
    if failure:
        notice.error(failure, icon=":material/error:")
    outcome: ClusteredTable | Job | None = None
    try:
        outcome = clustered_or_job(source, settings)
    except KMeansError as error:
        notice.error(str(error), icon=":material/error:")
    running = None
    if isinstance(outcome, ClusteredTable):
        st.session_state[_LAST] = Shown(source, settings, outcome)
    elif outcome is not None:
        if outcome.state is JobState.DONE:
            st.rerun()
        if outcome.state in (JobState.FAILED, JobState.STOPPED):
            with notice:
                ended_job(outcome, SLOT)
        else:
            running = outcome
    shown = st.session_state.get(_LAST)
    if shown is not None:
        _show(shown, settings, running)
    elif running is not None:
        _watch(running, settings)
        st.skeleton(height=420)
    else:
        st.title("Tables", anchor=False)
        st.write("Choose columns that make points, and the clusters show here.")
        st.dataframe(source.table.frame.head(1000), key="table_preview", height=360)


def _watch(job: Job, settings: TableSettings) -> None:
    row = backends()[settings.backend]
    watch_job(job, title=row.title, max_iter=settings.max_iter, tells=row.traits.progress, key="table_job")


def _show(shown: Shown, settings: TableSettings, running: Job | None) -> None:
    source, clustered = shown.source, shown.clustered
    k = len(clustered.result.centers)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.title(f"{source.title} in {k} {'cluster' if k == 1 else 'clusters'}", anchor=False)
            st.caption(
                f"{source.table.name} · {len(source.table.frame):,} rows · by "
                f"{', '.join(shown.settings.columns[:4])}{' …' if len(shown.settings.columns) > 4 else ''}"
            )
        if running is not None:
            _watch(running, settings)
        else:
            _buttons(source, clustered)
    picture, curve = st.columns([3, 2])
    with picture:
        _scatter(clustered, source)
    with curve:
        _curve(shown)
    _figures(clustered)
    for note in (*source.table.notes, *clustered.preparation.notes, *clustered.result.notes):
        st.caption(f":material/info: {note}")
    if source.credit:
        st.caption(f"Table: {source.credit}.")
    table_tabs(source, clustered)


def _buttons(source: TableSource, clustered: ClusteredTable) -> None:
    with st.container(horizontal=True, width="content"):
        copy_link(hint="The link carries every setting, but no uploaded table.", key="copy_link")
        st.download_button(
            "Download CSV",
            lambda: csv_bytes(clustered.labelled()),
            f"{source.table.name.rpartition('.')[0]}-{len(clustered.result.centers)}-clusters.csv",
            "text/csv",
            key="download_labelled",
            on_click="ignore",
            icon=":material/download:",
        )


def _scatter(clustered: ClusteredTable, source: TableSource) -> None:
    names = clustered.preparation.names
    with st.container(horizontal=True):
        x = st.selectbox("Across", [FLAT, *names], key=f"across_{source.key}", help=_AXES_HELP)
        y = st.selectbox(
            "Up",
            names if x != FLAT else [FLAT],
            index=min(1, len(names) - 1) if x != FLAT else 0,
            key=f"up_{source.key}_{x == FLAT}",
            disabled=x == FLAT,
        )
    st.plotly_chart(
        scatter_chart(clustered, x, y),
        key="scatter_chart",
        alt=f"The rows in the plane, colored by cluster, with {len(clustered.result.centers)} centers",
        config={"displayModeBar": False},
    )
    if len(clustered.prepared.points) > MOST_DRAWN:
        st.caption(f"{MOST_DRAWN:,} of {len(clustered.prepared.points):,} rows are drawn.")


_AXES_HELP = (
    "Two columns, in their own units, or the two directions in which the rows differ most: the principal "
    "components."
)


def _curve(shown: Shown) -> None:
    asked = st.session_state.pop("sweep_asked", False)
    try:
        found = sweep_or_job(shown.source, shown.settings, start=asked)
    except KMeansError as error:
        st.error(str(error), icon=":material/error:")
        return
    if found is None:
        st.markdown("**How many clusters?**")
        st.write(f"Comparing 1 to {MOST_SWEPT} clusters takes a moment on this table.")
        st.button("Compare", icon=":material/show_chart:", key="sweep_asked")
        return
    if isinstance(found, Job):
        if found.state is JobState.DONE:
            st.rerun()
        if found.state in (JobState.FAILED, JobState.STOPPED):
            ended_job(found, SWEEP_SLOT)
        else:
            watch_job(found, title="Comparing", max_iter=MOST_SWEPT, tells=True, key="sweep_job")
        return
    suggestion = suggest(found, len(shown.clustered.prepared.points))
    st.markdown(_advice(found, suggestion))
    st.plotly_chart(
        curve_chart(found, suggestion, len(shown.clustered.result.centers)),
        key="curve_chart",
        alt="Inertia and silhouette against the number of clusters",
        config={"displayModeBar": False},
    )


def _advice(found: list[SweepPoint], suggestion: Suggestion) -> str:
    if suggestion.silhouette is None:
        bend = "" if suggestion.elbow is None else f" The curve of inertia bends at {suggestion.elbow}."
        return f"**How many clusters?** No silhouette speaks for one number over another here.{bend}"
    best = max(found, key=lambda point: point.silhouette if point.k == suggestion.silhouette else -2)
    words = (
        f"**Try {suggestion.silhouette} clusters**: there the silhouette is largest ({best.silhouette:.2f})"
    )
    if suggestion.elbow is None:
        return f"{words}. The curve of inertia has no clear bend."
    if suggestion.elbow == suggestion.silhouette:
        return f"{words}, and the curve of inertia bends."
    return f"{words}. The curve of inertia bends at {suggestion.elbow}."


def _figures(clustered: ClusteredTable) -> None:
    result = clustered.result
    start = clustered.seconds.get("start", 0.0)
    total = sum(clustered.seconds.values()) - start
    silhouette = clustered.silhouette
    with st.grid(5, min_column_width=120, gap="small"):
        st.metric("Rows", f"{len(clustered.prepared.rows):,}", help="Rows that were clustered.")
        st.metric(
            "Inertia",
            number_text(result.inertia),
            help="Sum of squared distances between rows and their centers, in scaled units; Spark calls it "
            "WSSSE.",
        )
        st.metric(
            "Silhouette",
            "–" if silhouette != silhouette else f"{silhouette:.2f}",
            help="How much nearer rows lie to their own cluster than to the next one, -1 to 1: above 0.5 "
            f"is clear, below 0.25 hardly there. Measured on {clustered.silhouette_points:,} rows.",
        )
        st.metric(
            "Iterations",
            f"{result.n_iter}",
            "converged" if result.converged else "not yet converged",
            delta_color="off",
            delta_arrow="off",
            help="Of the best start. Converged: another iteration would change nothing.",
        )
        st.metric(
            "Time",
            seconds_text(total),
            f"+ {seconds_text(start)} start-up" if start >= 0.01 else None,
            delta_color="off",
            delta_arrow="off",
            help="From columns to clusters, all starts together, on this server.",
        )


run_page(main)
