"""Both engines for regular expressions find the same, in whatever is in a cell."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_core.tables import cells, patterns
from tests.tables.test_cells import MISSING, NUMBERS


def all_patterns():
    found = {name: value for name, value in vars(cells).items() if isinstance(value, patterns.Pattern)}
    for name in ("_NUMBERS", "_SEPARATORS", "_FEATURES"):
        found |= {f"{name} {key}": value for key, value in getattr(cells, name).items()}
    for name in ("_GROUPED", "_FRACTION"):
        found |= {f"{name} {place}": value for place, value in enumerate(getattr(cells, name))}
    return found


PATTERNS = all_patterns()
LETTERS = st.text(alphabet="0123456789.,'’-+()%$€ eExXinfINF\u00a0\u2212\n\t\u2028\u0660éz", max_size=12)
TEXTS = st.lists(st.one_of(LETTERS, st.text(max_size=6), st.sampled_from([*NUMBERS, *MISSING]), st.none()))


def of_both(texts):
    """For few and for many."""
    return pa.array(texts, pa.string()), pa.array(texts * 201, pa.string())


@pytest.mark.parametrize("name", PATTERNS)
@given(texts=TEXTS)
def test_what_is_found(name, texts):
    few, many = of_both(texts)
    assert PATTERNS[name].found_in(few).tolist() == PATTERNS[name].found_in(many)[: len(texts)].tolist()


@given(TEXTS)
def test_what_is_replaced(texts):
    few, many = of_both(texts)
    for pattern, replacement in cells._ODD:
        replaced = pattern.replaced_in(many, replacement)[: len(texts)]
        assert pattern.replaced_in(few, replacement).to_pylist() == replaced.to_pylist()


def test_there_are_patterns():
    assert len(PATTERNS) > 12
