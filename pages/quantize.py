"""Quantize: a picture in k colors, before and after, with its palette."""

from dataclasses import dataclass

import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.images.palette_files import palette_css, palette_json
from kmeans_core.images.quantize import EncodedPicture
from kmeans_core.jobs.supervisor import Job, JobState
from pages.components.browser_parts import Side, compare, copy_link, palette_strip
from pages.components.charts import convergence_chart, timing_chart
from pages.components.job_panel import ended_job, watch_job
from pages.components.links import problems_in_link
from pages.components.numbers import bytes_text, number_text, seconds_text
from pages.components.runs import Result, original, result_or_job, stand_in
from pages.components.settings import Settings, backends, choose_settings
from pages.components.source import Source, choose_source

_LAST = "quantize_last"
_SWATCH = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='48' height='20'%3E"
    "%3Crect x='.5' y='.5' width='47' height='19' fill='%23{}' stroke='%238888'/%3E%3C/svg%3E"
)


@dataclass(frozen=True)
class Shown:
    """What is on the screen: a result and what it was made from."""

    source: Source
    settings: Settings
    result: Result


def main() -> None:
    problems = problems_in_link()
    with st.sidebar:
        source = choose_source()
        settings = choose_settings()
    notice = st.container()
    for problem in problems:
        notice.warning(problem, icon=":material/link_off:")
    outcome, running = None, None
    try:
        with notice:
            outcome = _result_or_job(source, settings)
    except KMeansError as error:
        notice.error(str(error), icon=":material/error:")
    if isinstance(outcome, Result):
        st.session_state[_LAST] = Shown(source, settings, outcome)
    elif outcome is not None:
        state = outcome.state
        if state is JobState.DONE:  # it ended this very moment
            st.rerun()
        if state in (JobState.FAILED, JobState.STOPPED):
            with notice:
                ended_job(outcome)
        else:
            running = outcome
    shown = st.session_state.get(_LAST) or _stand_in(source, settings)
    if shown is not None:
        _show(shown, settings, running, outdated=not isinstance(outcome, Result))
    elif running is not None:
        _watch(running, settings)
        st.skeleton(height=420)


def _result_or_job(source: Source, settings: Settings) -> Result | Job:
    if not source.is_large:
        return result_or_job(source, settings)
    with st.spinner(f"Reading {source.name}…", show_time=True):
        return result_or_job(source, settings)


def _stand_in(source: Source, settings: Settings) -> Shown | None:
    """For a visitor who has seen nothing yet: the same by Numba, until the result is there."""
    try:
        result = stand_in(source, settings)
    except KMeansError:
        return None  # said already
    return Shown(source, settings, result) if result is not None else None


def _watch(job: Job, settings: Settings) -> None:
    watch_job(job, title=backends()[settings.backend].title, max_iter=settings.max_iter)


def _show(shown: Shown, settings: Settings, running: Job | None, *, outdated: bool) -> None:
    """settings, running: what is being worked on now. outdated: that is not what is shown (yet)."""
    source, encoded = shown.source, shown.result.encoded
    report = encoded.report
    with st.container(horizontal=True, vertical_alignment="center"):
        _heading(source, encoded)
        # In the place of the buttons, so that nothing moves when a run begins and ends.
        if running is not None:
            _watch(running, settings)
        else:
            _buttons(source, encoded)
    compare(
        Side(original(source), "Original", source.alt),
        Side(shown.result.after, _colors(encoded), f"The same in {_colors(encoded)}"),
        width=report["width"],
        height=report["height"],
        dimmed=outdated,
        key="compare",
    )
    palette_strip(encoded.palette, dimmed=outdated, key="palette")
    _figures(encoded)
    for note in report["notes"]:
        st.caption(f":material/info: {note}")
    if source.credit:
        st.caption(f"Picture: {source.credit}.")
    _details(source, encoded)


def _details(source: Source, encoded: EncodedPicture) -> None:
    # Only the open tab is filled: charts in hidden ones would double the time to a new picture.
    palette, convergence, timing = st.tabs(
        ["Palette", "Convergence", "Timing"], key="details", on_change="rerun", bind="query-params"
    )
    with palette:
        if palette.open:
            _palette_table(source, encoded)
    with convergence:
        if convergence.open:
            _convergence(encoded)
    with timing:
        if timing.open:
            st.plotly_chart(
                timing_chart(encoded.report["seconds"]),
                key="timing_chart",
                alt="Bar chart of the time each phase took",
                config={"displayModeBar": False},
            )


def _colors(encoded: EncodedPicture) -> str:
    count = encoded.report["n_colors"]
    return f"{count} color" if count == 1 else f"{count} colors"


def _heading(source: Source, encoded: EncodedPicture) -> None:
    report = encoded.report
    with st.container(gap=None, width="stretch"):
        st.title(f"{source.title} in {_colors(encoded)}", anchor=False)
        st.caption(
            f"{source.name} · {report['width']}×{report['height']} · "
            f"{report['unique_colors']:,} → {_colors(encoded)}"
        )


def _buttons(source: Source, encoded: EncodedPicture) -> None:
    with st.container(horizontal=True, width="content"):
        copy_link(
            hint="The link carries every setting and the sample's name, but no uploaded picture.",
            key="copy_link",
        )
        st.download_button(
            "Download PNG",
            encoded.png,
            f"{source.stem}-{encoded.report['n_colors']}-colors.png",
            "image/png",
            key="download_png",
            on_click="ignore",
            icon=":material/download:",
        )


def _figures(encoded: EncodedPicture) -> None:
    report = encoded.report
    seconds = report["seconds"]
    start = seconds["start"]
    psnr = "exact" if report["psnr"] is None else f"{number_text(report['psnr'])} dB"
    with st.grid(6, min_column_width=110, gap="small"):
        st.metric("Colors", f"{report['unique_colors']:,} → {report['n_colors']}")
        st.metric(
            "Error (MSE)",
            number_text(report["mse"]),
            help="Mean over all pixels of the squared differences in red, green and blue, added up.",
        )
        st.metric("PSNR", psnr, help="Peak signal-to-noise ratio: above 30 dB differences are hard to see.")
        st.metric(
            "File",
            f"{bytes_text(report['output_bytes'])}",
            f"{number_text(report['compression_ratio'])}× smaller"
            if report["compression_ratio"] >= 1
            else f"{number_text(1 / report['compression_ratio'])}× larger",
            delta_color="off",
            delta_arrow="off",
            help=f"{bytes_text(report['input_bytes'])} → {bytes_text(report['output_bytes'])}, file to file; "
            f"{number_text(report['raw_compression_ratio'])}× smaller than its raw pixels.",
        )
        st.metric(
            "Time",
            seconds_text(seconds["total"] - start),
            f"+ {seconds_text(start)} start-up" if start >= 0.01 else None,
            delta_color="off",
            delta_arrow="off",
            help="From reading the file to the finished PNG, on this server. Compiling and starting Java "
            "happen once and are told apart.",
        )
        st.metric(
            "Iterations",
            f"{report['n_iter']}",
            "converged" if report["converged"] else "not yet converged",
            delta_color="off",
            delta_arrow="off",
            help="Converged: another iteration would change nothing.",
        )


def _palette_table(source: Source, encoded: EncodedPicture) -> None:
    entries = encoded.palette.entries
    st.dataframe(
        {
            "": [_SWATCH.format(color.hex[1:]) for color in entries],
            "Hex": [color.hex for color in entries],
            "RGB": [", ".join(map(str, color.rgb)) for color in entries],
            "Pixels": [color.count for color in entries],
            "Share": [color.share for color in entries],
        },
        column_config={
            "": st.column_config.ImageColumn(width="small"),
            "Pixels": st.column_config.NumberColumn(format="localized"),
            "Share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
        hide_index=True,
        key="palette_table",
    )
    with st.container(horizontal=True):
        for label, text, kind, mime in (
            ("JSON", palette_json(encoded.palette, source.name), "json", "application/json"),
            ("CSS", palette_css(encoded.palette, source.name), "css", "text/css"),
        ):
            st.download_button(
                f"Palette as {label}",
                text,
                f"{source.stem}-palette-{len(entries)}.{kind}",
                mime,
                key=f"download_{kind}",
                on_click="ignore",
                icon=":material/download:",
            )


def _convergence(encoded: EncodedPicture) -> None:
    n_pixels = int(encoded.palette.counts.sum())
    if not encoded.history:
        st.info("Spark ML keeps no record of its iterations; NumPy, Numba and Spark RDD do.")
        return
    st.plotly_chart(
        convergence_chart(encoded.history, n_pixels),
        key="convergence_chart",
        alt="Line chart: the mean squared error falls with every iteration until it stays the same",
        config={"displayModeBar": False},
    )


main()
