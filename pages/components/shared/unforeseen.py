"""What nobody has foreseen, as a sentence on the page with a number, by which the log has the cause."""

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

P = ParamSpec("P")
_log = logging.getLogger(__name__)
UNFORESEEN = "Something went wrong that this app did not foresee."


def say_unforeseen(where: DeltaGenerator | None = None) -> None:
    """Logs the exception that is being handled, and says so on the page. where: here by default."""
    number = secrets.token_hex(4)
    _log.exception("Unforeseen error %s", number)
    (where or st).error(
        f"{UNFORESEEN} Change what you changed last, or reload the page. If it happens again, please report "
        f"it: the server's log has the cause under the number {number}.",
        icon=":material/bug_report:",
    )


def with_net(function: Callable[P, None]) -> Callable[P, None]:
    """The same function, which says what nobody has foreseen instead of raising it.

    Streamlit's own exceptions, by which a page stops or runs again, are none of these: they derive from
    BaseException.
    """

    @wraps(function)
    def caught(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            function(*arguments, **options)
        except Exception:  # noqa: BLE001 - whatever it is
            say_unforeseen()

    return caught
