"""Whether the visitor of this page run still waits for what it works on."""

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kmeans_core.wording import count_text


def leave_check() -> Callable[[], None]:
    """What to call now and then during long work: it ends this run, by an exception that no `except
    Exception` catches, once the visitor has left or changed a setting. Must be made in the run's own thread;
    may be called in any."""
    context = get_script_run_ctx()
    return context.yield_check if context is not None else lambda: None


def visitor_id() -> str:
    """Who this page run is for: one browser tab."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def while_reading() -> Callable[[int], None]:
    """For what reads files: ends reading when the visitor has left, and says so on the page while others'
    files come before this one."""
    check, message = leave_check(), st.empty()

    def look(before: int) -> None:
        check()
        if before:
            message.caption(
                f":material/hourglass: Waiting to be read: {count_text(before, 'file')} before it."
            )
        else:
            message.empty()

    return look
