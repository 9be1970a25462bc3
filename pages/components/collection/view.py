"""What the Collection page shows of a result: palette, contact sheets, the worst first, where time went."""

import base64
from dataclasses import dataclass

import streamlit as st

from kmeans_core.images.contrast import text_colors
from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.images.palette import Palette
from kmeans_core.jobs.collections import CollectionResult
from kmeans_core.jobs.job import Job
from kmeans_core.wording import bytes_text, count_text, number_text, seconds_text
from pages.components.collection.more import more
from pages.components.collection.places import Place
from pages.components.collection.settings import Settings
from pages.components.shared.copy_link import copy_link
from pages.components.shared.job_panel import watch_job
from pages.components.shared.open_file import open_file
from pages.components.shared.texts import as_text, say_error, say_notes

# A color with less has no room for its name.
_LABEL_SHARE = 0.07
_STAGES = {
    "start": "Find the pictures, start the workers",
    "count": "Read them and count their colors",
    "merge": "Add up the counts",
    "fit": "Find the palette",
    "write": "Give each its colors and write it",
    "group": "Find groups",
    "finish": "Write the manifest",
}


@dataclass(frozen=True)
class Shown:
    """What is on the screen: a result, and of what."""

    place: Place
    settings: Settings
    result: CollectionResult


def watch(job: Job) -> None:
    watch_job(job, title="Reducing colors", max_iter=0, reports_progress=True, key="collection_panel")


def show(shown: Shown, running: Job | None, *, outdated: bool) -> None:
    """outdated: something else is chosen now."""
    result, report = shown.result, shown.result.report
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.title(_title(shown), anchor=False)
            before = "Earlier results · " if outdated else ""
            st.caption(as_text(f"{before}{report.workers}"))
        if running is not None:
            watch(running)
        elif result.archive or report.palette is not None:
            _buttons(shown)
    if report.palette is not None:
        _strip(report.palette)
    _totals(result)
    _sheets(result)
    _failures(result)
    _details(result)
    say_notes(report.notes)
    if shown.place.are_samples:
        st.caption("These are the samples. Drop your own pictures in the sidebar.")


def _title(shown: Shown) -> str:
    report = shown.result.report
    what = count_text(report.n_pictures, shown.place.what)
    if report.palette is None:
        return f"{what}, a palette for each"
    return f"{what} in the same {count_text(len(report.palette), 'color')}"


def _buttons(shown: Shown) -> None:
    name = f"{shown.place.what}s-{shown.settings.options.n_colors}-colors.zip"
    kind = IMAGE_FORMATS[shown.settings.how.file_format].title
    with st.container(horizontal=True, width="content"):
        open_file("Open pictures", uploader="collection_upload", key="open_files")
        copy_link(hint="The link carries every setting, but no uploaded pictures.", key="copy_link")
        if shown.result.archive:
            st.download_button(
                "Download ZIP",
                shown.result.archive,
                name,
                "application/zip",
                key="download_zip",
                on_click="ignore",
                icon=":material/download:",
                help=f"Every picture as {kind}, the palette, and the manifest.",
            )
        else:
            st.caption("More than a page can hand over: use the command `collection`.")


def _strip(palette: Palette) -> None:
    """The palette, each color as wide as its share, with its name where there is room."""
    cells = []
    for entry, text in zip(palette.entries, text_colors(palette.colors), strict=True):
        said, label = f"{entry.hex}, {entry.share:.1%}", entry.hex if entry.share > _LABEL_SHARE else ""
        style = f"flex:{max(entry.share, 0.004):.5f} 0 0;background:{entry.hex};color:{text.hex}"
        cells.append(f'<div role="img" aria-label="{said}" title="{said}" style="{style}">{label}</div>')
    st.html(f'<div class="collection-strip">{"".join(cells)}</div>')


def _totals(result: CollectionResult) -> None:
    report = result.report
    with st.grid(5, min_column_width=110, gap="small"):
        st.metric("Pictures", f"{report.n_pictures - report.n_failed:,}")
        if report.n_colors:
            st.metric("Distinct colors", f"{report.n_colors:,}", help="Of all pictures together.")
        st.metric("Before", bytes_text(result.input_bytes))
        st.metric("After", bytes_text(result.output_bytes))
        if result.output_bytes:
            st.metric("Times smaller", f"{number_text(result.input_bytes / result.output_bytes)}×")


def _sheets(result: CollectionResult) -> None:
    if not result.before:
        return
    for column, sheet, title in zip(
        st.columns(2), (result.before, result.after), ("Before", "After"), strict=True
    ):
        with column:
            _sheet(sheet, title)


def _sheet(image: bytes, title: str) -> None:
    """A contact sheet, which `st.image` shows without saying what it is."""
    st.html(
        f'<figure class="contact-sheet"><img alt="{title}: small copies of the pictures" '
        f'src="{_data_url(image)}"><figcaption>{title}</figcaption></figure>'
    )


def _failures(result: CollectionResult) -> None:
    for row in result.failed[:3]:
        say_error(row["error"])
    if len(result.failed) > 3:
        with st.expander(f"{len(result.failed) - 3} more could not be used"):
            for row in result.failed[3:]:
                st.caption(as_text(row["error"]))


def _details(result: CollectionResult) -> None:
    names = ["Largest errors first", "Where the time goes", "What more would take"]
    tabs = st.tabs([*names, *(["Groups"] if result.groups else [])])
    with tabs[0]:
        _worst(result)
    with tabs[1]:
        _times(result)
    with tabs[2]:
        more(result.report)
    if result.groups:
        with tabs[3]:
            for number, sheet in enumerate(result.groups, 1):
                _sheet(sheet, f"Group {number}")


def _worst(result: CollectionResult) -> None:
    rows = [one.values for one in result.worst]
    st.dataframe(
        {
            "Before": [_data_url(one.before) for one in result.worst],
            "After": [_data_url(one.after) for one in result.worst],
            "File": [row["name"] for row in rows],
            "MSE": [row["mse"] for row in rows],
            "PSNR": [row["psnr"] if row["mse"] else None for row in rows],
            **({"ΔE": [row["delta_e"] for row in rows]} if rows and rows[0]["delta_e"] is not None else {}),
            "Colors before": [row["unique_colors"] for row in rows],
            "Size before": [row["input_bytes"] for row in rows],
            "Size after": [row["output_bytes"] for row in rows],
        },
        column_config={
            "Before": st.column_config.ImageColumn(width="small"),
            "After": st.column_config.ImageColumn(width="small"),
            "MSE": st.column_config.NumberColumn(
                format="localized", step=0.1, help="Mean squared error, summed over the channels"
            ),
            "PSNR": st.column_config.NumberColumn(format="%.1f dB", help="Empty where the copy is exact"),
            "ΔE": st.column_config.NumberColumn(format="%.2f", help="Mean color difference, CIEDE2000"),
            "Colors before": st.column_config.NumberColumn(format="localized"),
            "Size before": st.column_config.NumberColumn(format="bytes"),
            "Size after": st.column_config.NumberColumn(format="bytes"),
        },
        hide_index=True,
        row_height=72,
        height=min(72 * len(rows) + 40, 600),
        key="collection_table",
    )


def _times(result: CollectionResult) -> None:
    report = result.report
    shown = {title: report.seconds[name] for name, title in _STAGES.items() if name in report.seconds}
    st.dataframe(
        {"Stage": list(shown), "Time": [seconds_text(seconds) for seconds in shown.values()]},
        hide_index=True,
        key="collection_times",
    )


def _data_url(image: bytes) -> str | None:
    return f"data:image/png;base64,{base64.b64encode(image).decode()}" if image else None
