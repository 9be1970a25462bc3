"""Tables: rows in, clusters out."""

import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.tables.reading_apart import warm_table_readers
from pages.components.shared.frame import run_page
from pages.components.shared.links import problems_in_link
from pages.components.shared.results import attempt, result_or_job, show_problems
from pages.components.shared.texts import say_error
from pages.components.tables.runs import SLOT, clusters_wanted
from pages.components.tables.settings import choose_table_settings, link_names, link_numbers
from pages.components.tables.source import LINK_NUMBERS as SOURCE_NUMBERS
from pages.components.tables.source import choose_table, first_sample, sample_titles
from pages.components.tables.view import Shown, show, watch

_LAST = "tables_last"


def main() -> None:
    problems = problems_in_link(
        "tables",
        numbers={**link_numbers(), **SOURCE_NUMBERS},
        names={"table": list(sample_titles().values()), **link_names()},
    )
    failure = ""
    with st.sidebar:
        try:
            source = choose_table()
        except KMeansError as error:
            failure = str(error)
            last = st.session_state.get(_LAST)
            source = last.source if last is not None else first_sample()
        settings = choose_table_settings(source)
    notice = st.container()
    show_problems(notice, problems)
    if failure:
        say_error(failure, notice)
    tried = attempt(
        lambda: result_or_job(clusters_wanted(source, settings), SLOT),
        lambda clustered: Shown(source, settings, clustered),
        last=_LAST,
        slot=SLOT,
        notice=notice,
    )
    if tried.shown is not None:
        show(tried.shown, settings, tried.running)
    elif tried.running is not None:
        watch(tried.running, settings)
        st.skeleton(height=420)
    else:
        st.title("Tables", anchor=False)
        st.write("Choose columns that can be clustered to see the clusters here.")
        st.dataframe(source.table.frame.head(1000), key="table_preview", height=360)
    warm_table_readers()


run_page(main)
