"""The top of a clustered table: rows in the plane, the curve that helps to choose k, and metrics."""

import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.jobs.job import Job, JobState
from kmeans_core.model_selection import Suggestion, SweepPoint, suggest
from kmeans_core.tables.clustered import ClusteredTable
from kmeans_core.wording import number_text, seconds_text
from pages.components.shared.job_panel import ended_job, watch_job
from pages.components.shared.results import result_or_job
from pages.components.shared.texts import say_error
from pages.components.tables.charts import MAX_DRAWN, PRINCIPAL_COMPONENTS, scatter_chart, sweep_chart
from pages.components.tables.runs import MAX_SWEPT, SWEEP_SLOT, sweep_wanted
from pages.components.tables.settings import TableSettings, set_clusters
from pages.components.tables.source import TableSource

_CHART = "curve_chart_"
_AXES_HELP = (
    "Two columns, in their own units, or the two directions in which the rows differ most: the principal "
    "components."
)


def show_scatter(source: TableSource, clustered: ClusteredTable) -> None:
    """The rows in the plane, with the axes to choose."""
    names = clustered.preparation.names
    with st.container(horizontal=True):
        x = st.selectbox(
            "Across", [PRINCIPAL_COMPONENTS, *names], key=f"across_{source.key}", help=_AXES_HELP
        )
        y = st.selectbox(
            "Up",
            names if x != PRINCIPAL_COMPONENTS else [PRINCIPAL_COMPONENTS],
            index=min(1, len(names) - 1) if x != PRINCIPAL_COMPONENTS else 0,
            key=f"up_{source.key}_{x == PRINCIPAL_COMPONENTS}",
            disabled=x == PRINCIPAL_COMPONENTS,
        )
    st.plotly_chart(
        scatter_chart(clustered, x, y),
        key="scatter_chart",
        alt=f"The rows in the plane, colored by cluster, with {len(clustered.result.centers)} centers",
        config={"displayModeBar": False},
    )
    if len(clustered.prepared.points) > MAX_DRAWN:
        st.caption(f"{MAX_DRAWN:,} of {len(clustered.prepared.points):,} rows are drawn.")


def show_curve(source: TableSource, settings: TableSettings, clustered: ClusteredTable) -> None:
    """Inertia and silhouette against the number of clusters, and what they suggest."""
    asked = st.session_state.pop("sweep_asked", False)
    try:
        points = result_or_job(sweep_wanted(source, settings), SWEEP_SLOT, start=asked)
    except KMeansError as error:
        say_error(error)
        return
    if points is None:
        st.markdown("**How many clusters?**")
        st.write(f"Comparing 1 to {MAX_SWEPT} clusters takes a moment on this table.")
        st.button("Compare", icon=":material/show_chart:", key="sweep_asked")
        return
    if isinstance(points, Job):
        if points.state is JobState.DONE:
            st.rerun()
        if points.state in (JobState.FAILED, JobState.STOPPED):
            ended_job(points, SWEEP_SLOT)
        else:
            watch_job(points, title="Comparing", max_iter=MAX_SWEPT, reports_progress=True, key="sweep_job")
        return
    suggestion = suggest(points, len(clustered.prepared.points))
    now = len(clustered.result.centers)
    st.markdown(_advice(points, suggestion, now))
    # Another chart for each number: what is selected in one would be picked again in the next.
    st.plotly_chart(
        sweep_chart(points, suggestion, now),
        key=f"{_CHART}{now}",
        alt="Inertia and silhouette against the number of clusters; a click on a point chooses that number",
        config={"displayModeBar": False},
        on_select=_pick_number,
        selection_mode="points",
    )


def _pick_number() -> None:
    for key, state in st.session_state.items():
        if str(key).startswith(_CHART) and state and state["selection"]["points"]:
            set_clusters(int(state["selection"]["points"][0]["x"]))


def _advice(points: list[SweepPoint], suggestion: Suggestion, now: int) -> str:
    """now: how many clusters are shown."""
    if suggestion.silhouette is None:
        elbow = (
            "" if suggestion.elbow is None else f" The elbow of the inertia curve is at {suggestion.elbow}."
        )
        return f"**How many clusters?** The silhouette does not favor any number here.{elbow}"
    best = max(points, key=lambda point: point.silhouette if point.k == suggestion.silhouette else -2)
    found = f"{suggestion.silhouette} clusters"
    advice = f"**{found} it is**" if suggestion.silhouette == now else f"**Try {found}**"
    advice += f": there the silhouette is largest ({best.silhouette:.2f})"
    if suggestion.elbow is None:
        return f"{advice}. The inertia curve has no clear elbow."
    if suggestion.elbow == suggestion.silhouette:
        return f"{advice}, and the inertia curve has its elbow."
    return f"{advice}. The elbow of the inertia curve is at {suggestion.elbow}."


def show_metrics(clustered: ClusteredTable) -> None:
    """Rows, inertia, silhouette, iterations and time."""
    result = clustered.result
    start = clustered.seconds.get("start", 0.0)
    total = sum(clustered.seconds.values()) - start
    silhouette = clustered.silhouette
    left_out = len(clustered.table.frame) - len(clustered.prepared.rows)
    with st.grid(5, min_column_width=120, gap="small"):
        st.metric(
            "Rows",
            f"{len(clustered.prepared.rows):,}",
            f"{left_out:,} left out" if left_out else None,
            delta_color="off",
            delta_arrow="off",
            help="Rows that were clustered; those without a value that is needed are left out.",
        )
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
            f"is clear, below 0.25 hardly there. Computed on {clustered.n_silhouette_rows:,} rows"
            f"{', by squared distances' if clustered.exact_silhouette is not None else ''}.",
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
            help="From columns to clusters, for all starts together, on this server.",
        )
