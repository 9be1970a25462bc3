"""What the Tables page shows of clusters: heading, plane, curve, metrics, notes, tabs."""

from dataclasses import dataclass

import streamlit as st

from kmeans_core.jobs.job import Job
from kmeans_core.tables.clustered import ClusteredTable
from kmeans_core.tables.reading import join_names
from kmeans_core.tables.writing import csv_bytes
from kmeans_core.wording import count_text
from pages.components.shared.backends import backends
from pages.components.shared.copy_link import copy_link
from pages.components.shared.job_panel import watch_job
from pages.components.shared.open_file import open_file
from pages.components.shared.texts import as_text, say_notes
from pages.components.tables.overview import show_curve, show_metrics, show_scatter
from pages.components.tables.settings import TableSettings
from pages.components.tables.source import TableSource
from pages.components.tables.tabs import table_tabs


@dataclass(frozen=True)
class Shown:
    """What is on the screen: clusters and what they were made from."""

    source: TableSource
    settings: TableSettings
    clustered: ClusteredTable


def watch(job: Job, settings: TableSettings) -> None:
    row = backends()[settings.options.fit.backend]
    watch_job(
        job,
        title=row.title,
        max_iter=settings.options.fit.max_iter,
        reports_progress=row.traits.progress,
        key="table_job",
    )


def show(shown: Shown, settings: TableSettings, running: Job | None) -> None:
    source, clustered = shown.source, shown.clustered
    k = len(clustered.result.centers)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.title(as_text(f"{source.title} in {count_text(k, 'cluster')}"), anchor=False)
            st.caption(
                as_text(
                    f"{source.table.name} · {len(source.table.frame):,} rows · by "
                    f"{join_names(shown.settings.columns, 4)}"
                )
            )
        if running is not None:
            watch(running, settings)
        else:
            _buttons(source, clustered)
    picture, curve = st.columns([3, 2])
    with picture:
        show_scatter(source, clustered)
    with curve:
        show_curve(source, shown.settings, clustered)
    show_metrics(clustered)
    say_notes((*source.table.notes, *clustered.preparation.notes, *clustered.result.notes))
    if source.credit:
        st.caption(f"Table: {source.credit}.")
    table_tabs(source, clustered)


def _buttons(source: TableSource, clustered: ClusteredTable) -> None:
    with st.container(horizontal=True, width="content"):
        open_file("Open table", uploader="table_upload", key="open_files")
        copy_link(hint="The link carries every setting, but no uploaded table.", key="copy_link")
        st.download_button(
            "Download CSV",
            lambda: csv_bytes(clustered.labelled(as_text=True)),
            f"{source.table.name.rpartition('.')[0]}-{len(clustered.result.centers)}-clusters.csv",
            "text/csv",
            key="download_labelled",
            on_click="ignore",
            icon=":material/download:",
        )
