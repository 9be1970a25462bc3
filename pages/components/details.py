"""The tabs under a picture: its palette, how it converged, where the time went."""

import streamlit as st

from kmeans_core.images.color_spaces import SPACES
from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.measures import MOST_DRAWN
from kmeans_core.images.palette_files import FORMATS
from kmeans_core.wording import number_text
from pages.components.charts import convergence_chart, timing_chart
from pages.components.runs import measured
from pages.components.source import Source

_SWATCH = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='48' height='20'%3E"
    "%3Crect x='.5' y='.5' width='47' height='19' fill='%23{}' stroke='%238888'/%3E%3C/svg%3E"
)


def details(source: Source, encoded: EncodedPicture) -> None:
    """Four tabs; which one is open stands in the URL."""
    # Only the open tab is filled: with charts in the hidden ones, a new picture took 0.77 s instead of 0.64.
    palette, measures, convergence, timing = st.tabs(
        ["Palette", "Measures", "Convergence", "Timing"],
        key="details",
        on_change="rerun",
        bind="query-params",
    )
    with palette:
        if palette.open:
            _palette_table(source, encoded)
    with measures:
        if measures.open:
            _measures(source, encoded)
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
    _palette_downloads(source, encoded)


def _palette_downloads(source: Source, encoded: EncodedPicture) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Format",
            FORMATS,
            format_func=lambda name: f"{FORMATS[name].title}, for {FORMATS[name].program}",
            key="palette_format",
            width=320,
        )
        chosen = FORMATS[kind]
        st.download_button(
            f"Download {chosen.title}",
            chosen.write(encoded.palette, source.name),
            f"{source.stem}-palette-{len(encoded.palette)}{chosen.suffix}",
            chosen.mime,
            key="download_palette",
            on_click="ignore",
            icon=":material/download:",
        )


def _measures(source: Source, encoded: EncodedPicture) -> None:
    with st.spinner("Comparing with the original…"):
        found, heat_map = measured(source, encoded)
    with st.grid(5, min_column_width=130, gap="small"):
        st.metric(
            "Color difference",
            f"{found.mean:.2f}",
            help="CIEDE2000, mean over pixels: 1 is about as much as people see side by side.",
        )
        st.metric(
            "95th percentile", f"{found.p95:.2f}", help="One pixel in twenty differs by more (CIEDE2000)."
        )
        st.metric(
            "Structure (SSIM)",
            f"{found.ssim:.4f}",
            help="Structural similarity of the brightness: 1 for an exact copy.",
        )
        mse = encoded.report["mse"]
        st.metric(
            "MSE, sum",
            number_text(mse),
            help="Squared differences of red, green and blue added up, as the paper and this page have it.",
        )
        st.metric(
            "MSE, mean", number_text(mse / 3), help="Their mean, a third of the sum; PSNR goes by this one."
        )
    st.image(
        heat_map,
        output_format="PNG",
        alt="Where the picture differs from the original: the brighter, the more",
    )
    st.caption(
        f"Where it differs from the original: black is alike, white a CIEDE2000 of {MOST_DRAWN:g} or more."
    )


def _convergence(encoded: EncodedPicture) -> None:
    n_pixels, space = int(encoded.palette.counts.sum()), encoded.report["space"]
    if not encoded.history:
        st.info("This backend keeps no record of its iterations; NumPy, Numba, Spark RDD and Dask do.")
        return
    st.plotly_chart(
        convergence_chart(encoded.history, n_pixels, space="" if space == "srgb" else SPACES[space]),
        key="convergence_chart",
        alt="Line chart: the mean squared error falls with every iteration until it stays the same",
        config={"displayModeBar": False},
    )
