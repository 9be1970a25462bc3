"""Files that have to be unpacked: Parquet of any kind, and kilobytes that would become gigabytes."""

import io
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from kmeans_core.errors import TableError
from kmeans_core.tables import packed
from kmeans_core.tables.load import load_table
from tests.tables.made_tables import parquet


def test_parquet_with_nested_columns_dots_and_missing_values():
    data = {"a": [{"b": 1}, {"b": 2}], "a.b": [5, 6], "big": pa.array([2**63, None], pa.uint64())}
    target = io.BytesIO()
    pa.parquet.write_table(pa.table(data), target)
    table = load_table(target.getvalue(), "t.parquet")
    assert table.frame["a.b"].tolist() == [5, 6]
    assert table.frame["big"].tolist() == [2**63, pd.NA]
    assert table.notes == ("Left out the nested columns a.",)
    target = io.BytesIO()
    pa.parquet.write_table(pa.table(data).slice(0, 0), target)
    with pytest.raises(TableError, match=r"t\.parquet has columns but no rows; choose a file with rows"):
        load_table(target.getvalue(), "t.parquet")


def test_nested_columns_are_left_out_and_said():
    frame = pd.DataFrame({"x": [1, 2], "deep": [[1], [2, 3]]})
    table = load_table(parquet(frame))
    assert list(table.frame.columns) == ["x"]
    assert table.notes == ("Left out the nested columns deep.",)


def bomb(megabytes):
    """A spreadsheet that unpacks to much more."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(megabytes):
            part.write(b"0" * 1_000_000)
    return target.getvalue()


def flat_parquet():
    """A small file of more rows than fit into memory."""
    target = io.BytesIO()
    table = pa.table({f"c{i}": pa.array(np.zeros(4_000_000)) for i in range(8)})
    with pa.parquet.ParquetWriter(target, table.schema, compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(table)
    return target.getvalue()


def long_repeated_text():
    """One long word, once in the file and in a million rows."""
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, dtype=np.int32)), ["w" * 20_000])
    target = io.BytesIO()
    pa.parquet.write_table(pa.table({"word": words}), target, store_schema=False)
    return target.getvalue()


def one_long_value(kind):
    """Some kilobytes that hold one value 10,000 times, 4 GB of them written out."""
    value = ["w" * 400_000] if kind in (pa.string(), pa.large_string()) else [b"w" * 400_000]
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000, dtype=np.int32)), pa.array(value, kind))
    target = io.BytesIO()
    pa.parquet.write_table(pa.table({"x": np.arange(10_000), "value": column}), target, compression="zstd")
    return target.getvalue()


def wide_bytes(kind):
    """The same without a list of distinct values in the schema."""
    column = pa.array([b"w" * kind.byte_width] * 1000, kind)
    target = io.BytesIO()
    with pa.parquet.ParquetWriter(target, pa.schema([("value", kind)]), compression="zstd") as writer:
        for _ in range(20):
            writer.write_table(pa.table({"value": column}))
    return target.getvalue()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (one_long_value, pa.string()),
        (one_long_value, pa.large_string()),
        (one_long_value, pa.binary()),
        (one_long_value, pa.large_binary()),
        (wide_bytes, pa.binary(20_000)),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_long_value_in_many_rows_is_refused_before_it_is_written_out(make, kind):
    data, pool = make(kind), pa.default_memory_pool()
    before = pool.bytes_allocated()
    assert len(data) < 200_000
    with pytest.raises(TableError, match="would unpack to"):
        load_table(data, "rows.parquet")
    # The pool's peak is that of the process so far; nothing here may need more than some chunks.
    assert pool.max_memory() < before + 500_000_000


def test_bytes_are_a_column_like_words():
    target = io.BytesIO()
    pa.parquet.write_table(pa.table({"x": [1, 2, 3], "raw": [b"a", b"b", None]}), target)
    assert load_table(target.getvalue(), "rows.parquet").frame["raw"].tolist() == [b"a", b"b", None]


def test_bombs():
    with pytest.raises(TableError, match="would unpack to"):
        load_table(long_repeated_text(), "rows.parquet")
    with pytest.raises(TableError, match=r"would unpack to 300 MB or more.*part of it"):
        load_table(bomb(300), "rows.xlsx")
    with pytest.raises(TableError, match="would unpack to"):
        load_table(flat_parquet(), "rows.parquet")


def test_a_bomb_that_lies_about_its_size(monkeypatch):
    monkeypatch.setattr(packed, "_MIN_SUSPECT_BYTES", 1_000_000)
    data = bytearray(bomb(5))
    # The sizes in the directory at the end; what is read is what counts.
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(TableError, match=r"would unpack to|damaged or locked"):
        load_table(bytes(data), "rows.xlsx")


def test_columns_of_other_kinds_from_parquet():
    table = pa.table(
        {
            "price": pa.array([1, 2, None], pa.decimal128(9, 2)),
            "when": pa.array([0, 1, 2], pa.timestamp("us", "Mars/Phobos")),
            "word": pa.array(["a", None, "a"]).dictionary_encode(),
        }
    )
    target = io.BytesIO()
    pa.parquet.write_table(table, target)
    frame = load_table(target.getvalue()).frame
    assert frame["price"].dtype == np.float64
    assert frame["word"].tolist() == ["a", None, "a"]
    assert frame["when"].dt.year.tolist() == [1970] * 3


def test_the_index_of_a_pandas_file_is_a_column():
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["Rome", "Oslo"], name="city"))
    assert load_table(parquet(frame)).frame["city"].tolist() == ["Rome", "Oslo"]
