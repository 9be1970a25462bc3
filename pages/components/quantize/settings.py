"""The settings of a quantization, as widgets that write themselves into the URL."""

from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from kmeans_core.clustering.seeding import METHODS
from kmeans_core.fitting import EFFORTS
from kmeans_core.images.color_spaces import SPACES
from pages.components.quantize.locked import choose_locked
from pages.components.shared.settings import (
    DITHER_TITLES,
    EFFORT_TITLES,
    MOST_COLORS,
    MOST_ITERATIONS,
    MOST_SEED,
    backends,
)

_DISTANCE_TITLES = {"euclidean": "Euclidean (k-means)", "manhattan": "Manhattan (k-medians)"}
# Of the slider; what differs more is hardly alike to anybody.
MOST_MERGED = 20
# Stops of the slider: every number where one color more is seen, then ever larger steps.
_STOPS = (*range(2, 17), 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 160, 192, 224, 256)


@dataclass(frozen=True)
class Settings:
    """Arguments of `quantize()`; hashable, so that results can be kept by them."""

    n_colors: int
    backend: str
    space: str
    dither: str
    dither_strength: float
    distance: str
    locked: tuple[str, ...]
    merge: float
    init: str
    max_iter: int
    early_stop: bool
    seed: int
    effort: str

    def arguments(self) -> dict[str, Any]:
        """All but the number of colors, by keyword."""
        return {name: value for name, value in asdict(self).items() if name != "n_colors"}

    def arguments_key(self) -> tuple[object, ...]:
        """The same, to compare."""
        return tuple(self.arguments().values())


def describe(settings: Settings) -> str:
    """What tells these settings from the defaults, in a few words."""
    words = [f"{settings.n_colors} colors", backends()[settings.backend].title]
    if settings.space != "srgb":
        words.append(SPACES[settings.space])
    if settings.dither != "none":
        words.append(f"{DITHER_TITLES[settings.dither]} {settings.dither_strength:.0%}")
    if settings.distance != "euclidean":
        words.append("k-medians")
    if settings.locked:
        words.append(f"{len(settings.locked)} locked")
    if settings.merge:
        words.append(f"merged below ΔE {settings.merge:g}")
    if settings.effort != "fast":
        words.append(f"{EFFORT_TITLES[settings.effort].lower()} effort")
    words.append(f"seed {settings.seed}")
    return ", ".join(words)


LINK_NUMBERS = {
    "colors": (2, MOST_COLORS),
    "iterations": (1, MOST_ITERATIONS),
    "seed": (0, MOST_SEED),
    "dither_strength": (0, 100),
    "merge": (0, MOST_MERGED),
}


def link_names() -> dict[str, list[str]]:
    """What the settings in a link may say."""
    return {
        "backend": [row.title for row in backends().values()],
        "init": list(METHODS),
        "early_stop": ["true", "false"],
        "effort": list(EFFORT_TITLES.values()),
        "space": list(SPACES.values()),
        "dither": list(DITHER_TITLES.values()),
        "distance": list(_DISTANCE_TITLES.values()),
    }


def choose_settings() -> Settings:
    """Colors and backend in sight, the rest folded."""
    rows = backends()
    n_colors = _choose_colors()
    backend = st.selectbox(
        "Backend",
        list(rows),
        index=list(rows).index("numba"),
        # What this says stands in the URL too, so it must be the same on every machine.
        format_func=lambda name: rows[name].title,
        key="backend",
        bind="query-params",
        persist_state="session",
        help="Who does the computing. NumPy, Numba, Spark RDD and Dask give the same picture to the last "
        "bit in sRGB, and to rounding in other spaces; they differ in time. scikit-learn and Spark ML are "
        "other people's code, and may end in slightly other colors.\n\n"
        + "\n".join(f"- **{row.title}**: {row.summary}" for row in rows.values()),
    )
    for reason in {row.reason: row for row in rows.values() if not row.available}:
        names = " and ".join(row.title for row in rows.values() if row.reason == reason)
        st.caption(f"{names} cannot run here. {reason}")
    dither, strength = _choose_dither()
    traits = rows[backend].traits
    with st.expander("Palette", icon=":material/palette:"):
        locked = choose_locked(possible=traits.fixed_centers)
        merge = st.slider(
            "Merge similar colors",
            0,
            MOST_MERGED,
            0,
            format="ΔE %d",
            key="merge",
            bind="query-params",
            persist_state="session",
            help="Colors that differ by less become one: a difference (CIEDE2000) of 1 is just seen side by "
            "side, 5 is a shade, 10 another color. The palette has fewer colors then.",
        )
    if len(locked) > n_colors:
        st.caption(f"{len(locked)} colors are locked, so there are {len(locked)} and not {n_colors}.")
        n_colors = len(locked)
    with st.expander("More options", icon=":material/tune:"):
        space = st.selectbox(
            "Color space",
            SPACES,
            format_func=SPACES.__getitem__,
            key="space",
            bind="query-params",
            persist_state="session",
            help="Where colors are compared and averaged. sRGB is fastest and has the smallest squared "
            "error; OKLab and CIELAB go by what eyes see, and spend more colors on subtle shades and dark "
            "parts; linear RGB goes by amounts of light.",
        )
        by_medians = space == "srgb" and "manhattan" in traits.distances
        distance = st.selectbox(
            "Distance",
            _DISTANCE_TITLES,
            format_func=_DISTANCE_TITLES.__getitem__,
            key="distance",
            bind="query-params",
            persist_state="session",
            disabled=not by_medians,
            help="By Manhattan distances a color is the median of its pixels, channel by channel: strays "
            "move it less. In sRGB only, on NumPy, Numba, Spark RDD and Dask.",
        )
        effort = st.selectbox(
            "Effort",
            EFFORTS,
            format_func=EFFORT_TITLES.__getitem__,
            key="effort",
            bind="query-params",
            persist_state="session",
            disabled=not traits.initial_centers,
            help="Balanced and best look for a better start before the iterations: colors that do little "
            "move to where they are missed. The error ends some percent lower. Best may take seconds.",
        )
        init = st.selectbox(
            "Start",
            traits.inits,
            key="init",
            bind="query-params",
            persist_state="session",
            help="Where the first colors come from. k-means++ spreads them by chance and rarely ends badly; "
            "greedy draws several each time and keeps the best; k-means|| is its parallel form; splitting "
            "cuts the colors in two again and again, without chance; maximin takes the farthest color next "
            "and favors rare, extreme ones; random draws them as the textbook does; first takes the darkest.",
        )
        max_iter = st.number_input(
            "Iterations at most",
            1,
            MOST_ITERATIONS,
            100,
            key="iterations",
            bind="query-params",
            persist_state="session",
            help="More let the colors settle; the convergence curve shows when more changes nothing.",
        )
        early_stop = st.toggle(
            "Stop when nothing changes",
            True,
            key="early_stop",
            bind="query-params",
            persist_state="session",
            disabled=not traits.fixed_iterations,
            help="Off runs every iteration, as the paper does: for comparing times, not for better pictures.",
        )
        seed = st.number_input(
            "Seed",
            0,
            MOST_SEED,
            0,
            key="seed",
            bind="query-params",
            persist_state="session",
            help="Another number draws another start, which can end in slightly other colors.",
        )
    return Settings(
        n_colors,
        backend,
        space,
        dither,
        strength,
        distance if by_medians else "euclidean",
        locked,
        float(merge),
        init,
        int(max_iter),
        bool(early_stop) or not traits.fixed_iterations,
        int(seed),
        effort if traits.initial_centers else "fast",
    )


def _choose_colors() -> int:
    """A slider for exploring beside a field for the exact number, which is the one that counts."""
    slider, field = st.columns([3, 2], vertical_alignment="bottom")
    with field:
        n_colors = int(
            st.number_input(
                "Number of colors",
                2,
                MOST_COLORS,
                5,
                key="colors",
                bind="query-params",
                persist_state="session",
                label_visibility="collapsed",
            )
        )
    st.session_state.colors_slider = n_colors
    with slider:
        st.select_slider(
            "Colors",
            sorted({*_STOPS, n_colors}),
            key="colors_slider",
            on_change=_slider_moved,
            help="Few colors make a poster, 16 to 64 a small file, 256 a picture that is hard to tell from "
            "the original.",
        )
    return n_colors


def _choose_dither() -> tuple[str, float]:
    """The method, and how much of it where there is one."""
    dither = st.selectbox(
        "Dithering",
        list(DITHER_TITLES),
        format_func=DITHER_TITLES.__getitem__,
        key="dither",
        bind="query-params",
        persist_state="session",
        help="Mixes pixels of the few colors, so that from afar they look like more; without it, smooth "
        "areas become bands. Floyd–Steinberg is the truest, Atkinson crisper and more contrasty; Bayer has "
        "the regular pattern of old screens, blue noise a grain without pattern. Files become larger.",
    )
    if dither == "none":
        return dither, 1.0
    percent = st.slider(
        "Strength",
        0,
        100,
        100,
        5,
        format="%d%%",
        key="dither_strength",
        bind="query-params",
        persist_state="session",
        help="Less leaves flat areas calmer and shows more of the bands.",
    )
    return dither, percent / 100


def _slider_moved() -> None:
    st.session_state.colors = st.session_state.colors_slider
