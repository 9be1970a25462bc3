"""The settings of the Learn page: data, number of clusters and initial centers, all in the URL."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from kmeans_core.clustering import seeding
from kmeans_core.types import FloatArray
from kmeans_core.walkthrough.datasets import MAX_OWN_POINTS, PlaneData, dataset, own_points, picture_colors
from pages.components.shared.samples import RACCOON

MAX_CLUSTERS = 10
MAX_SEED = 9999
# Own points lie on a square of whole numbers, which keeps links short.
GRID = 1000

DATA = {
    "blobs": "Blobs",
    "moons": "Moons",
    "circles": "Circles",
    "uneven": "Uneven groups",
    "uniform": "No groups",
    "raccoon": "The raccoon's colors",
    "own": "Your own points",
}
STARTS = {
    "first": "First points",
    "random": "Random",
    "k-means++": "k-means++",
    "maximin": "Maximin",
    "placed": "Placed by you",
}
LINK_NUMBERS = {"k": (1, MAX_CLUSTERS), "start_seed": (0, MAX_SEED), "step": (0, 9999)}
LINK_NAMES = {"data": list(DATA.values()), "start": list(STARTS.values())}

# Keys of the widgets, which others set too, and their names in the URL.
KEYS = {"data": "data", "k": "k", "start": "start", "seed": "start_seed"}

_LAST = "learn_last"
_KEPT_IN_URL = ("centers", "points", "step")

Places = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class LearnSettings:
    """data, start: keys of `DATA` and `STARTS`. placed_centers: by hand. points: own points."""

    data: str
    k: int
    start: str
    seed: int
    placed_centers: Places = ()
    points: Places = ()


def choose_learn_settings() -> LearnSettings:
    st.selectbox(
        "Data",
        list(DATA),
        format_func=DATA.__getitem__,
        key=KEYS["data"],
        bind="query-params",
        persist_state="session",
        help="K-means is made for blobs. Moons, circles and uneven groups show where it fails. With your own "
        "points, click in the plane to set one.",
    )
    st.slider(
        "Clusters",
        1,
        MAX_CLUSTERS,
        3,
        key=KEYS["k"],
        bind="query-params",
        persist_state="session",
        help="How many centers there are. K-means never asks whether that is the right number.",
    )
    start = st.selectbox(
        "Start",
        list(STARTS),
        format_func=STARTS.__getitem__,
        key=KEYS["start"],
        bind="query-params",
        persist_state="session",
        help="Where the initial centers are. First points: the first in the data. Random: drawn at random. "
        "k-means++: drawn far from each other. Maximin: always the farthest point next. Placed by you: drag "
        "the centers in the plane.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Seed",
            0,
            MAX_SEED,
            0,
            key=KEYS["seed"],
            bind="query-params",
            persist_state="session",
            disabled=start not in ("random", "k-means++"),
            help="Another seed draws other initial centers.",
        )
        st.button(
            "Another start",
            icon=":material/casino:",
            key="another_start",
            on_click=_another_start,
            width="stretch",
            help="Draws other initial centers at random.",
        )
    # The URL is read for these once. From then on the session holds them: a browser sends its URL with every
    # message, and that may be older than the message before. And when the page is left, the URL loses what
    # belongs to no widget.
    for name in _KEPT_IN_URL:
        _keep(name, st.session_state.setdefault(f"learn_{name}", st.query_params.get(name, "")))
    settings = read_settings()
    if st.session_state.setdefault(_LAST, settings) != settings:
        st.session_state[_LAST] = settings
        forget_step()
    return settings


def read_settings() -> LearnSettings:
    """The settings that the widgets and the URL have at this moment."""
    state = st.session_state
    data, start = state[KEYS["data"]], state[KEYS["start"]]
    return LearnSettings(
        data,
        int(state[KEYS["k"]]),
        start,
        int(state[KEYS["seed"]]),
        _read(state["learn_centers"]) if start == "placed" else (),
        _read(state["learn_points"]) if data == "own" else (),
    )


def current_step() -> int:
    """The step that the link shows."""
    step = st.session_state["learn_step"]
    return int(step) if step.isdecimal() else 0


def keep_placed(centers: Sequence[Sequence[float]]) -> None:
    """Makes these centers the start."""
    st.session_state[KEYS["start"]] = "placed"
    _keep("centers", _write(centers))


def keep_points(points: Sequence[Sequence[float]]) -> None:
    """Makes these the own points."""
    _keep("points", _write(points[:MAX_OWN_POINTS]))


def keep_step(step: float) -> None:
    """Makes this the step that a link shows."""
    _keep("step", str(int(step)))


def forget_step() -> None:
    _keep("step", "")


def _keep(name: str, value: str) -> None:
    """Writes to the URL, and to the session for when the visitor comes back."""
    st.session_state[f"learn_{name}"] = value
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def plane_data(settings: LearnSettings) -> PlaneData | None:
    """The points, or None if none are set."""
    if settings.data == "own":
        return own_points(settings.points) if settings.points else None
    return picture_colors(RACCOON) if settings.data == "raccoon" else dataset(settings.data)


def initial_centers(settings: LearnSettings, data: PlaneData) -> FloatArray:
    """(k, 2), fewer if there are fewer distinct points."""
    weights = np.ones(len(data.points))
    k = min(settings.k, len(seeding.distinct_points(data.points, weights, settings.k)))
    method = "random" if settings.start == "placed" else settings.start
    if method == "random":  # centers on equal points would coincide
        distinct = np.unique(data.points, axis=0)
        chosen = np.random.default_rng(settings.seed).choice(len(distinct), k, replace=False)
        centers = distinct[chosen]
    else:
        centers = seeding.seed_centers(data.points, weights, k, method=method, seed=settings.seed)
    if settings.start == "placed":
        placed_centers = np.array(settings.placed_centers[:k]).reshape(-1, 2)
        centers[: len(placed_centers)] = placed_centers
    return centers


def _another_start() -> None:
    if st.session_state[KEYS["start"]] not in ("random", "k-means++"):
        st.session_state[KEYS["start"]] = "random"
    st.session_state[KEYS["seed"]] = (st.session_state[KEYS["seed"]] + 1) % (MAX_SEED + 1)


def _write(places: Sequence[Sequence[float]]) -> str:
    """[[1.25, -3], [4, 5]] → "1.25,-3~4,5", which an address carries as it is."""
    return "~".join(f"{x:.5g},{y:.5g}" for x, y in places)


def _read(text: str) -> Places:
    """The places in such a text; those that are none are left out."""
    coordinates = []
    for part in text.split("~")[:MAX_OWN_POINTS]:
        try:
            x, y = (float(number) for number in part.split(","))
        except ValueError:
            continue
        if math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) < 1e9:
            coordinates.append((x, y))
    return tuple(coordinates)
