"""What the Quantize page shows of a result: heading, before and after, palette, metrics, tabs."""

from dataclasses import dataclass

import streamlit as st

from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.jobs.job import Job
from kmeans_core.wording import number_text
from pages.components.quantize.compare import Numbers, Side, Stage, compare
from pages.components.quantize.downloads import downloads
from pages.components.quantize.metrics import show_metrics
from pages.components.quantize.palette_strip import palette_strip
from pages.components.quantize.palette_tab import chosen_vision, shown_order
from pages.components.quantize.picked import apply_exchanges, pick, picked
from pages.components.quantize.pinned import compared_on_the_left
from pages.components.quantize.previews import original_view, result_view, seen_colors
from pages.components.quantize.runs import PictureResult, original
from pages.components.quantize.settings import describe, number_help, set_number
from pages.components.quantize.source import Source, upload_key
from pages.components.quantize.sweep import STOPS
from pages.components.quantize.tabs import details
from pages.components.shared.backends import backends
from pages.components.shared.job_panel import watch_job
from pages.components.shared.open_file import open_file
from pages.components.shared.texts import as_text, say_notes


@dataclass(frozen=True)
class Shown:
    """What is on the screen: a result and what it was made from."""

    source: Source
    settings: QuantizeOptions
    result: PictureResult


def watch(job: Job, settings: QuantizeOptions) -> None:
    row = backends()[settings.fit.backend]
    watch_job(job, title=row.title, max_iter=settings.fit.max_iter, reports_progress=row.traits.progress)


def show(shown: Shown, settings: QuantizeOptions, running: Job | None, *, outdated: bool) -> None:
    """settings, running: what is being worked on now. outdated: that is not what is shown (yet)."""
    source, base = shown.source, shown.result
    result = apply_exchanges(source, base)
    encoded, report = result.encoded, result.encoded.report
    vision, only = chosen_vision(), picked(base)
    st.caption(_PURPOSE if source.is_sample else _facts(source, encoded))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(as_text(f"{source.title} in {_colors(encoded)}"), anchor=False, width="stretch")
        open_file("Open picture", uploader=upload_key(), key="open_picture")
        # In the place of the other buttons, so that nothing moves when a run begins and ends.
        if running is not None:
            watch(running, settings)
        else:
            downloads(source, encoded)
    kept = compared_on_the_left(source)
    eyes = f", {vision}" if vision else ""
    compare(
        Stage(
            # Its palettes are not simulated.
            picture="" if vision else source.sha,
            original=original(source),
            width=report.width,
            height=report.height,
            dimmed=outdated,
        ),
        Side(original_view(source, vision), f"Original{eyes}", source.alt)
        if kept is None
        else Side(
            result_view(kept.result, vision, None), f"Pinned{eyes}", f"Pinned: {describe(kept.settings)}"
        ),
        Side(
            result_view(result, vision, only), f"{_colors(encoded)}{eyes}", f"The same in {_colors(encoded)}"
        ),
        Numbers(
            wanted=settings.n_colors,
            shown=shown.settings.n_colors,
            error=number_text(report.mse),
            stops=STOPS,
            help=number_help(),
        ),
        key="compare",
        on_colors=set_number,
    )
    palette_strip(
        encoded.palette,
        seen=seen_colors(encoded.palette, vision),
        locked=shown.settings.locked,
        order=shown_order(encoded.palette).tolist(),
        chosen=only,
        dimmed=outdated,
        key="palette",
        on_pick=lambda index: pick(base, index),
    )
    show_metrics(encoded)
    say_notes(report.notes)
    if source.credit:
        st.caption(f"{_facts(source, encoded)}. Picture: {source.credit}.")
    can_lock = backends()[settings.fit.backend].traits.fixed_centers
    details(source, shown.settings, base, result, can_lock=can_lock)


def _colors(encoded: EncodedPicture) -> str:
    count = encoded.report.n_colors
    return f"{count} color" if count == 1 else f"{count} colors"


# What newcomers see first.
_PURPOSE = (
    "K-means Studio finds the few colors that come closest to a picture. Move the slider, or open your own."
)


def _facts(source: Source, encoded: EncodedPicture) -> str:
    report = encoded.report
    return as_text(f"{source.name} · {report.width}×{report.height} · {report.unique_colors:,} colors")
