"""Many pictures: how fast this process, Spark and Dask go through them."""

import streamlit as st

from kmeans_core.bench.measuring.machine import machine_title
from kmeans_core.bench.output.collection_report import (
    SHIPPED,
    CollectionComparison,
    collections_path,
    stage_chart,
    verdict,
)
from kmeans_core.bench.records.store import Store
from kmeans_core.wording import count_text
from pages.components.benchmark.charts import show_chart
from pages.components.benchmark.results import Selection


def collections_tab(selection: Selection) -> None:
    """Of this machine, if it has been measured here, else as shipped."""
    comparison = _comparison()
    if comparison is None:
        st.info("Nothing has been measured yet: `python -m kmeans_core benchmark --preset collection`.")
        return
    st.markdown(verdict(comparison))
    show_chart(stage_chart(comparison))
    first = comparison.times[0]
    st.caption(
        f"{count_text(first.n_pictures, 'picture')}, {first.megapixels:,.0f} megapixels, on "
        f"{machine_title(comparison.environment)}. Measure your machine with "
        "`python -m kmeans_core benchmark --preset collection`."
    )


def second_half() -> str:
    """When Spark pays off for many pictures, as a sentence; empty if that was not measured."""
    comparison = _comparison()
    return "" if comparison is None else verdict(comparison)


def _comparison() -> CollectionComparison | None:
    return CollectionComparison.load(collections_path(Store().path)) or CollectionComparison.load(SHIPPED)
