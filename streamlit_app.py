"""K-means Studio, the web app: `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st

from pages.components.shared.frame import mark_framed

st.set_page_config(
    page_title="K-means Studio", page_icon=Path(__file__).parent / "assets" / "logo.svg", layout="wide"
)
st.html(Path(__file__).parent / "assets" / "theme.css")
mark_framed()
st.navigation(
    [
        st.Page("pages/quantize.py", title="Quantize", icon=":material/palette:", default=True),
        st.Page("pages/batch.py", title="Batch", icon=":material/photo_library:"),
        st.Page("pages/benchmark.py", title="Benchmark", icon=":material/speed:"),
        st.Page("pages/tables.py", title="Tables", icon=":material/table_chart:"),
        st.Page("pages/learn.py", title="Learn", icon=":material/school:"),
    ],
    position="top",
).run()
