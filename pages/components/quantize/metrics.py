"""The row of metrics under a picture."""

import streamlit as st

from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.report import QuantizeReport
from kmeans_core.wording import bytes_text, number_text, psnr_text, seconds_text


def once_seconds(report: QuantizeReport) -> float:
    """What need not be done again for other settings of the same picture."""
    return sum(report.seconds[phase] for phase in ("start", "load", "histogram"))


def show_metrics(encoded: EncodedPicture) -> None:
    """Colors, error, file size, time and iterations of a quantized picture."""
    report = encoded.report
    once = once_seconds(report)
    with st.grid(6, min_column_width=110, gap="small"):
        st.metric("Colors", f"{report.unique_colors:,} → {report.n_colors}")
        st.metric(
            "Error (MSE)",
            number_text(report.mse),
            help="Mean over visible pixels of the squared differences in red, green and blue, added up; "
            "of partly transparent ones, what shows of them.",
        )
        st.metric(
            "PSNR",
            psnr_text(report.psnr),
            help="Peak signal-to-noise ratio: above 30 dB differences are hard to see.",
        )
        st.metric(
            "File",
            f"{bytes_text(report.output_bytes)}",
            f"{number_text(report.compression_ratio)}× smaller"
            if report.compression_ratio >= 1
            else f"{number_text(1 / report.compression_ratio)}× larger",
            delta_color="off",
            delta_arrow="off",
            help=f"{bytes_text(report.input_bytes)} → {bytes_text(report.output_bytes)}, file to file; "
            f"{number_text(report.raw_compression_ratio)}× smaller than its raw pixels.",
        )
        st.metric(
            "Time",
            seconds_text(report.total_seconds - once),
            f"+ {seconds_text(once)} once" if once >= 0.01 else None,
            delta_color="off",
            delta_arrow="off",
            help="From the picture's colors to the finished PNG, on this server. What happens once is shown "
            "separately: reading the picture, counting its colors, compiling, starting Java.",
        )
        st.metric(
            "Iterations",
            f"{report.n_iter}",
            "converged" if report.converged else "not yet converged",
            delta_color="off",
            delta_arrow="off",
            help="Converged: another iteration would change nothing.",
        )
