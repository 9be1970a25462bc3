"""Messages to the worker and back: the same values, large arrays without copies of them."""

import io
import tracemalloc

import numpy as np
import pytest

from kmeans_core.jobs.frames import Done, receive, send


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"a": [1.5, "ü"], "b": (b"", b"\x00")},
        np.arange(12.0).reshape(3, 4),
        np.arange(12).reshape(3, 4).T,
        np.arange(12)[::2],
        np.zeros((0, 3), np.uint8),
        np.array(["a", None], dtype=object),
    ],
)
def test_values_come_back_as_they_were(value):
    stream = io.BytesIO()
    send(stream, Done("1", value))
    send(stream, "next")
    stream.seek(0)
    back = receive(stream).result
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype
        assert back.shape == value.shape
        assert (back == value).all()
        back[...] = back  # may be written to
    else:
        assert back == value
    assert receive(stream) == "next"
    with pytest.raises(EOFError):
        receive(stream)


def test_a_message_that_was_cut_off_is_an_end():
    stream = io.BytesIO()
    send(stream, np.arange(100))
    with pytest.raises(EOFError):
        receive(io.BytesIO(stream.getvalue()[:-1]))


def test_large_arrays_are_not_copied_on_the_way_out():
    class Nowhere(io.RawIOBase):
        def write(self, data):
            return len(data)

    picture = np.zeros(20_000_000, np.uint8)
    tracemalloc.start()
    try:
        send(Nowhere(), {"picture": picture})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
