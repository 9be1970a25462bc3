"""The tabs under a picture."""

import streamlit as st

from kmeans_core.images.color_spaces import SPACES
from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.perceptual_quality import MAX_DRAWN
from kmeans_core.wording import number_text
from pages.components.quantize.cloud_tab import cloud_tab
from pages.components.quantize.numbers_tab import numbers_tab
from pages.components.quantize.palette_tab import palette_tab
from pages.components.quantize.pinned import pinned_tab
from pages.components.quantize.runs import PictureResult, perceptual_quality
from pages.components.quantize.source import Source
from pages.components.shared.backends import able
from pages.components.shared.charts import convergence_chart, timing_chart

# As `error_preview()` draws it.
_SCALE = (
    '<div style="height:0.75rem;border:1px solid #8886;'
    'background:linear-gradient(90deg,#000,#f00 33.3%,#ff0 66.7%,#fff)"></div>'
    '<div style="display:flex;justify-content:space-between;font-size:0.8rem">'
    + "".join(f"<span>{MAX_DRAWN * share / 4:g}</span>" for share in range(4))
    + f"<span>{MAX_DRAWN:g} or more</span></div>"
)


def details(
    source: Source, settings: QuantizeOptions, base: PictureResult, result: PictureResult, *, can_lock: bool
) -> None:
    """Tabs; the open one is in the URL.

    settings: those of `base`, the result before exchanges; `result` has the exchanged colors. can_lock:
    whether the chosen backend supports locked colors.
    """
    encoded = result.encoded
    # Only the open tab is filled: with charts in the hidden ones, a new picture took 0.77 s instead of 0.64.
    palette, numbers, cloud, side_by_side, quality, convergence, timing = st.tabs(
        ["Palette", "How many", "Color cloud", "Side by side", "Measures", "Convergence", "Timing"],
        key="details",
        on_change="rerun",
        bind="query-params",
    )
    with palette:
        if palette.open:
            palette_tab(source, base, result, can_lock=can_lock)
    with numbers:
        if numbers.open:
            numbers_tab(source, settings, encoded.report.n_colors)
    with cloud:
        if cloud.open:
            cloud_tab(source, base, encoded.palette)
    with side_by_side:
        if side_by_side.open:
            pinned_tab(source, settings, result)
    with quality:
        if quality.open:
            _quality_tab(source, encoded)
    with convergence:
        if convergence.open:
            _convergence(encoded)
    with timing:
        if timing.open:
            st.plotly_chart(
                timing_chart(encoded.report.seconds),
                key="timing_chart",
                alt="Bar chart of the time each phase took",
                config={"displayModeBar": False},
            )


def _quality_tab(source: Source, encoded: EncodedPicture) -> None:
    with st.spinner("Comparing with the original…"):
        quality_values, heat_map = perceptual_quality(source, encoded)
    with st.grid(5, min_column_width=130, gap="small"):
        st.metric(
            "Color difference",
            f"{quality_values.mean:.2f}",
            help="Mean CIEDE2000 over pixels: people just notice a difference of 1 side by side.",
        )
        st.metric(
            "95th percentile",
            f"{quality_values.p95:.2f}",
            help="One pixel in twenty differs by more (CIEDE2000).",
        )
        st.metric(
            "Structure (SSIM)",
            f"{quality_values.ssim:.4f}",
            help="Structural similarity of the brightness: 1 for an exact copy.",
        )
        mse = encoded.report.mse
        st.metric(
            "MSE, sum",
            number_text(mse),
            help="Squared differences of red, green and blue, added up, as in the paper and above.",
        )
        st.metric(
            "MSE, mean",
            number_text(mse / 3),
            help="The mean over the channels, a third of the sum; PSNR is computed from it.",
        )
    st.image(
        heat_map,
        output_format="PNG",
        alt="Where the picture differs from the original: the brighter, the more",
    )
    st.markdown(_SCALE, unsafe_allow_html=True)
    st.caption("Difference from the original (CIEDE2000)")


def _convergence(encoded: EncodedPicture) -> None:
    n_pixels, asked = int(encoded.palette.counts.sum()), encoded.report.options
    by_means = asked.fit.distance == "euclidean"
    error = "Mean squared error" if by_means else "Mean Manhattan distance"
    if not encoded.history:
        st.info(f"This backend does not record its iterations; choose {able('history')}.")
        return
    st.plotly_chart(
        convergence_chart(
            encoded.history, n_pixels, space="" if asked.space == "srgb" else SPACES[asked.space], error=error
        ),
        key="convergence_chart",
        alt=f"Line chart: the {error.lower()} falls with every iteration until it stays the same",
        config={"displayModeBar": False},
    )
