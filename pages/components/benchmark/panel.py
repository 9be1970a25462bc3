"""The run panel of the Benchmark page: what is running, and what to measure next."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from kmeans_core.backends import compared_backends
from kmeans_core.bench.analysis.estimate import Estimator
from kmeans_core.bench.described import title_of
from kmeans_core.bench.measuring.cases import PictureSource, Plan
from kmeans_core.bench.measuring.limits import Limits
from kmeans_core.bench.measuring.machine import machine_id
from kmeans_core.bench.measuring.presets import CLUSTERS, MEGAPIXELS, PRESETS, grid
from kmeans_core.bench.measuring.runner import pending
from kmeans_core.bench.records.shipped import shipped_repetitions
from kmeans_core.bench.records.store import Store
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import KMeansError
from kmeans_core.wording import duration_text
from pages.components.benchmark.results import select_when_measured, this_environment
from pages.components.benchmark.running import watch_own
from pages.components.benchmark.runs import active_runs, own_run, start_run
from pages.components.benchmark.visitor import visitor
from pages.components.shared.samples import samples
from pages.components.shared.texts import say_error

OWN_GRID = "Your own grid"
PRESET_TITLES = [*(preset.title for preset in PRESETS.values()), OWN_GRID]
MAX_REPETITIONS = 10
COLOR_CHOICES = sorted({*CLUSTERS, 3, 5, 10})
ITERATION_CHOICES = [1, 2, 5, 10, 20, 50, 100]


LINK_NUMBERS = {"repetitions": (1, MAX_REPETITIONS)}


def link_names() -> dict[str, list[str]]:
    """What the settings of the panel may be in a link."""
    return {
        "preset": PRESET_TITLES,
        "benchmark_picture": [sample.title for sample in samples().values()],
        "measure_again": ["true", "false"],
        "grid_backends": [backend.title for backend in compared_backends()],
        "grid_colors": [str(count) for count in COLOR_CHOICES],
        "grid_iterations": [str(count) for count in ITERATION_CHOICES],
        "grid_megapixels": [str(size) for size in MEGAPIXELS],
        "grid_cores": [str(count) for count in range(1, usable_cores() + 1)],
    }


@dataclass(frozen=True)
class _RunRequest:
    title: str
    plan: Plan
    repeat: int
    fresh: bool


def run_panel() -> None:
    """Preset, what it will do, how long that takes, and Run."""
    with st.container(border=True, key="run_panel"):
        st.subheader("Measure this machine", anchor=False)
        try:
            limits = Limits.from_environment()
        except KMeansError as error:
            say_error(error)
            return
        if limits.max_cells == 0:
            st.caption("This server does not run benchmarks. Run the app yourself to measure your machine.")
            return
        title = st.selectbox(
            "Preset",
            PRESET_TITLES,
            key="preset",
            bind="query-params",
            persist_state="session",
            help="Each preset fills some of the tables and charts above. Existing results are not "
            "measured again.",
        )
        try:
            with st.expander("Advanced", icon=":material/tune:", expanded=title == OWN_GRID):
                choice = _choose(title)
            limits.check(choice.plan, choice.repeat)
            _show_run_button(choice, limits)
        except KMeansError as error:
            say_error(error)
        if active_runs():
            watch_own()


def _choose(title: str) -> _RunRequest:
    files = {sample.title: sample.path for sample in samples().values()}
    name = st.selectbox(
        "Picture to measure",
        list(files),
        key="benchmark_picture",
        bind="query-params",
        persist_state="session",
        help="The paper uses the raccoon; the tables compare with it.",
    )
    picture = _picture(str(files[name]))
    plan = _own_grid(picture) if title == OWN_GRID else _preset(title, picture)
    repeat = st.number_input(
        "Repetitions",
        1,
        MAX_REPETITIONS,
        3,
        key="repetitions",
        bind="query-params",
        persist_state="session",
        help="Warm repetitions of each cell, of which the median counts; the cold one is extra. More make "
        "the median steadier.",
    )
    fresh = st.toggle(
        "Measure again",
        key="measure_again",
        bind="query-params",
        persist_state="session",
        help="For example after an update. Earlier results stay under History.",
    )
    return _RunRequest(title, plan, int(repeat), bool(fresh))


def _preset(title: str, picture: PictureSource) -> Plan:
    preset = next(preset for preset in PRESETS.values() if preset.title == title)
    return preset.plan(picture)


def _own_grid(picture: PictureSource) -> Plan:
    backends = st.multiselect(
        "Backends",
        [backend.name for backend in compared_backends()],
        ["numpy", "numba"],
        format_func=title_of,
        key="grid_backends",
        bind="query-params",
        persist_state="session",
        help="The paper's two algorithms are yardsticks: what the others' times are compared with.",
    )
    colors = _numbers("Numbers of colors", "grid_colors", COLOR_CHOICES, [10])
    iterations = _numbers("Numbers of iterations", "grid_iterations", ITERATION_CHOICES, [10])
    sizes = st.multiselect(
        "Megapixels",
        list(MEGAPIXELS),
        [],
        key="grid_megapixels",
        bind="query-params",
        persist_state="session",
        placeholder="The picture's own size",
        help="Sizes to resample the picture to.",
    )
    cores = _numbers("Cores", "grid_cores", list(range(1, usable_cores() + 1)), [usable_cores()])
    sources = [picture.resampled(size) for size in sizes] or [picture]
    return Plan.of(grid(sources, backends, colors, iterations, cores))


def _numbers(label: str, key: str, options: list[int], default: list[int]) -> list[int]:
    return [
        int(value)
        for value in st.multiselect(
            label, options, default, key=key, bind="query-params", persist_state="session"
        )
    ]


def _show_run_button(choice: _RunRequest, limits: Limits) -> None:
    """What a click will do, and the button."""
    store = Store()
    missing, seconds = _work(choice, limits, str(store.path), store.version())
    total = len(choice.plan.cases)
    names = list(dict.fromkeys(title_of(case.backend) for case in choice.plan.cases))
    if own_run(visitor()) is not None:
        text = "Your run is in progress; you can have one at a time."
    elif not total:
        text = "Choose at least one backend, one number of colors and one number of iterations."
    elif not missing:
        text = (
            f"All {total:,} cells are measured already. “Measure again” under Advanced measures them once "
            "more."
        )
    else:
        there = f", {total - missing:,} of them measured already" if total > missing else ""
        time = (
            "unknown, these backends are new here" if seconds is None else f"about {duration_text(seconds)}"
        )
        text = f"{total:,} cells{there}. {', '.join(names)}. Time: {time}."
    with st.container(horizontal=True, vertical_alignment="center", key="run_announcement"):
        st.button(
            "Run",
            type="primary",
            icon=":material/play_arrow:",
            key="run_benchmark",
            disabled=not missing or own_run(visitor()) is not None,
            on_click=_start,
            args=(choice, store.path, limits),
            width="content",
        )
        st.caption(text)
    problem = st.session_state.pop("benchmark_problem", None)
    if problem:
        say_error(problem)


def _start(choice: _RunRequest, store: Path, limits: Limits) -> None:
    if own_run(visitor()) is not None:
        return  # a double click
    try:
        start_run(
            choice.plan,
            title=choice.title,
            owner=visitor(),
            store=store,
            repeat=choice.repeat,
            fresh=choice.fresh,
            limits=limits,
        )
        select_when_measured(choice.plan.cases[0])
    except KMeansError as error:
        st.session_state["benchmark_problem"] = str(error)


@st.cache_data(max_entries=100, show_spinner=False)
def _work_of(
    cases: str, repeat: int, fresh: bool, seconds: float, path: str, version: int, _choice: _RunRequest
) -> tuple[int, float | None]:
    store, plan = Store(Path(path)), _choice.plan
    here = machine_id(this_environment())
    missing = plan.cases if fresh else pending(plan, store, here, repeat, seconds)
    return len(missing), Estimator(plan, store.repetitions(here), shipped_repetitions(), repeat).remaining(
        missing
    )


def _work(choice: _RunRequest, limits: Limits, path: str, version: int) -> tuple[int, float | None]:
    """How many cells must be measured, and how long that takes."""
    cases = repr(choice.plan.cases)
    return _work_of(cases, choice.repeat, choice.fresh, limits.max_seconds, path, version, choice)


@st.cache_resource(max_entries=20, show_spinner=False)
def _picture(path: str) -> PictureSource:
    return PictureSource.of(path)
