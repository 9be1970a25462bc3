"""Values come out as they went in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from kmeans_core.readers.values import pack, unpack

DTYPES = st.one_of(
    npst.integer_dtypes(),
    npst.floating_dtypes(sizes=(32, 64)),
    npst.boolean_dtypes(),
    npst.datetime64_dtypes(),
)
ARRAYS = npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=5), st.binary()
)
VALUES = st.recursive(
    st.one_of(PLAIN, ARRAYS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)


def shape_of(value):
    """As something that can be compared, whatever is in it."""
    if isinstance(value, np.ndarray):
        return ("array", value.dtype, value.shape, value.tobytes())
    if isinstance(value, dict):
        return {name: shape_of(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return (type(value), [shape_of(one) for one in value])
    return (type(value), repr(value))


@given(VALUES)
def test_any_value(value):
    text, buffers = pack(value)
    again = unpack(text, [bytes(buffer) for buffer in buffers])
    assert shape_of(again) == shape_of(value)


@pytest.mark.parametrize("value", [object(), {1: 2}, {"a": {3}}, np.array([None])])
def test_what_cannot_be_sent(value):
    with pytest.raises(TypeError, match="cannot be sent to another process"):
        pack(value)
