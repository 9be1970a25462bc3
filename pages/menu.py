"""The app around every page: its title, its style and its menu. `streamlit_app.py` serves it."""

import streamlit as st

from kmeans_core.locations import ASSETS

st.set_page_config(page_title="K-means Studio", page_icon=ASSETS / "logo.svg", layout="wide")
st.logo(ASSETS / "wordmark.svg", size="large", icon_image=ASSETS / "wordmark.svg")
st.navigation(
    [
        st.Page("quantize.py", title="Quantize", icon=":material/palette:", default=True),
        st.Page("batch.py", title="Batch", icon=":material/photo_library:"),
        st.Page("collection.py", title="Collection", icon=":material/collections_bookmark:"),
        st.Page("benchmark.py", title="Benchmark", icon=":material/speed:"),
        st.Page("tables.py", title="Tables", icon=":material/table_chart:"),
        st.Page("learn.py", title="Learn", icon=":material/school:"),
    ],
    position="top",
).run()
