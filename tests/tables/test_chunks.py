"""Files read in chunks: the same rows as in one go wherever they are cut, and what is refused."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.chunks import ChunkedRows, is_chunked, open_chunked
from kmeans_core.tables.columns import column_kinds
from kmeans_core.tables.load import load_table
from kmeans_core.tables.options import PrepareOptions
from kmeans_core.tables.preparation_fit import fit_preparation, fit_preparation_to
from kmeans_core.tables.reading import as_frame

CHUNK_SIZES = [1, 7, 64, 1000, 10**6]


def mixed_frame(n=60):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "id": np.arange(n),
            "x": np.round(rng.normal(5, 2, n), 3),
            "whole": rng.integers(-5, 5, n),
            "city": rng.choice(["Oslo", "Rome, IT", "Bonn"], n),
            "flag": rng.random(n) < 0.5,
            "day": pd.date_range("2020", periods=n).strftime("%Y-%m-%d"),
        }
    )
    frame.loc[rng.choice(n, 9, replace=False), "x"] = np.nan
    frame.loc[3, "city"] = None
    return frame


def read_all(table):
    return as_frame(pa.concat_tables([table.read(chunk) for chunk in table.chunks]))


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_same_rows_wherever_a_file_is_cut(tmp_path, chunk_bytes, ending):
    path = tmp_path / "t.csv"
    mixed_frame().to_csv(path, index=False, lineterminator=ending)
    table = open_chunked(str(path), SequentialWorkers(), chunk_bytes=chunk_bytes)
    expected = load_table(path).frame
    pd.testing.assert_frame_equal(read_all(table), expected)
    if chunk_bytes < 10**6:
        assert len(table.chunks) > 1


def test_a_folder_is_read_in_the_order_of_names_and_small_files_share_a_chunk(tmp_path):
    frame = mixed_frame()
    (tmp_path / "t" / "_hidden").mkdir(parents=True)
    for part in range(6):
        frame[part * 10 : part * 10 + 10].to_csv(tmp_path / "t" / f"part-{part}.csv", index=False)
    (tmp_path / "t" / "_SUCCESS").touch()
    (tmp_path / "t" / "_hidden" / "x.csv").write_text("other\n1\n")
    (tmp_path / "t" / "empty.csv").touch()
    table = open_chunked(str(tmp_path / "t"), SequentialWorkers(), chunk_bytes=1000)
    assert 1 < len(table.chunks) < 6
    assert read_all(table)["id"].tolist() == list(range(60))
    pattern = open_chunked(str(tmp_path / "t" / "part-[12].csv"), SequentialWorkers())
    assert read_all(pattern)["id"].tolist() == list(range(10, 30))


def test_types_are_found_from_all_rows(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i},{i},,{i}" for i in range(50)] + ["50,0.5,,", *["51,7,,word"] * 3, ",,,", ""]
    path.write_text("\n".join(["a,b,none,w", *rows]))
    table = open_chunked(str(path), SequentialWorkers(), chunk_bytes=40)
    assert table.schema == pa.schema([("a", pa.int64()), ("b", pa.float64()), ("w", pa.string())])
    assert table.notes == (
        "Read w as text: 3 of 53 cells are no numbers; row 52 has 'word'.",
        "Left out none, which has no values.",
    )
    frame = read_all(table)
    assert len(frame) == 54  # without the empty row
    assert frame["w"].tolist()[-5:] == ["49", None, "word", "word", "word"]


def test_parquet_by_row_groups(tmp_path):
    frame = mixed_frame().drop(columns="flag")
    arrow = pa.Table.from_pandas(frame).append_column("list", pa.array([[1]] * len(frame)))
    for part in range(2):
        pa.parquet.write_table(arrow.slice(part * 30, 30), tmp_path / f"{part}.parquet", row_group_size=7)
    table = open_chunked(str(tmp_path), SequentialWorkers(), chunk_bytes=1)
    assert len(table.chunks) == 10
    assert table.notes == ("Left out the nested columns list.",)
    pd.testing.assert_frame_equal(read_all(table), as_frame(arrow.drop_columns("list")))


@pytest.mark.parametrize(
    "options",
    [
        PrepareOptions(),
        PrepareOptions("mean", "minmax", 1.5),
        PrepareOptions("drop", "none", 2),
        PrepareOptions("mean", "standard", 1.7),
    ],
)
@pytest.mark.parametrize("columns", [None, ["x", "city", "flag", "whole"]])
def test_prepared_in_chunks_as_in_one(tmp_path, options, columns):
    path = tmp_path / "t.csv"
    mixed_frame().to_csv(path, index=False)
    whole = load_table(path).frame
    assert column_kinds(whole)["id"] == "row number"
    expected = fit_preparation(whole, columns, options)
    table = open_chunked(str(path), SequentialWorkers(), chunk_bytes=150)
    found, remaining = fit_preparation_to(ChunkedRows(table, SequentialWorkers()), columns, options)
    assert found.names == expected.names
    points, prepared = found.apply(whole), expected.apply(whole)
    np.testing.assert_allclose(points.points, prepared.points, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(points.rows, prepared.rows)
    assert sum(run.count for run in remaining) == len(prepared.rows)
    assert sum(run.missing for run in remaining) == prepared.missing
    assert sum(run.outliers for run in remaining) == prepared.outliers


def test_a_median_needs_all_rows(tmp_path):
    path = tmp_path / "t.csv"
    mixed_frame().to_csv(path, index=False)
    table = open_chunked(str(path), SequentialWorkers(), chunk_bytes=100)
    with pytest.raises(OptionError, match=r"median.*read in chunks; use mean or drop"):
        fit_preparation_to(ChunkedRows(table, SequentialWorkers()), None, PrepareOptions("median"))


@pytest.mark.parametrize(
    ("files", "source", "said"),
    [
        ({}, "t", "t does not exist, or has no files"),
        (
            {"t/a.txt.gz": b"x"},
            "t",
            "cannot be read in chunks|has no file that can be read in chunks; unpack",
        ),
        ({"t/a.jpg": b"x"}, "t", "has no file that can be read in chunks; use .csv, .tsv"),
        ({"t/a.csv": b"", "t/b.csv": b""}, "t", "t is empty"),
        ({"t/a.csv": b"a,b\n1,2\n", "t/b.csv": b"a,c\n1,2\n"}, "t", "b.csv begins with 'a,c', and the first"),
        ({"t/a.csv": b"a,b\n1,2\n", "t/b.parquet": b"x"}, "t", "both Parquet and text files"),
        ({"t/a.parquet": b"PAR1xxxx"}, "t", "a.parquet is a damaged Parquet file"),
        ({"t/a.csv": b"a,b\n1,2\n1,2,3\n"}, "t", "a.csv is ragged: .*has 3 columns"),
        ({"t/a.csv": b"a,b\n,\n,\n"}, "t", "has no values: every cell is empty"),
        ({"t/a.csv": b"\xff\xfea\0"}, "t", "t is UTF-16, which cannot be read in chunks; save it"),
        ({"t/a.csv": b"a,b\r1,2\r3,4"}, "t", "old Mac line endings"),
        ({"t/a.csv": b"x" * 10}, "unknown://t", "unknown://t cannot be read"),
    ],
)
def test_what_cannot_be_read_in_chunks(tmp_path, monkeypatch, files, source, said):
    monkeypatch.chdir(tmp_path)
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    with pytest.raises(TableError, match=said):
        open_chunked(source, SequentialWorkers())


def test_a_value_over_several_lines_that_a_cut_goes_through(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,"two\nlines"\n3,"4"\n')
    with pytest.raises(TableError, match=r"t.csv has an unmatched quotation mark .*over several lines"):
        open_chunked(str(path), SequentialWorkers(), chunk_bytes=6)


def test_a_run_of_no_rows_changes_nothing(tmp_path):
    (tmp_path / "a.csv").write_text("id,v\n" + "".join(f"{i},{i * i}\n" for i in range(10)))
    (tmp_path / "b.csv").write_text("id,v\n")
    (tmp_path / "c.csv").write_text("id,v\n" + "".join(f"{i},{i}\n" for i in range(10, 20)))
    for chunk_bytes in (1, 10**6):
        table = open_chunked(str(tmp_path), SequentialWorkers(), chunk_bytes=chunk_bytes)
        found, _ = fit_preparation_to(ChunkedRows(table, SequentialWorkers()), None, PrepareOptions())
        assert found.names == ["v"]


@pytest.mark.parametrize("name", ["data[1].csv", "DATA.CSV", "what?.csv", "a*b.csv"])
def test_odd_names(tmp_path, name):
    (tmp_path / name).write_text("a,b\n1,2\n")
    (tmp_path / "part.csv").mkdir()
    assert not is_chunked(str(tmp_path / name), 100)
    assert open_chunked(str(tmp_path / name), SequentialWorkers()).names == ["a", "b"]


def test_a_pattern_leaves_folders_out(tmp_path):
    (tmp_path / "part-1.csv").mkdir()
    (tmp_path / "part-2.csv").write_text("a,b\n1,2\n")
    assert len(open_chunked(str(tmp_path / "part-*.csv"), SequentialWorkers()).chunks) == 1
    with pytest.raises(OptionError, match="chunk_bytes=-5 is not allowed"):
        open_chunked(str(tmp_path / "part-*.csv"), SequentialWorkers(), chunk_bytes=-5)


def test_times_with_and_without_a_zone_are_text(tmp_path):
    (tmp_path / "a.csv").write_text("t,a\n2020-01-01,1\n")
    (tmp_path / "b.csv").write_text("t,a\n2020-01-01T00:00:00Z,2\n")
    table = open_chunked(str(tmp_path), SequentialWorkers(), chunk_bytes=1)
    assert read_all(table)["t"].tolist() == ["2020-01-01", "2020-01-01T00:00:00Z"]


def test_parquet_with_a_name_twice(tmp_path):
    pa.parquet.write_table(
        pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), tmp_path / "t.parquet"
    )
    with pytest.raises(TableError, match="several columns named a; rename them"):
        open_chunked(str(tmp_path / "t.parquet"), SequentialWorkers())


def test_what_goes_by_path(tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes(b"a\n1\n")
    assert not is_chunked(str(file), 100)
    assert is_chunked(str(file), 3)
    assert is_chunked(str(tmp_path), 100)
    assert is_chunked(str(tmp_path / "*.csv"), 100)
    assert is_chunked("s3://bucket/t.csv", 100)
    assert not is_chunked(str(tmp_path / "missing.csv"), 100)
