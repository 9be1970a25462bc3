"""Who visits: a secret that the browser keeps, so that people can stop their own runs and no others."""

import re
import secrets

import streamlit as st

from pages.components.shared.front_end import component

_keeper = component(__file__)
_KEY = "visitor"


def visitor() -> str:
    """The visitor's secret. A returning browser sends its own a moment after the first rerun."""
    proposed: str = st.session_state.setdefault("visitor_proposed", secrets.token_hex(16))
    token = st.session_state.get(_KEY, {}).get("token")
    return token if isinstance(token, str) and re.fullmatch(r"[0-9a-f]{32}", token) else proposed


def keep_visitor() -> None:
    """Lets the browser keep the secret, or bring the one that it has. Shows nothing; belongs at the end."""
    _keeper(
        key=_KEY,
        data={"proposed": st.session_state.get("visitor_proposed", "")},
        default={"token": None},
        on_token_change=lambda: None,
    )
