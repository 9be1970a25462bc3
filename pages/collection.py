"""Collection: any number of pictures in one palette, on this machine or on a cluster."""

import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.jobs.collections import CollectionResult
from kmeans_core.jobs.job import Job, JobState
from pages.components.collection.places import Place
from pages.components.collection.settings import (
    Settings,
    choose_place,
    choose_settings,
    link_names,
    link_numbers,
)
from pages.components.collection.view import Shown, show, watch
from pages.components.shared.frame import run_page
from pages.components.shared.job_slot import JobSlot
from pages.components.shared.links import problems_in_link
from pages.components.shared.results import attempt, show_problems
from pages.components.shared.texts import say_error

# People do something else while many pictures are worked on.
SLOT = JobSlot("collection", abandon_after=900.0)


def main() -> None:
    problems = problems_in_link("collection", numbers=link_numbers(), names=link_names())
    notice = st.container()
    place = None
    with st.sidebar:
        try:
            place = choose_place()
        except KMeansError as error:
            say_error(error, notice)
        settings = choose_settings()
    show_problems(notice, problems)

    def keep(result: CollectionResult) -> Shown:
        assert place is not None
        return Shown(place, settings, result)

    tried = attempt(
        lambda: _result_or_job(place, settings), keep, last="collection_last", slot=SLOT, notice=notice
    )
    if tried.shown is not None:
        show(tried.shown, tried.running, outdated=not tried.is_current)
    else:
        st.title("Collection", anchor=False)
        if tried.running is not None:
            watch(tried.running)
            st.skeleton(height=420)


def _result_or_job(place: Place | None, settings: Settings) -> CollectionResult | Job | None:
    """None where there is nothing to do."""
    if place is None:
        return None
    job = SLOT.job(
        (place, settings),
        "kmeans_core.jobs.collections:quantize_folder",
        lambda: {
            "source": place.source,
            "output": place.output,
            "options": settings.options,
            "how": settings.how,
        },
    )
    result: CollectionResult = job.result
    return result if job.state is JobState.DONE else job


run_page(main)
