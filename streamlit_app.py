"""K-means Studio, the web app: `streamlit run streamlit_app.py`."""

import streamlit as st

from pages.server.lifespan import MIDDLEWARE, lifespan

app = st.App("pages/menu.py", middleware=MIDDLEWARE, lifespan=lifespan)
