"""The settings of a table's clustering: columns, preparation, number of clusters, backend."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from kmeans_core.fitting.capabilities import settled
from kmeans_core.tables.columns import DATE, TEXT, default_columns
from kmeans_core.tables.options import TableOptions
from pages.components.shared.backends import backends
from pages.components.shared.setting_widgets import SettingWidgets
from pages.components.tables.source import TableSource, kinds_of_columns

WIDGETS = SettingWidgets(TableOptions, prefix="table_", prefixed=("backend", "init", "max_iter", "seed"))
# Whether there is a limit is a widget of its own, and so is the number of starts where they are distributed.
_DROP, _STARTS = "drop_outliers", "starts_distributed"
_LIMIT, _USUAL_STARTS = 3.0, 8


def link_numbers() -> dict[str, tuple[int, int]]:
    """Numbers that a link may have, with their bounds."""
    numbers = WIDGETS.link_numbers()
    return {**numbers, _STARTS: numbers["starts"]}


def link_names() -> dict[str, Any]:
    """What the other settings in a link may say."""
    return {**WIDGETS.link_names(), _DROP: ["true", "false"]}


@dataclass(frozen=True)
class TableSettings:
    """columns: to cluster by. options: all else."""

    columns: tuple[str, ...]
    options: TableOptions


def set_clusters(count: int) -> None:
    """Asks for a number of clusters; must run before any widget."""
    st.session_state[WIDGETS.keys["n_clusters"]] = count


def choose_columns(source: TableSource) -> tuple[str, ...]:
    """The columns to cluster by; which ones is part of the link."""
    kinds = kinds_of_columns(source)
    offered = [name for name, kind in kinds.items() if kind not in (DATE, TEXT)]
    usual = default_columns(kinds)
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
        help="The columns to cluster by. Numbers are preselected; a category becomes one column per value. "
        "Text and dates cannot be clustered.",
    )
    if chosen == usual:
        st.query_params.pop("columns", None)
    else:
        st.query_params["columns"] = chosen
    return tuple(chosen)


def choose_table_settings(source: TableSource) -> TableSettings:
    columns = choose_columns(source)
    rows = backends()
    chosen: dict[str, Any] = {"n_clusters": WIDGETS.choose("n_clusters", value=3)}
    chosen["backend"] = WIDGETS.choose("backend", offered=rows, help=_backends_help())
    traits = rows[chosen["backend"]].traits
    with st.expander("Preparation", icon=":material/cleaning_services:"):
        chosen["missing"] = WIDGETS.choose("missing")
        chosen["scaling"] = WIDGETS.choose("scaling")
        chosen["outliers"] = _choose_outliers()
    with st.expander("More options", icon=":material/tune:"):
        chosen["init"] = WIDGETS.choose("init", offered=traits.inits)
        chosen["starts"] = (
            WIDGETS.choose("starts", key=_STARTS, value=1)
            if traits.distributed
            else WIDGETS.choose("starts", value=_USUAL_STARTS)
        )
        chosen |= WIDGETS.choose_rest(chosen, offered={}, settled=settled(traits))
    return TableSettings(columns, TableOptions.of(**chosen))


def _choose_outliers() -> float | None:
    drop = st.toggle(
        "Drop outliers",
        False,
        key=_DROP,
        bind="query-params",
        persist_state="session",
        help="A few extreme values pull centers towards them.",
    )
    limit = WIDGETS.choose("outliers", value=_LIMIT, disabled=not drop)
    return float(limit) if drop else None


def _backends_help() -> str:
    return "What computes the result.\n\n" + "\n".join(
        f"- **{row.title}**: {row.summary}" for row in backends().values()
    )
