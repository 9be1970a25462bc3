"""A table that a reader has read is the one that would have been read here."""

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from kmeans_core.errors import TableError
from kmeans_core.tables.load import load_table
from kmeans_core.tables.read_options import NOTHING_KNOWN, ReadOptions
from kmeans_core.tables.reading_apart import load_table_apart
from tests.kinds.tables import KINDS

MADE = [(f"{kind.__name__}: {name}", made[0]) for kind in KINDS for name, *made in kind()]


def apart(data, options=NOTHING_KNOWN, max_bytes=10**9):
    return load_table_apart(data, "t", options, max_bytes=max_bytes)


def assert_equal(one, other):
    pd.testing.assert_frame_equal(one.frame, other.frame, check_freq=False)
    assert (one.notes, one.sheets, one.restyled, one.is_text) == (
        *(other.notes, other.sheets, other.restyled, other.is_text),
    )
    for as_text in (False, True):
        labels = pd.Series(range(len(one.frame)))
        ours, theirs = (table.with_labels("cluster", labels, as_text=as_text) for table in (one, other))
        pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("data", [data for _, data in MADE], ids=[name for name, _ in MADE])
def test_every_kind_of_odd_table(data):
    assert_equal(apart(data), load_table(data, "t"))


def test_every_type_of_column():
    when = datetime(2024, 1, 5, 10, 30, tzinfo=UTC)
    table = pa.table(
        {
            "whole": pa.array([1, None, 3]),
            "unsigned": pa.array([2**64 - 1, 0, None], pa.uint64()),
            "small": pa.array([1, 2, 3], pa.int8()),
            "real": pa.array([1.5, None, float("inf")], pa.float32()),
            "truth": pa.array([True, False, True]),
            "truth with gaps": pa.array([True, None, False]),
            "word": pa.array(["a", None, "é\u2028"]),
            "category": pa.array(["a", "b", "a"]).dictionary_encode(),
            "day": pa.array([date(2024, 1, 5), None, date(1900, 1, 1)]),
            "moment": pa.array([when, None, when], pa.timestamp("us", tz="UTC")),
            "time": pa.array([time(10, 30), None, time(0)]),
            "span": pa.array([timedelta(days=1), None, timedelta(0)]),
            "bytes": pa.array([b"\0\xff", None, b""]),
            "decimal": pa.array([Decimal("1.50"), None, Decimal("2.00")]),
            "nothing": pa.array([None, None, None], pa.string()),
        }
    )
    file = io.BytesIO()
    pa.parquet.write_table(table, file)
    assert_equal(apart(file.getvalue()), load_table(file.getvalue(), "t"))


def test_options_go_along():
    data, options = b"a;b\n01;1,5\n02;2,5\n", ReadOptions(delimiter=";", texts=("a",), decimal=",")
    found = apart(data, options)
    assert found.frame["a"].tolist() == ["01", "02"]
    assert_equal(found, load_table(data, "t", options))


def test_what_takes_more_room_than_there_is():
    data = b"a,b\n" + b"some words,1\n" * 10_000
    with pytest.raises(
        TableError, match=r"^t has 10,000 rows that take .*, and one table may have 100 KB here"
    ):
        apart(data, max_bytes=100_000)
