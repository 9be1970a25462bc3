"""What a million pictures would take, from the run on the screen."""

import streamlit as st

from kmeans_core.collections.projection import ASSUMPTIONS, Measured, project
from kmeans_core.collections.report import CollectionReport
from kmeans_core.wording import number_text

_PICTURES = {"10,000": 10**4, "1,000,000": 10**6, "1,000,000,000": 10**9}


def more(report: CollectionReport) -> None:
    """Time and money for more pictures on more workers."""
    with st.grid(3, min_column_width=150, gap="small"):
        pictures = st.selectbox("Pictures", list(_PICTURES), index=1, key="more_pictures")
        n_workers = st.number_input(
            "Workers", 1, 10_000, 16, key="more_workers", help="Cores, as each of those measured here is one."
        )
        price = st.number_input(
            "Price of one, an hour", 0.0, 1000.0, 0.05, step=0.01, key="more_price", help="In any currency."
        )
    found = project([Measured.of(report)], _PICTURES[pictures], int(n_workers), float(price))
    if found is None:
        st.caption(
            "This run had counted or written the pictures before, so it does not say. Choose them anew."
        )
        return
    cost, least, most = (number_text(value) for value in found.cost)
    st.markdown(
        f"**{pictures} pictures like these would take {_time(found.hours)}** ({_time(found.least)} to "
        f"{_time(found.most)}) and cost {cost} ({least} to {most})."
    )
    st.caption(" ".join(("Assumed:", *ASSUMPTIONS)))


def _time(hours: float) -> str:
    if hours < 1:
        return f"{number_text(hours * 60)} minutes"
    return f"{number_text(hours)} hours" if hours < 72 else f"{number_text(hours / 24)} days"
