"""The settings of a table's clustering: columns, preparation, number of clusters, backend."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from kmeans_core.tables.clustered import MOST_STARTS, PRECISIONS, SILHOUETTES
from kmeans_core.tables.columns import DATE, TEXT, column_kinds, usual_columns
from kmeans_core.tables.prepare import MISSING_WAYS, SCALINGS, PrepareOptions
from pages.components.shared.settings import MOST_ITERATIONS, MOST_SEED, backends
from pages.components.tables.source import TableSource

MOST_CLUSTERS = 50
_MISSING = {"drop": "Drop the row", "mean": "Fill in the mean", "median": "Fill in the median"}
_SCALING = {"standard": "Standard (mean 0, deviation 1)", "minmax": "0 to 1", "none": "As it is"}
_SILHOUETTES = {"sample": "Of a sample of 5,000", "all": "Of all rows, by Spark"}
LINK_NUMBERS = {
    "clusters": (1, MOST_CLUSTERS),
    "table_iterations": (1, MOST_ITERATIONS),
    "table_seed": (0, MOST_SEED),
    "starts": (1, MOST_STARTS),
    "starts_distributed": (1, MOST_STARTS),
}
_LIMITS = ["1.5", "2", "2.5", "3", "4", "5", "6", "8"]
_TOLERANCES = ["0", "0.0001", "0.001", "0.01", "0.1"]


def link_names() -> dict[str, list[str]]:
    """What the settings in a link may say."""
    rows = backends().values()
    return {
        "missing": list(_MISSING.values()),
        "scaling": list(_SCALING.values()),
        "table_backend": [row.title for row in rows],
        "table_init": sorted({init for row in rows for init in row.traits.inits}),
        "precision": list(PRECISIONS),
        "silhouette": list(_SILHOUETTES.values()),
        "drop_outliers": ["true", "false"],
        "outlier_limit": _LIMITS,
        "tolerance": _TOLERANCES,
    }


@dataclass(frozen=True)
class TableSettings:
    """columns: to cluster by. prepare: what is done to them. The rest are arguments of `cluster_table()`."""

    columns: tuple[str, ...]
    prepare: PrepareOptions
    n_clusters: int
    backend: str
    init: str
    max_iter: int
    tol: float
    starts: int
    seed: int
    precision: str
    silhouette_of: str

    def arguments(self) -> dict[str, Any]:
        """All of `cluster_table()` but table, preparation and number of clusters, by keyword."""
        names = ("backend", "init", "max_iter", "tol", "starts", "seed", "precision", "silhouette_of")
        return {name: getattr(self, name) for name in names}


def choose_columns(source: TableSource) -> tuple[str, ...]:
    """The columns to cluster by; which ones is part of the link."""
    kinds = column_kinds(source.table.frame)
    offered = [name for name, kind in kinds.items() if kind not in (DATE, TEXT)]
    usual = usual_columns(source.table.frame)
    key = f"columns_{source.key}"
    if key not in st.session_state:
        asked = [name for name in st.query_params.get_all("columns") if name in offered]
        st.session_state[key] = asked or usual
    chosen = st.multiselect(
        "Columns",
        offered,
        key=key,
        persist_state="session",
        format_func=lambda name: f"{name} ({kinds[name]})" if kinds[name] != "number" else name,
        help="What the clusters are made of. Numbers are chosen to begin with; categories become one column "
        "a word. Text and dates cannot be clustered.",
    )
    if chosen == usual:
        st.query_params.pop("columns", None)
    else:
        st.query_params["columns"] = chosen
    return tuple(chosen)


def choose_table_settings(source: TableSource) -> TableSettings:
    columns = choose_columns(source)
    n_clusters = int(
        st.number_input(
            "Clusters",
            1,
            MOST_CLUSTERS,
            3,
            key="clusters",
            bind="query-params",
            persist_state="session",
            help="The curve beside the picture helps to choose.",
        )
    )
    rows = backends()
    backend = st.selectbox(
        "Backend",
        list(rows),
        index=list(rows).index("numba"),
        format_func=lambda name: rows[name].title,
        key="table_backend",
        bind="query-params",
        persist_state="session",
        help="Who does the computing. Numba is fastest on tables that fit here; Spark and Dask show how the "
        "same runs on a cluster; mini-batch learns from some rows at a time.",
    )
    with st.expander("Preparation", icon=":material/cleaning_services:"):
        prepare = _choose_preparation()
    with st.expander("More options", icon=":material/tune:"):
        return _choose_rest(columns, prepare, n_clusters, backend)


def _choose_preparation() -> PrepareOptions:
    missing = st.selectbox(
        "Missing values",
        MISSING_WAYS,
        format_func=_MISSING.__getitem__,
        key="missing",
        bind="query-params",
        persist_state="session",
        help="A row without a number has no place among the others, unless you give it one.",
    )
    scaling = st.selectbox(
        "Scaling",
        SCALINGS,
        format_func=_SCALING.__getitem__,
        key="scaling",
        bind="query-params",
        persist_state="session",
        help="Without scaling, the column with the largest numbers decides alone.",
    )
    drop = st.toggle(
        "Drop outliers",
        False,
        key="drop_outliers",
        bind="query-params",
        persist_state="session",
        help="A few wild values pull a center to themselves.",
    )
    limit = st.selectbox(
        "Standard deviations allowed",
        _LIMITS,
        index=_LIMITS.index("3"),
        key="outlier_limit",
        bind="query-params",
        persist_state="session",
        disabled=not drop,
        help="Rows with a value farther from the mean of its column are dropped.",
    )
    return PrepareOptions(missing, scaling, float(limit) if drop else None)


def _choose_rest(
    columns: tuple[str, ...], prepare: PrepareOptions, n_clusters: int, backend: str
) -> TableSettings:
    traits = backends()[backend].traits
    init = st.selectbox(
        "Start",
        traits.inits,
        key="table_init",
        bind="query-params",
        persist_state="session",
        help="Where the first centers come from. k-means|| is k-means++ in few passes, for data that lie on "
        "many machines.",
    )
    starts = st.number_input(
        "Starts",
        1,
        MOST_STARTS,
        1 if traits.distributed else 8,
        key="starts_distributed" if traits.distributed else "starts",
        bind="query-params",
        persist_state="session",
        help="So many runs from different starts; the best one counts.",
    )
    max_iter = st.number_input(
        "Iterations at most",
        1,
        MOST_ITERATIONS,
        100,
        key="table_iterations",
        bind="query-params",
        persist_state="session",
    )
    tol = st.selectbox(
        "Tolerance",
        _TOLERANCES,
        key="tolerance",
        bind="query-params",
        persist_state="session",
        help="Stop when no center moves farther than this, in scaled units. 0 runs until no row changes its "
        "cluster.",
    )
    seed = st.number_input(
        "Seed", 0, MOST_SEED, 0, key="table_seed", bind="query-params", persist_state="session"
    )
    precision = st.selectbox(
        "Precision",
        PRECISIONS,
        key="precision",
        bind="query-params",
        persist_state="session",
        help="32 bits halve what travels to the workers; all arithmetic is in 64 bits.",
    )
    on_spark = traits.full_silhouette
    silhouette_of = st.selectbox(
        "Silhouette",
        SILHOUETTES,
        format_func=_SILHOUETTES.__getitem__,
        key="silhouette",
        bind="query-params",
        persist_state="session",
        disabled=not on_spark,
        help="Of a sample, every two rows are compared. Of all rows, Spark measures it by squared "
        "distances, which give larger figures; for that choose a Spark backend.",
    )
    return TableSettings(
        columns,
        prepare,
        n_clusters,
        backend,
        init,
        int(max_iter),
        float(tol),
        int(starts),
        int(seed),
        precision,
        silhouette_of if on_spark else "sample",
    )
