"""Other people's quantizers beside ours: time against error."""

import streamlit as st

from kmeans_core.bench.measuring.machine import machine_title
from kmeans_core.bench.output.peer_report import SHIPPED, PeerComparison, pareto_chart, peers_path
from kmeans_core.bench.records.store import Store
from kmeans_core.errors import StoreError
from pages.components.benchmark.charts import show_chart
from pages.components.benchmark.results import Selection
from pages.components.shared.texts import say_error


def peers_tab(selection: Selection) -> None:
    """Of this machine, if it has been measured here, else as shipped."""
    try:
        comparison = _comparison()
    except StoreError as error:
        say_error(error)
        return
    chosen = st.segmented_control(
        "Colors",
        comparison.colors,
        default=comparison.colors[-1],
        required=True,
        key="peers_colors",
        help="Colors in the result.",
    )
    st.markdown(
        "Left is faster, low is closer to the original. All get the same pixels and return a palette and "
        "one index per pixel, without dithering."
    )
    show_chart(pareto_chart(comparison, chosen))
    pictures = len({row.picture for row in comparison.results})
    st.caption(
        f"{pictures} pictures on {machine_title(comparison.environment)}. Measure your machine with "
        "`python -m kmeans_core benchmark --preset peers`; it needs the packages of requirements-dev.txt."
    )


def _comparison() -> PeerComparison:
    own = peers_path(Store().path)
    return PeerComparison.load(own if own.exists() else SHIPPED)
