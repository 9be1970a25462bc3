"""A result that is kept beside the current one, to compare two settings; its settings are in the link."""

from dataclasses import dataclass

import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.recoloring import Exchange, exchanges_text, parse_exchanges
from kmeans_core.images.stages import check_quantize_options
from kmeans_core.wording import bytes_text, number_text, psnr_text, seconds_text
from pages.components.quantize.edits import apply_exchanges, exchanges_now
from pages.components.quantize.metrics import once_seconds
from pages.components.quantize.picked import result_key
from pages.components.quantize.runs import PictureResult, wanted
from pages.components.quantize.settings import describe, settings_from_text, settings_text
from pages.components.quantize.source import Source
from pages.components.shared.links import write_link

_KEY, _LINK = "pinned_result", "pin"
# Between the settings and the exchanges in a link.
_MARK = "~"


@dataclass(frozen=True)
class Pinned:
    """What was on the screen when it was pinned."""

    source: Source
    settings: QuantizeOptions
    exchanges: tuple[Exchange, ...]
    result: PictureResult


def take_linked(source: Source) -> list[str]:
    """Pins what a link says, once, and writes what is pinned into it.

    Returns sentences about what cannot be used.
    """
    problems = []
    if _KEY not in st.session_state:
        st.session_state[_KEY] = None
        text = st.query_params.get(_LINK, "")
        try:
            st.session_state[_KEY] = _linked(source, text) if text else None
        except KMeansError as error:
            problems.append(f"The result that the link pins cannot be shown: {error}")
    now = pinned(source)
    parts = [settings_text(now.settings), *filter(None, [exchanges_text(now.exchanges)])] if now else []
    write_link(_LINK, _MARK.join(parts))
    return problems


def _linked(source: Source, text: str) -> Pinned | None:
    """None where it would take so long that people would wait for it."""
    settings_part, _, exchanges_part = text.partition(_MARK)
    settings = check_quantize_options(settings_from_text(settings_part))
    exchanges = parse_exchanges(exchanges_part)
    asked = wanted(source, settings)
    if asked.kept.find(asked.request) is None and not asked.is_quick():
        return None
    base = asked.kept.get(asked.request, asked.compute)
    return Pinned(source, settings, exchanges, apply_exchanges(source, base, exchanges))


def pinned(source: Source) -> Pinned | None:
    """What is pinned of this picture."""
    pinned_result: Pinned | None = st.session_state.get(_KEY)
    return pinned_result if pinned_result is not None and pinned_result.source.sha == source.sha else None


def compared_on_the_left(source: Source) -> Pinned | None:
    """The pinned result, if it should be shown instead of the original."""
    return pinned(source) if st.session_state.get("pinned_left") else None


def pinned_tab(source: Source, settings: QuantizeOptions, result: PictureResult) -> None:
    pinned_result = pinned(source)
    if pinned_result is None:
        st.write(
            "Pin what you see, change any setting, and compare the two: side by side here, or with the "
            "divider above."
        )
        st.button("Pin this result", icon=":material/keep:", on_click=_pin, args=(source, settings, result))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(
            "Pinned result on the left of the divider",
            key="pinned_left",
            persist_state="session",
            help="Instead of the original.",
        )
        st.button("Pin the current one instead", on_click=_pin, args=(source, settings, result))
        st.button("Unpin", icon=":material/keep_off:", on_click=_unpin)
    if result_key(pinned_result.result.encoded) == result_key(result.encoded):
        st.caption("Change a setting to see the difference.")
    left, right = st.columns(2)
    for column, title, one in (
        (left, "Pinned", pinned_result),
        (right, "Now", Pinned(source, settings, exchanges_now(), result)),
    ):
        with column:
            st.markdown(f"**{title}:** {describe(one.settings)}")
            st.image(
                one.result.after,
                output_format="PNG",
                alt=f"{title}: the picture in {one.result.encoded.report.n_colors} colors",
            )
    st.dataframe(
        {
            "": ["Colors", "Error (MSE)", "PSNR", "File", "Time"],
            "Pinned": _values(pinned_result.result),
            "Now": _values(result),
        },
        hide_index=True,
        key="pinned_table",
    )


def _values(result: PictureResult) -> list[str]:
    report = result.encoded.report
    return [
        str(report.n_colors),
        number_text(report.mse),
        psnr_text(report.psnr),
        bytes_text(report.output_bytes),
        seconds_text(report.total_seconds - once_seconds(report)),
    ]


def _pin(source: Source, settings: QuantizeOptions, result: PictureResult) -> None:
    st.session_state[_KEY] = Pinned(source, settings, exchanges_now(), result)


def _unpin() -> None:
    st.session_state[_KEY] = None
    st.session_state.pinned_left = False
