"""What the Quantize page shows of a result: heading, before and after, palette, metrics, tabs."""

import streamlit as st

from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.jobs.job import Job
from pages.components.quantize.comparison import Shown, colors_text, show_comparison
from pages.components.quantize.downloads import downloads
from pages.components.quantize.edits import apply_exchanges, exchanges_now
from pages.components.quantize.metrics import show_metrics
from pages.components.quantize.source import Source, upload_key
from pages.components.quantize.tabs import details
from pages.components.shared.backends import backends
from pages.components.shared.job_panel import watch_job
from pages.components.shared.open_file import open_file
from pages.components.shared.texts import as_text, say_notes


def watch(job: Job, settings: QuantizeOptions) -> None:
    row = backends()[settings.fit.backend]
    watch_job(job, title=row.title, max_iter=settings.fit.max_iter, reports_progress=row.traits.progress)


def show(shown: Shown, settings: QuantizeOptions, running: Job | None, *, outdated: bool) -> None:
    """settings, running: what is being worked on now. outdated: that is not what is shown (yet)."""
    source, base = shown.source, shown.result
    result = apply_exchanges(source, base, exchanges_now())
    encoded, report = result.encoded, result.encoded.report
    st.caption(_PURPOSE if source.is_sample else _facts(source, encoded))
    with st.container(horizontal=True, vertical_alignment="center", key="picture_heading"):
        st.title(as_text(f"{source.title} in {colors_text(encoded)}"), anchor=False, width="stretch")
        open_file("Open picture", uploader=upload_key(), key="open_picture")
        # In the place of the other buttons, so that nothing moves when a run begins and ends.
        if running is not None:
            watch(running, settings)
        else:
            downloads(source, encoded)
    can_lock = backends()[settings.fit.backend].traits.fixed_centers
    picture, figures = st.columns([5, 1], gap="medium")
    with picture, st.container(key="picture"):
        ratio = report.width / report.height
        st.html(f"<style>.st-key-picture {{ --picture-ratio: {ratio:.4f} }}</style>")  # see theme.css
        show_comparison(shown, result, settings, can_lock=can_lock, outdated=outdated)
    with figures:
        show_metrics(encoded)
    say_notes(report.notes)
    if source.credit:
        st.caption(f"{_facts(source, encoded)}. Picture: {source.credit}.")
    details(source, shown.settings, base, result, can_lock=can_lock)


# What newcomers see first.
_PURPOSE = (
    "K-means Studio finds the few colors that come closest to a picture. Move the slider, or open your own."
)


def _facts(source: Source, encoded: EncodedPicture) -> str:
    report = encoded.report
    return as_text(f"{source.name} · {report.width}×{report.height} · {report.unique_colors:,} colors")
