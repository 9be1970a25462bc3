"""Batch: many pictures in several numbers of colors, one table, one ZIP."""

import streamlit as st

from kmeans_core.errors import KMeansError, OptionError
from kmeans_core.jobs.job import Job, JobState
from kmeans_core.jobs.tasks import BatchResult
from pages.components.batch.settings import (
    MAX_FILES,
    MAX_MEGABYTES,
    MAX_RESULTS,
    BatchSettings,
    choose_batch_settings,
    link_names,
)
from pages.components.batch.view import Shown, show, show_running
from pages.components.shared.frame import run_page
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.links import problems_in_link
from pages.components.shared.picture_files import PictureFiles, choose_files
from pages.components.shared.results import attempt, show_problems
from pages.components.shared.texts import say_error

# People do something else while a large batch works.
SLOT = JobSlot("batch", abandon_after=900.0)
_LAST = "batch_last"


def main() -> None:
    problems = problems_in_link("batch", names=link_names())
    notice = st.container()
    files = None
    with st.sidebar:
        try:
            files = choose_files("batch", max_files=MAX_FILES, max_megabytes=MAX_MEGABYTES)
        except KMeansError as error:
            say_error(error, notice)
        settings = choose_batch_settings(notice)
    show_problems(notice, problems)

    def keep(result: BatchResult) -> Shown:
        assert files is not None
        return Shown.of(files, settings, result)

    tried = attempt(lambda: _result_or_job(files, settings), keep, last=_LAST, slot=SLOT, notice=notice)
    if tried.running is not None and files is not None:
        show_running(files, settings, tried.running, tried.shown)
    elif tried.shown is not None:
        show(tried.shown, outdated=not tried.is_current, on_again=SLOT.forget)
    else:
        st.title("Batch", anchor=False)


def _result_or_job(files: PictureFiles | None, settings: BatchSettings) -> BatchResult | Job | None:
    """None where there is nothing to do. Raises OptionError for more results than a page can hold."""
    if files is None:
        return None
    if len(files.files) * len(settings.color_counts) > MAX_RESULTS:
        raise OptionError(
            f"{len(files.files)} pictures in {len(settings.color_counts)} numbers of colors make more than "
            f"{MAX_RESULTS} results, the most in a batch; choose fewer, or use the command line."
        )
    job = SLOT.job(
        (files.key, settings),
        "kmeans_core.jobs.tasks:quantize_files",
        lambda: {
            "files": files.files,
            "color_counts": settings.color_counts,
            "shared": settings.shared,
            "file_format": settings.file_format,
            "options": settings.options,
        },
    )
    if job.state is JobState.STOPPED and job.parts:  # it did not end in time to hand over files
        return BatchResult(tuple(job.parts), b"", {}, is_whole=False)
    result: BatchResult = job.result
    return result if job.state is JobState.DONE else job


run_page(main)
