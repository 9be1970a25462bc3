"""The evidence under the verdict, one tab per kind."""

import streamlit as st

from pages.components.benchmark.charts import figures_tab, phases_tab, scaling_tab
from pages.components.benchmark.collections import collections_tab
from pages.components.benchmark.peers import peers_tab
from pages.components.benchmark.results import Selection
from pages.components.benchmark.tables import claims_tab, data_tab, history_tab, leaderboard_tab, tables_tab

_TABS = {
    "Paper's tables": tables_tab,
    "Paper's figures": figures_tab,
    "Phases": phases_tab,
    "Scaling": scaling_tab,
    "Claims": claims_tab,
    "Leaderboard": leaderboard_tab,
    "Peers": peers_tab,
    "Many pictures": collections_tab,
    "History": history_tab,
    "Data": data_tab,
}
TABS = tuple(_TABS)


def evidence(selection: Selection) -> None:
    """Tables, figures, scaling, claims, and so on. The open tab is in the URL; only that one is filled."""
    tabs = st.tabs(TABS, key="evidence", on_change="rerun", bind="query-params")
    for tab, fill in zip(tabs, _TABS.values(), strict=True):
        with tab:
            if tab.open:
                fill(selection)
