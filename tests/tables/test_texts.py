"""Few texts and many are treated alike, whatever is in them."""

from functools import reduce
from operator import add

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_core.tables import number_spelling
from kmeans_core.tables.cells import count_cells
from kmeans_core.tables.texts import Pattern, are_in, chosen, in_small_letters, joined, n_bytes, trimmed
from tests.tables.test_cells import MISSING, NUMBERS


def all_patterns():
    found = {name: value for name, value in vars(number_spelling).items() if isinstance(value, Pattern)}
    for name in ("NUMBERS", "_SEPARATORS", "FEATURES"):
        found |= {f"{name} {key}": value for key, value in getattr(number_spelling, name).items()}
    for name in ("GROUPED", "FRACTION"):
        found |= {f"{name} {place}": value for place, value in enumerate(getattr(number_spelling, name))}
    return found


PATTERNS = all_patterns()
LETTERS = st.text(alphabet="0123456789.,'’-+()%$€ eExXinfINF\u00a0\u2212\n\t\u2028\u0660éz", max_size=12)
TEXTS = st.lists(st.one_of(LETTERS, st.text(max_size=6), st.sampled_from([*NUMBERS, *MISSING]), st.none()))


def of_both(texts):
    """As few and as many."""
    return texts, pa.array(texts, pa.string())


@pytest.mark.parametrize("name", PATTERNS)
@given(texts=TEXTS)
def test_what_is_found(name, texts):
    few, many = of_both(texts)
    assert PATTERNS[name].found_in(few).tolist() == PATTERNS[name].found_in(many).tolist()


@given(TEXTS)
def test_what_is_replaced(texts):
    few, many = of_both(texts)
    for pattern, replacement in number_spelling._ODD:
        assert pattern.replaced_in(few, replacement) == pattern.replaced_in(many, replacement).to_pylist()


@given(TEXTS)
def test_what_else_is_done(texts):
    few, many = of_both(texts)
    assert trimmed(few) == trimmed(many).to_pylist()
    assert in_small_letters(few) == in_small_letters(many).to_pylist()
    wanted = frozenset(text for text in texts[::2] if text is not None)
    assert are_in(few, wanted).tolist() == are_in(many, wanted).tolist()
    filled = [text for text in texts if text is not None]
    few, many = of_both(filled)
    assert n_bytes(few).tolist() == n_bytes(many).tolist()
    are = n_bytes(few) > 2
    assert chosen(few, are) == chosen(many, are).to_pylist()
    assert joined(few, few) == joined(many, many).to_pylist()


@given(TEXTS)
def test_many_cells_are_counted_as_few_are(texts):
    once, times = pa.chunked_array([pa.array(texts, pa.string())]), 201
    together = pa.chunked_array([pa.array(texts * times, pa.string())])
    assert count_cells(together) == reduce(add, [count_cells(once)] * times)
    for decimal in ".,":
        one, all_of_them = (
            number_spelling.to_numbers(column, decimal).to_pylist() for column in (once, together)
        )
        assert repr(one * times) == repr(all_of_them)


def test_there_are_patterns():
    assert len(PATTERNS) > 12
