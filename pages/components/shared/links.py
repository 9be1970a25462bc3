"""Checks the settings in a link before any widget reads them."""

from collections.abc import Collection, Mapping
from time import monotonic

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.components.shared.texts import as_code

_LINGER_SECONDS = 10.0


def problems_in_link(
    page: str,
    *,
    numbers: Mapping[str, tuple[int, int]] | None = None,
    names: Mapping[str, Collection[str]] | None = None,
) -> list[str]:
    """Sentences about the settings in the URL that cannot be used; these are dropped, and defaults apply.

    page: each page is checked once a visit: from then on the widgets write the URL. numbers: name → least
    and most. names: name → what is allowed.
    """
    key = f"link_problems_{page}"
    if key not in st.session_state:
        st.session_state[key] = _drop_unusable(numbers or {}, names or {})
        if st.session_state[key]:
            st.rerun()  # widgets of this run would still read the old URL
    problems, st.session_state[key] = st.session_state[key], []
    return lingering(key, problems)


def lingering(name: str, problems: list[str]) -> list[str]:
    """These problems and those of the last seconds: a page may run again, by itself, before anybody has read
    them."""
    key = f"{name}_lingering"
    since, shown = st.session_state.get(key, (0.0, []))
    recent = shown if monotonic() - since < _LINGER_SECONDS else []
    if problems:
        since, recent = monotonic(), [*recent, *problems]
    st.session_state[key] = (since, recent)
    return list(recent)


def choose_linked(
    *, label: str, key: str, choices: Mapping[str, str], default: str, disabled: bool, help_text: str
) -> str:
    """A select box whose choice stands in the link by its name, and not by the title that people see.

    key: of the widget, and its name in the link. choices: value → title. A link with a title, as they were
    once, means the same.
    """
    if key not in st.session_state or goes_through_history():
        asked = st.query_params.get(key, default)
        by_title = {title: value for value, title in choices.items()}
        st.session_state[key] = asked if asked in choices else by_title.get(asked, default)
    elif st.session_state[key] not in choices:  # not offered any more
        st.session_state[key] = default if default in choices else next(iter(choices))
    chosen = st.selectbox(
        label,
        list(choices),
        format_func=choices.__getitem__,
        key=key,
        persist_state="session",
        disabled=disabled,
        help=help_text,
    )
    write_link(key, "" if chosen == default else chosen)
    return chosen


def write_link(name: str, value: str) -> None:
    """Lets the link say this, or nothing if it is empty."""
    if not value:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def goes_through_history() -> bool:
    """Whether this run comes from the browser's back or forward button. Only then does the address know
    better than the session: with other events the browser sends the address that it had a moment ago."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _drop_unusable(numbers: Mapping[str, tuple[int, int]], names: Mapping[str, Collection[str]]) -> list[str]:
    problems = []
    for name in st.query_params.to_dict():
        for value in st.query_params.get_all(name):
            problem = _problem(name, value, numbers, names)
            if problem:
                problems.append(problem)
                st.query_params.pop(name, None)
                break
    return problems


def _problem(
    name: str, value: str, numbers: Mapping[str, tuple[int, int]], names: Mapping[str, Collection[str]]
) -> str:
    if name in numbers:
        min_value, max_value = numbers[name]
        if value.isascii() and value.isdigit() and min_value <= int(value[:20]) <= max_value:
            return ""
        allowed = f"give a whole number from {min_value:,} to {max_value:,}"
    elif name in names:
        if value in names[name]:
            return ""
        allowed = f"use one of: {', '.join(names[name])}"
    else:
        return ""
    return f"The link asks for {name}={as_code(value[:40])}, which is not allowed; {allowed}."
