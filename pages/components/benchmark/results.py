"""Which results the Benchmark page shows: this machine's, another's, or those that come with the app."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from kmeans_core.backends import compared_backends
from kmeans_core.bench.analysis.view import View, clusters, original_size_key, pictures
from kmeans_core.bench.measuring.cases import Case, source_title
from kmeans_core.bench.measuring.machine import describe_environment, machine_id, machine_title
from kmeans_core.bench.records.results import DONE, Results
from kmeans_core.bench.records.shipped import shipped_repetitions
from kmeans_core.bench.records.store import Store
from pages.components.shared.links import lingering
from pages.components.shared.texts import as_code

SHIPPED = "shipped"
_NEXT = "benchmark_show_next"
_PROBLEMS = "benchmark_choice_problems"
# The setting that is shown first: the paper's largest case.
_DEFAULT_SETTING = (10, 50)


@dataclass(frozen=True)
class Selection:
    """What the page shows. title: of the machine. is_shipped: came with the app, from another machine."""

    view: View
    title: str
    is_shipped: bool
    n_clusters: int
    n_iter: int


@st.cache_resource(show_spinner=False)
def this_environment() -> dict[str, Any]:
    """Of the machine that the app runs on, looked up once."""
    return describe_environment()


@st.cache_resource(max_entries=8, show_spinner=False)
def _results(machine: str, path: str, version: int) -> Results:
    return Results(shipped_repetitions()) if machine == SHIPPED else Store().results(machine)


def results_of(machine: str) -> Results:
    """The results of a machine; read again when the store has grown."""
    store = Store()
    return _results(machine, str(store.path), 0 if machine == SHIPPED else store.version())


def choose_results() -> Selection | None:
    """Selects machine, picture, colors and iterations. None if there are no results.

    Raises StoreError if this machine's results cannot be read; `shipped_results()` still can.
    """
    titles = _machines()
    if not titles:
        return None
    _select_measured(titles)
    machine = choose_in_link(
        "Results from", "results", list(titles), titles.__getitem__, next(iter(titles)), _RESULTS_HELP
    )
    return _choose_in(machine, titles[machine])


def shipped_results() -> Selection | None:
    """The results that came with the app, without reading the store."""
    if not shipped_repetitions():
        return None
    return _choose_in(SHIPPED, _shipped_title())


def _choose_in(machine: str, title: str) -> Selection | None:
    results = results_of(machine)
    picture_keys = pictures(results)
    if not picture_keys:
        return None
    picture = choose_in_link(
        "Picture", "measured_picture", picture_keys, source_title, picture_keys[0], _PICTURE_HELP
    )
    view = View.of(results, picture, _choose_cluster(machine, results))
    settings = view.settings
    if not settings:
        return None
    preferred = max(settings, key=lambda setting: (setting == _DEFAULT_SETTING, _n_done(view, setting)))
    colors = sorted({colors for colors, _ in settings})
    n_clusters = choose_in_link("Colors", "bench_colors", colors, str, preferred[0], _COLORS_HELP)
    iterations = [count for colors, count in settings if colors == n_clusters]
    default = preferred[1] if preferred[1] in iterations else iterations[-1]
    n_iter = choose_in_link("Iterations", "bench_iterations", iterations, str, default, _ITERATIONS_HELP)
    return Selection(view, title, machine == SHIPPED, n_clusters, n_iter)


def _choose_cluster(machine: str, results: Results) -> str:
    """Address of the cluster to look at; "" for the machine alone, or where nothing was measured on any."""
    found = clusters(results)
    if not found:
        return ""
    return str(
        choose_in_link(
            "Where", "bench_cluster", ["", *found], _place, _cluster_set(machine, found), _PLACE_HELP
        )
    )


def _place(cluster: str) -> str:
    return f"With the cluster {cluster}" if cluster else "On the machine alone"


def _cluster_set(machine: str, found: list[str]) -> str:
    """The cluster that this machine's backends would run on now, if it is among those found."""
    if machine != machine_id(this_environment()):
        return ""
    addresses = [backend.address() for backend in compared_backends()]
    return next((address for address in addresses if address in found), "")


def select_when_measured(case: Case) -> None:
    """Selects this machine and the picture and setting of a case as soon as it has a result, unless the
    visitor selects something else meanwhile.
    """
    st.session_state[_NEXT] = case


def _select_measured(titles: dict[str, str]) -> None:
    case: Case | None = st.session_state.get(_NEXT)
    here = machine_id(this_environment())
    if case is None or here not in titles:
        return
    cell = results_of(here).get(case)
    if cell is None or cell.status != DONE:
        return
    st.session_state[_NEXT] = None
    picture = original_size_key(case.source)
    if (case.n_clusters, case.n_iter) in View.of(results_of(here), picture, case.master).settings:
        st.session_state["results"] = here
        st.session_state["measured_picture"] = picture
        st.session_state["bench_cluster"] = case.master
        st.session_state["bench_colors"] = case.n_clusters
        st.session_state["bench_iterations"] = case.n_iter


def _keep_selection() -> None:
    st.session_state[_NEXT] = None


_RESULTS_HELP = (
    "Times of one machine only; machines are never mixed. What you measure here appears as “This machine”."
)
_PICTURE_HELP = "Pictures with results. Measure another one below, under Advanced."
_PLACE_HELP = (
    "Backends that were measured on a cluster show what they took there, the others what they took on the "
    "machine itself."
)
_COLORS_HELP = "The setting of the verdict and the first chart."
_ITERATIONS_HELP = (
    "Every backend that can runs exactly this many iterations; scikit-learn and Spark ML run at most this "
    "many."
)


def _machines() -> dict[str, str]:
    """machine id → title. This machine first if it has something to show, then the shipped, then others."""
    here = machine_id(this_environment())
    known = {machine: machine_title(environment) for machine, environment in Store().machines().items()}
    mine = {here: f"This machine ({known.pop(here)})"} if here in known else {}
    shipped = {SHIPPED: _shipped_title()} if shipped_repetitions() else {}
    return mine | shipped | known if _is_showable(here) else shipped | mine | known


def _shipped_title() -> str:
    return f"Shipped ({machine_title(shipped_repetitions()[0].environment)})"


def _is_showable(machine: str) -> bool:
    results = results_of(machine)
    return any(
        cell.status == DONE
        for picture in pictures(results)
        for cluster in ("", *clusters(results))
        for cell in View.of(results, picture, cluster).cells
    )


def _n_done(view: View, setting: tuple[int, int]) -> int:
    return sum(cell.status == DONE for cell in view.cells_at(*setting))


def choose_in_link(
    label: str, key: str, options: list[Any], text: Callable[[Any], str], default: Any, help_text: str
) -> Any:
    """A select box whose choice always stands in the URL.

    Its default depends on what has been measured, so a link that left it out would show something else
    tomorrow. An unavailable choice falls back to the default, and if a link asked for it, the page says so
    (`problems_with_choices()`).
    """
    given, written_key = st.query_params.get(key), f"{key}_in_link"
    by_text = {text(option): option for option in options}
    if given != st.session_state.get(written_key):
        # A link, or the browser's back button; what a click chose is not in the URL yet.
        if given in by_text:
            st.session_state[key] = by_text[given]
        elif given is not None:
            st.session_state.setdefault(_PROBLEMS, []).append(
                f"The link asks for {key}={as_code(given[:60])}, which has no results here; "
                f"showing {text(default)} instead."
            )
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    chosen = st.selectbox(
        label,
        options,
        format_func=text,
        key=key,
        persist_state="session",
        help=help_text,
        on_change=_keep_selection,
    )
    st.session_state[written_key] = text(chosen)
    if given != text(chosen):
        st.query_params[key] = text(chosen)
    return chosen


def problems_with_choices() -> list[str]:
    """What links asked for and is not there, for a while."""
    return lingering(_PROBLEMS, st.session_state.pop(_PROBLEMS, []))
