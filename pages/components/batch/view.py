"""What the Batch page shows of a result: sums, a table with thumbnails, one ZIP."""

import base64
from dataclasses import dataclass

import streamlit as st

from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.jobs.job import Job
from kmeans_core.jobs.tasks import BatchResult, BatchResultRow
from kmeans_core.wording import bytes_text, count_text, number_text
from pages.components.batch.settings import BatchSettings
from pages.components.shared.copy_link import copy_link
from pages.components.shared.job_panel import watch_job
from pages.components.shared.open_file import open_file
from pages.components.shared.picture_files import PictureFiles
from pages.components.shared.texts import say_error


@dataclass(frozen=True)
class Shown:
    """What is on the screen: a result, and of what. what: the pictures, as text."""

    key: str
    what: str
    settings: BatchSettings
    result: BatchResult

    @classmethod
    def of(cls, files: PictureFiles, settings: BatchSettings, result: BatchResult) -> "Shown":
        what = count_text(len(files.files), "sample" if files.are_samples else "picture")
        return cls(files.key, what, settings, result)


def watch(job: Job) -> None:
    watch_job(job, title="Reducing colors", max_iter=0, reports_progress=True, key="batch_panel")


def show(shown: Shown, running: Job | None, *, outdated: bool) -> None:
    """outdated: something else is chosen now."""
    lines = shown.result.lines
    done = [line for line in lines if line.report is not None]
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.title(f"{shown.what} in {_numbers(shown.settings)} colors", anchor=False)
            palette = "one palette for all" if shown.settings.shared else "a palette for each"
            before = "Earlier results · " if outdated else ""
            st.caption(f"{before}{palette.capitalize()} · {count_text(len(done), 'result')}")
        if running is not None:
            watch(running)
        elif done:
            _buttons(shown)
    for line in lines:
        if line.error:
            say_error(line.error)
    if done:
        _totals(done)
    errors = [line.error or "" for line in lines]
    notes = ["" if line.report is None else " ".join(line.report.notes) for line in lines]
    st.dataframe(
        {
            "Before": [_data_url(line.before) for line in lines],
            "After": [_data_url(line.after) for line in lines],
            "File": [line.name for line in lines],
            **({"Error": errors} if any(errors) else {}),
            "Colors": [line.n_colors for line in lines],
            "Size before": [_of(line, "input_bytes") for line in lines],
            "Size after": [_of(line, "output_bytes") for line in lines],
            "Times smaller": [_of(line, "compression_ratio") for line in lines],
            "MSE": [_of(line, "mse") for line in lines],
            "PSNR": [_psnr(line) for line in lines],
            **({"Notes": notes} if any(notes) else {}),
        },
        column_config={
            "Before": st.column_config.ImageColumn(width="small"),
            "After": st.column_config.ImageColumn(width="small"),
            "Error": st.column_config.TextColumn(width="large"),
            "Notes": st.column_config.TextColumn(width="large", help="What was converted or left out"),
            "Size before": st.column_config.NumberColumn(format="bytes"),
            "Size after": st.column_config.NumberColumn(format="bytes"),
            "Times smaller": st.column_config.NumberColumn(format="%.1f×"),
            "MSE": st.column_config.NumberColumn(
                format="localized", step=0.1, help="Mean squared error, summed over the channels"
            ),
            "PSNR": st.column_config.NumberColumn(format="%.1f dB", help="Empty where the copy is exact"),
        },
        hide_index=True,
        row_height=72,
        height=min(72 * len(lines) + 40, 1100),
        key="batch_table",
    )
    if shown.what.endswith("samples"):
        st.caption("These are the samples. Drop your own pictures in the sidebar.")


def _totals(done: list[BatchResultRow]) -> None:
    before, after = (sum(_of(line, name) or 0 for line in done) for name in ("input_bytes", "output_bytes"))
    with st.grid(4, min_column_width=130, gap="small"):
        st.metric("Results", f"{len(done):,}")
        st.metric("Before", bytes_text(before), help="Each picture counts once per number of colors.")
        st.metric("After", bytes_text(after), help="As plain PNG.")
        st.metric("Times smaller", f"{number_text(before / after)}×")


def _buttons(shown: Shown) -> None:
    what = "samples" if shown.what.endswith("samples") else "pictures"
    file_name = f"{what}-{_numbers(shown.settings, '-')}-colors.zip"
    with st.container(horizontal=True, width="content"):
        open_file("Open pictures", uploader="batch_upload", key="open_files")
        copy_link(hint="The link carries every setting, but no uploaded pictures.", key="copy_link")
        st.download_button(
            "Download ZIP",
            shown.result.archive,
            file_name,
            "application/zip",
            key="download_zip",
            on_click="ignore",
            icon=":material/download:",
            help=f"Every result as {IMAGE_FORMATS[shown.settings.file_format].title}, and the table as CSV.",
        )


def _numbers(settings: BatchSettings, sign: str = "") -> str:
    texts = [str(number) for number in settings.color_counts]
    if sign or len(texts) == 1:
        return sign.join(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def _of(line: BatchResultRow, name: str) -> float | None:
    return None if line.report is None else getattr(line.report, name)


def _psnr(line: BatchResultRow) -> float | None:
    """None for an exact copy, too: a table has no infinity."""
    return None if line.report is None or line.report.is_exact else line.report.psnr


def _data_url(image: bytes) -> str | None:
    return f"data:image/png;base64,{base64.b64encode(image).decode()}" if image else None
