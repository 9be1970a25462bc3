"""The panel of a job in the worker process: how far it is, Stop, and how it ended."""

import streamlit as st

from kmeans_core.collections.report import CollectionProgress
from kmeans_core.jobs.job import Job, JobState
from kmeans_core.jobs.tasks import BatchProgress
from kmeans_core.model_selection import SweepPoint
from kmeans_core.types import Iteration
from kmeans_core.wording import count_text, number_text, seconds_text
from pages.components.shared.job_slot import JobSlot, worker
from pages.components.shared.texts import as_text, say_error
from pages.components.shared.unforeseen import with_net


@st.fragment(run_every=0.4)
@with_net
def watch_job(job: Job, *, title: str, max_iter: int, reports_progress: bool, key: str = "job_panel") -> None:
    """Shows how far a job is, with a Stop button, and reruns the page when it is over.

    title: what is working. reports_progress: whether it reports iterations. key: of the panel on its page.
    """
    if job.is_over:
        st.rerun()
    job.mark_seen()
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        share, text = _progress(job, title, max_iter, reports_progress)
        st.progress(share, as_text(text))
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key=f"{key}_stop",
            on_click=worker().stop,
            args=(job,),
            disabled=job.stop_requested,
            width="content",
        )


def _progress(job: Job, title: str, max_iter: int, reports_progress: bool) -> tuple[float, str]:
    if job.state is JobState.QUEUED:
        before = worker().position(job)
        if not before:
            return 0.0, f"{title} is starting"
        return 0.0, f"{title} is waiting: {before} {'run is' if before == 1 else 'runs are'} before it."
    if job.stop_requested:
        return 0.0, f"{title}: stopping…"
    elapsed = seconds_text(job.seconds)
    if isinstance(job.progress, Iteration):
        index = job.progress.index
        if index == 0:
            return 0.0, f"{title}: searching for initial centers · {elapsed}"
        return min(index / max_iter, 1.0), (f"{title}: iteration {index} of at most {max_iter} · {elapsed}")
    if isinstance(job.progress, BatchProgress):
        progress = job.progress
        return (
            progress.done / progress.total,
            f"{title}: {progress.done + 1} of {progress.total}, {progress.name} · {elapsed}",
        )
    if isinstance(job.progress, CollectionProgress):
        return _collection_progress(job.progress, title, elapsed)
    if isinstance(job.progress, SweepPoint):
        k = job.progress.k
        return min(k / max_iter, 1.0), f"{title}: {k} of {max_iter} clusters · {elapsed}"
    if isinstance(job.progress, str) and job.progress != "starting":
        return 0.0, f"{title}: {job.progress} · {elapsed}"
    return 0.0, f"{title} is {'starting' if reports_progress else 'working'} · {elapsed}"


def _collection_progress(progress: CollectionProgress, title: str, elapsed: str) -> tuple[float, str]:
    if not progress.total:
        return 0.0, f"{title}: {progress.stage} · {elapsed}"
    told = f"{progress.done:,} of {count_text(progress.total, 'picture')}"
    if progress.megapixels:
        told += f", {number_text(progress.megapixels)} megapixels"
    if progress.seconds_left is not None:
        told += f", {seconds_text(progress.seconds_left)} left"
    return progress.done / progress.total, f"{title}: {progress.stage}, {told} · {elapsed}"


def ended_job(job: Job, slot: JobSlot) -> None:
    """Why there is no result, and a way to get one. slot: the one of the job."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{slot.key}_ended"):
        if job.state is JobState.STOPPED:
            st.info(as_text(job.message), icon=":material/stop_circle:")
        else:
            say_error(job.message)
        st.button(
            "Run again",
            icon=":material/replay:",
            key=f"{slot.key}_again",
            on_click=slot.forget,
            width="content",
        )
