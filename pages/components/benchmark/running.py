"""What runs now, and how far it is: for everybody to see, and for its owner to stop."""

import streamlit as st

from kmeans_core.bench.measuring.progress import RunProgress, progress_text
from kmeans_core.jobs.job import JobState
from kmeans_core.wording import duration_text
from pages.components.benchmark.runs import BenchmarkRun, active_runs, dismiss, ended_run, stop_run
from pages.components.benchmark.visitor import visitor
from pages.components.shared.job_slot import worker
from pages.components.shared.unforeseen import with_net

_SEEN = "benchmark_seen"


def running_panel() -> None:
    """Every active run with its progress, the visitor's own with Stop; and how their last one ended."""
    if active_runs():
        _watch()
    ended = ended_run(visitor())
    if ended is None:
        return
    job = ended.job
    with st.container(horizontal=True, vertical_alignment="center", key="benchmark_ended"):
        if job.state is JobState.DONE:
            st.success(f"{ended.title} is done.", icon=":material/check_circle:")
        elif job.state is JobState.STOPPED:
            st.info(f"{ended.title} was stopped. Finished cells are kept.", icon=":material/stop_circle:")
        else:
            st.error(f"{job.message} Finished cells are kept.", icon=":material/error:")
        st.button(
            "Dismiss",
            icon=":material/close:",
            key="dismiss_run",
            on_click=dismiss,
            args=(ended,),
            width="content",
        )


@st.fragment(run_every=0.5)
@with_net
def _watch() -> None:
    """Runs by itself twice a second, and reruns the page when a cell is finished or a run is over."""
    runs = active_runs()
    now = tuple((run.job.id, run.job.state, _cells_done(run)) for run in runs)
    seen = st.session_state.get(_SEEN)
    st.session_state[_SEEN] = now
    if seen is not None and now != seen:
        st.rerun()
    for run in runs:
        _show_progress(run, "top")


def _cells_done(run: BenchmarkRun) -> int:
    return run.job.progress.done if isinstance(run.job.progress, RunProgress) else 0


@st.fragment(run_every=0.5)
@with_net
def watch_own() -> None:
    """The visitor's own runs, shown again where they were started."""
    for run in active_runs():
        if run.owner == visitor():
            _show_progress(run, "below")


def _show_progress(run: BenchmarkRun, place: str) -> None:
    is_own = run.owner == visitor()
    name = f"{place}_{run.job.id}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"benchmark_run_{name}"):
        share, text = _progress(run)
        st.progress(share, text)
        if is_own:
            st.button(
                "Stop",
                icon=":material/stop_circle:",
                key=f"stop_run_{name}",
                on_click=stop_run,
                args=(run, visitor()),
                disabled=run.job.stop_requested,
                width="content",
            )
        else:
            st.caption("Another visitor's run", width="content")


def _progress(run: BenchmarkRun) -> tuple[float, str]:
    job = run.job
    if job.state is JobState.QUEUED:
        before = worker().position(job)
        return 0.0, f"{run.title} is waiting: {before} {'run is' if before == 1 else 'runs are'} before it."
    if job.stop_requested:
        return 0.0, f"{run.title}: stopping…"
    progress = job.progress
    if not isinstance(progress, RunProgress) or progress.case is None:
        return 0.0, f"{run.title} is starting · {duration_text(job.seconds)}"
    return progress.done / max(progress.total, 1), f"{run.title}: {progress_text(progress)}"
