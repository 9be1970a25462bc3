"""What the Batch page shows of a result: sums, a table with thumbnails, one ZIP."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.images.palette import Palette
from kmeans_core.jobs.job import Job
from kmeans_core.jobs.tasks import BatchResult, BatchResultRow
from kmeans_core.wording import bytes_text, count_text, number_text, psnr_text
from pages.components.batch.settings import BatchSettings
from pages.components.shared.copy_link import copy_link
from pages.components.shared.job_panel import watch_job
from pages.components.shared.open_file import open_file
from pages.components.shared.picture_files import PictureFiles
from pages.components.shared.texts import say_error
from pages.components.shared.unforeseen import with_net

# The height of a row, with its thumbnails.
_ROW = 120
# While a batch works, so many results are shown: all of them would be sent again and again.
_MAX_GROWING = 16


@dataclass(frozen=True)
class Shown:
    """What is on the screen: a result, and of what. n_files: pictures that were given."""

    n_files: int
    are_samples: bool
    settings: BatchSettings
    result: BatchResult

    @classmethod
    def of(cls, files: PictureFiles, settings: BatchSettings, result: BatchResult) -> "Shown":
        return cls(len(files.files), files.are_samples, settings, result)

    @property
    def noun(self) -> str:
        return "sample" if self.are_samples else "picture"

    @property
    def n_used(self) -> int:
        """Of the pictures, those that there are results of."""
        done = {line.name for line in self.result.lines if line.report is not None}
        failed = {line.name for line in self.result.lines if line.report is None} - done
        return self.n_files - len(failed) if self.result.is_whole else len(done)

    @property
    def n_wanted(self) -> int:
        return self.n_files * len(self.settings.color_counts)


def show_running(files: PictureFiles, settings: BatchSettings, job: Job, before: Shown | None) -> None:
    """What works, and its results as they come. before: what is shown until the first of them is there."""
    wanted = Shown.of(files, settings, BatchResult((), b"", {}, is_whole=False))
    with st.container(horizontal=True, vertical_alignment="center"):
        _title(wanted, count_text(len(files.files), wanted.noun))
        watch_job(job, title="Reducing colors", max_iter=0, reports_progress=True, key="batch_panel")
    _growing(job, () if before is None else before.result.lines)


@st.fragment(run_every=2.0)
@with_net
def _growing(job: Job, before: Sequence[BatchResultRow]) -> None:
    lines = tuple(job.parts[-_MAX_GROWING:]) or before
    if len(job.parts) > _MAX_GROWING:
        st.caption(f"The last {_MAX_GROWING} of {len(job.parts):,} results so far")
    if lines:
        _table(lines)
    else:
        st.skeleton(height=420)


def show(shown: Shown, *, outdated: bool, on_again: Callable[[], None]) -> None:
    """outdated: something else is chosen now. on_again: called to do what was stopped anew."""
    result = shown.result
    done = [line for line in result.lines if line.report is not None]
    what = count_text(shown.n_files, shown.noun)
    if (used := shown.n_used) < shown.n_files:
        what = f"{used:,} of {what}"
    with st.container(horizontal=True, vertical_alignment="center"):
        _title(shown, what, f"{'Earlier results · ' if outdated else ''}{count_text(len(done), 'result')} · ")
        if done and result.archive:
            _buttons(shown)
    if not result.is_whole:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(
                f"Stopped: {count_text(len(result.lines), 'result')} of {shown.n_wanted:,} are here.",
                icon=":material/stop_circle:",
            )
            st.button(
                "Run again", icon=":material/replay:", on_click=on_again, key="batch_again", width="content"
            )
    for line in result.lines:
        if line.error:
            say_error(line.error)
    if done:
        _totals(done)
    for number, palette in result.palettes.items():
        st.caption(f"The {number} colors for all pictures; the ZIP has them as a palette file, too.")
        st.markdown(_strip(palette), unsafe_allow_html=True)
    _table(result.lines)
    if shown.are_samples:
        st.caption("These are the samples. Drop your own pictures anywhere on this page.")


def _title(shown: Shown, what: str, before: str = "") -> None:
    palette = "one palette for all" if shown.settings.shared else "a palette for each"
    with st.container(gap=None, width="stretch"):
        st.title(f"{what} in {_numbers(shown.settings)} colors", anchor=False)
        st.caption(f"{before}{palette}".capitalize())


def _strip(palette: Palette) -> str:
    cells = "".join(
        f'<div style="flex:1;background:{color.hex}" title="{color.hex}"></div>' for color in palette.entries
    )
    return f'<div class="collection-strip">{cells}</div>'


def _table(lines: Sequence[BatchResultRow]) -> None:
    errors = [line.error or "" for line in lines]
    notes = ["" if line.report is None else " ".join(line.report.notes) for line in lines]
    st.dataframe(
        {
            "Before": [_data_url(line.before) for line in lines],
            "After": [_data_url(line.after) for line in lines],
            "File": [line.name for line in lines],
            **({"Error": errors} if any(errors) else {}),
            "Colors": [line.n_colors for line in lines],
            "KB before": [_of(line, "input_bytes", 1e-3) for line in lines],
            "KB after": [_of(line, "output_bytes", 1e-3) for line in lines],
            "Change": [_change(line) for line in lines],
            "MSE": [_of(line, "mse") for line in lines],
            "PSNR": ["" if line.report is None else psnr_text(line.report.psnr) for line in lines],
            **({"Notes": notes} if any(notes) else {}),
        },
        column_config={
            "Before": st.column_config.ImageColumn(width=150),
            "After": st.column_config.ImageColumn(width=150),
            "Error": st.column_config.TextColumn(width="large"),
            "Notes": st.column_config.TextColumn(width="large", help="What was converted or left out"),
            "KB before": st.column_config.NumberColumn(format="%.1f"),
            "KB after": st.column_config.NumberColumn(format="%.1f", help="As plain PNG"),
            "Change": st.column_config.NumberColumn(format="%+.0f %%", help="Of the file's size"),
            "MSE": st.column_config.NumberColumn(
                format="localized", step=0.1, help="Mean squared error, summed over the channels"
            ),
            "PSNR": st.column_config.TextColumn(help="Peak signal-to-noise ratio"),
        },
        hide_index=True,
        row_height=_ROW,
        height=min(_ROW * len(lines) + 40, 1100),
        key="batch_table",
    )


def _totals(done: list[BatchResultRow]) -> None:
    before, after = (sum(_of(line, name) or 0 for line in done) for name in ("input_bytes", "output_bytes"))
    with st.grid(4, min_column_width=130, gap="small"):
        st.metric("Results", f"{len(done):,}")
        st.metric("Before", bytes_text(before), help="Each picture counts once per number of colors.")
        st.metric("After", bytes_text(after), help="As plain PNG.")
        larger = after > before
        factor = after / before if larger else before / after
        st.metric("In all", f"{number_text(factor)}× {'larger' if larger else 'smaller'}")


def _buttons(shown: Shown) -> None:
    file_name = f"{shown.noun}s-{_numbers(shown.settings, '-')}-colors.zip"
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


def _of(line: BatchResultRow, name: str, unit: float = 1) -> float | None:
    return None if line.report is None else unit * getattr(line.report, name)


def _change(line: BatchResultRow) -> float | None:
    """Of the file's size, in percent."""
    return None if line.report is None else 100 * (line.report.output_bytes / line.report.input_bytes - 1)


def _data_url(image: bytes) -> str | None:
    return f"data:image/png;base64,{base64.b64encode(image).decode()}" if image else None
