"""PyArrow in parallel reads what it reads with one thread, wherever it is let."""

import csv
import io

import pyarrow as pa
import pyarrow.csv
from hypothesis import given, settings
from hypothesis import strategies as st

from kmeans_core.tables.line_blocks import are_blocks_whole

CELLS = st.sampled_from(
    ["1", "ab", "x\ny", '"q"', "a,b", "\n", "", 'a""\n"b', "z\r\nz", "\r", "v" * 30, "v" * 7]
)
AS_TEXT = pa.csv.ConvertOptions(column_types={"a": pa.string(), "b": pa.string()})


@settings(max_examples=400)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=25),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(20, 200),
)
def test_blocks_that_are_whole(rows, line_end, block_bytes):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)
    data = text.getvalue().encode()

    def read(size, *, is_serial):
        options = pa.csv.ReadOptions(column_names=["a", "b"], block_size=size, use_threads=not is_serial)
        parse = pa.csv.ParseOptions(newlines_in_values=is_serial)
        return pa.csv.read_csv(io.BytesIO(data), options, parse, AS_TEXT)

    expected = read(len(data) + 1, is_serial=True)
    assert [*zip(*expected.to_pydict().values(), strict=True)] == rows
    if are_blocks_whole(data, 0, block_bytes):
        assert read(block_bytes, is_serial=False).equals(expected)


def test_which_blocks_are_whole():
    assert are_blocks_whole(b"1,2\n3,4\n5,6\n", 0, 6)
    assert are_blocks_whole(b'"1",2\n"3",4\n"5",6\n', 0, 8)
    assert are_blocks_whole(b'"1\n",2\n3,4\n5,6\n', 0, 100) is False
    assert are_blocks_whole(b'1,2\n3,"4\n5",6\n7,8\n', 0, 9) is False
    assert are_blocks_whole(b'1,2\n3,"4\n5",6\n7,8\n', 15, 9)
    assert are_blocks_whole(b'"1","2","3"', 0, 4) is False
