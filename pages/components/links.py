"""What a link asks for, checked before any widget reads it."""

import streamlit as st

from kmeans_core.clustering.seeding import METHODS
from pages.components.settings import MOST_COLORS, MOST_ITERATIONS, MOST_SEED, backends
from pages.components.source import sample_keys

_PROBLEMS = "link_problems"


def problems_in_link() -> list[str]:
    """Sentences about the settings in the URL that cannot be used; these are dropped, and defaults apply.

    Looks only once a visit: from then on the widgets write the URL.
    """
    if _PROBLEMS not in st.session_state:
        st.session_state[_PROBLEMS] = _drop_unusable()
        if st.session_state[_PROBLEMS]:
            st.rerun()  # widgets of this run would still read the old URL
    problems, st.session_state[_PROBLEMS] = st.session_state[_PROBLEMS], []
    return list(problems)


def _drop_unusable() -> list[str]:
    numbers = {"colors": (2, MOST_COLORS), "iterations": (1, MOST_ITERATIONS), "seed": (0, MOST_SEED)}
    names = {
        "picture": sample_keys(),
        "backend": [row.title for row in backends().values()],
        "init": list(METHODS),
        "early_stop": ["true", "false"],
    }
    problems = []
    for name, value in st.query_params.to_dict().items():
        if name in numbers:
            least, most = numbers[name]
            if value.isascii() and value.isdigit() and least <= int(value[:20]) <= most:
                continue
            allowed = f"give a whole number from {least:,} to {most:,}"
        elif name in names:
            if value in names[name]:
                continue
            allowed = f"use one of: {', '.join(names[name])}"
        else:
            continue
        del st.query_params[name]
        problems.append(f"The link asks for {name}={value[:40]}, which is not allowed; {allowed}.")
    return problems
