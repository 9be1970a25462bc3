"""What the settings of several pages have in common."""

import streamlit as st

from kmeans_core.backends import available_backends
from kmeans_core.backends.base import BackendInfo

MOST_COLORS = 256
MOST_ITERATIONS = 1000
MOST_SEED = 2**31 - 1
EFFORT_TITLES = {"fast": "Fast", "balanced": "Balanced", "best": "Best"}
DITHER_TITLES = {
    "none": "None",
    "floyd-steinberg": "Floyd–Steinberg",
    "atkinson": "Atkinson",
    "bayer": "Bayer",
    "blue-noise": "Blue noise",
}


@st.cache_resource(show_spinner=False)
def backends() -> dict[str, BackendInfo]:
    """What can run here; looked up once, because asking Java for its version takes a moment."""
    return {row.name: row for row in available_backends()}
