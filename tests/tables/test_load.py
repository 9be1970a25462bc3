"""Reading tables: every kind of file, what is guessed, and a clear sentence for what cannot be read."""

import io
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.errors import TableError
from kmeans_core.tables import packed
from kmeans_core.tables.chunks import open_chunked
from kmeans_core.tables.header import NO_HEADER, NUMBERS_AS_NAMES
from kmeans_core.tables.load import load_table

WIDE = ",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join(["1"] * 10_000)
ROWS = pd.DataFrame({"x": [1.5, 2.0, 3.25], "n": [1, 5, 9], "word": ["a", "b", None]})


def excel(**sheets):
    """A spreadsheet with these rows in each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def parquet(frame):
    target = io.BytesIO()
    frame.to_parquet(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (ROWS.to_csv(index=False).encode(), ""),
        (ROWS.to_csv(index=False, sep="\t").encode(), "separated by tabs"),
        (ROWS.to_csv(index=False, sep=";", decimal=",").encode(), "decimal commas"),
        (ROWS.to_csv(index=False, sep="|").encode("utf-16"), "Read as UTF-16."),
        (b"\xef\xbb\xbf" + ROWS.to_csv(index=False).encode(), ""),
        (ROWS.to_csv(index=False, lineterminator="\r\n").encode(), ""),
        (parquet(ROWS), ""),
        (excel(Data=[["x", "n", "word"], [1.5, 1, "a"], [2.0, 5, "b"], [3.25, 9, None]]), ""),
    ],
)
def test_kinds_of_files(data, note):
    table = load_table(data, "rows")
    pd.testing.assert_frame_equal(
        table.frame.fillna(""),
        ROWS.fillna(""),
        check_dtype=False,
        check_index_type=False,
        check_column_type=False,
    )
    assert note in " ".join(table.notes)
    assert table.frame["x"].dtype == np.float64


def test_from_a_path_and_an_open_file(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(ROWS.to_csv(index=False).encode())
    assert load_table(path).name == load_table(str(path)).name == "rows.csv"
    with path.open("rb") as file:
        assert load_table(file).frame.shape == (3, 3)


def test_a_later_value_may_widen_a_column():
    many = "x\n" + "1\n" * 200_000 + "2.5\n"
    assert load_table(many.encode()).frame["x"].iloc[-1] == 2.5
    words = "x\n" + "1\n" * 200_000 + "two\n" * 20_000
    table = load_table(words.encode())
    assert table.frame["x"].iloc[-1] == "two"
    assert table.notes == ("Read x as text: 20,000 of 220,000 cells are no numbers; row 200,001 has 'two'.",)


def test_what_people_write_for_missing():
    frame = load_table(b"x,y\n1,a\nNA,d\n2,?\nnull,b\n-,c\n").frame
    assert frame["x"].tolist()[0] == 1
    assert frame["x"].isna().sum() == 3
    assert frame["y"].isna().sum() == 1


def test_quotes_and_line_breaks_in_values():
    frame = load_table(b'x,y\n1,"a, b"\n2,"c\nd"\n').frame
    assert frame["y"].tolist() == ["a, b", "c\nd"]


def test_names():
    assert list(load_table(b"x,,x, y \n1,2,3,4\n").frame.columns) == ["x", "column 2", "x (2)", "y"]
    table = load_table(b"1,2\n3,4\n")
    assert list(table.frame.columns) == ["column 1", "column 2"]
    assert len(table.frame) == 2
    assert "The first row has values" in table.notes[0]


def test_empty_columns_and_rows_are_left_out_and_said():
    table = load_table(b"x,none,y\n1,,2\n,,\n3,,4\n")
    assert table.frame.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert table.notes == ("Left out none, which has no values.", "1 empty row left out.")


def test_windows_letters_are_read_and_said():
    table = load_table("name,x\nMüller,1\n".encode("cp1252"))
    assert table.frame["name"][0] == "Müller"
    assert table.notes == (
        "Read as Windows-1252, because it is not UTF-8; choose another encoding if letters are wrong.",
    )


def test_a_hidden_sheet_is_not_the_sheet():
    book = openpyxl.load_workbook(
        io.BytesIO(excel(Lookup=[["k"], [1]], Codes=[["c"], [2]], Data=[["x"], [3]]))
    )
    book["Lookup"].sheet_state, book["Codes"].sheet_state = "hidden", "veryHidden"
    target = io.BytesIO()
    book.save(target)
    table = load_table(target.getvalue())
    assert table.frame["x"].tolist() == [3]
    assert table.notes == ("Read the sheet Data; there are also Lookup (hidden), Codes (hidden).",)
    assert load_table(target.getvalue(), sheet="Codes").frame["c"].tolist() == [2]


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        ([6.5, "n/a", 3], [6.5, None, 3], None),
        (["6,5", "1,25", 3], [6.5, 1.25, 3], "Read as numbers, with decimal commas: x."),
        (["$5", "7 %", 3], [5, 7, 3], "Read as numbers, with currency and percent signs: x."),
        (
            [*range(39), "4o"],
            [*range(39), None],
            "In x, 1 cell is no number and left out as missing: row 40 has '4o'.",
        ),
        (["00001", "00101"], ["00001", "00101"], "Read x as text, because numbers in it begin with 0."),
        ([1, 2, None], [1, 2, None], None),
        ([True, False, True], [True, False, True], None),
        (["a", 5, None], ["a", 5, None], None),
        ([pd.Timestamp("2024-01-05"), None], [pd.Timestamp("2024-01-05"), None], None),
    ],
)
def test_cells_of_a_sheet(cells, values, note):
    table = load_table(excel(Data=[["x", "y"], *([cell, 1] for cell in cells)]))
    assert [None if pd.isna(value) else value for value in table.frame["x"]] == values
    assert table.notes == ((note,) if note else ())
    if "x" in table.originals:
        assert table.originals["x"].tolist() == cells


def test_tables_that_begin_elsewhere():
    rows = [[None, None, None], ["Measurements of May"], [None, "x", "y"], [None, 1.5, 2], [None, 3, 4]]
    table = load_table(excel(Data=rows))
    assert table.frame.to_dict("list") == {"x": [1.5, 3.0], "y": [2, 4]}
    assert table.notes[0] == "Left out above the table: Measurements of May."
    table = load_table(excel(Data=[[], [], ["x", "y"], [1.5, 2]]))
    assert (table.frame.to_dict("list"), table.notes) == ({"x": [1.5], "y": [2]}, ())


IRIS = [["5.1", "3.5", "setosa"], ["4.9", "3.0", "setosa"], ["7.0", "3.2", "versicolor"]]


@pytest.mark.parametrize(
    ("rows", "n_rows", "names", "note"),
    [
        (IRIS, 3, ["column 1", "column 2", "column 3"], NO_HEADER),
        ([["5.1", "3.5"], ["4.9", "3.0"]], 2, ["column 1", "column 2"], NO_HEADER),
        ([["1,5", "2,5"], ["3,5", "4,5"]], 2, ["column 1", "column 2"], NO_HEADER),
        ([["size", "3.5"], ["4.9", "3.0"]], 1, ["size", "3.5"], None),
        ([["a", "b"], ["c", "d"]], 1, ["a", "b"], None),
        ([["2020", "2021", "2022"], ["4", "5", "6"]], 1, ["2020", "2021", "2022"], NUMBERS_AS_NAMES),
        ([["city", "2020", "2021"], ["Oslo", "5", "6"]], 1, ["city", "2020", "2021"], NUMBERS_AS_NAMES),
        ([["0", "1", "2"], ["4.5", "5", "6"]], 1, ["0", "1", "2"], NUMBERS_AS_NAMES),
        ([["1", "2"], ["4", "5"]], 2, ["column 1", "column 2"], NO_HEADER),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_headers(rows, n_rows, names, note, kind):
    if kind == "csv":
        data = "".join(";".join(row) + "\n" for row in rows).encode()
    else:
        data = excel(
            Data=[[float(cell) if re.fullmatch(r"[\d.]+", cell) else cell for cell in row] for row in rows]
        )
    table = load_table(data)
    assert table.frame.shape == (n_rows, len(names))
    assert list(table.frame.columns) == names
    assert [said for said in table.notes if said in (NO_HEADER, NUMBERS_AS_NAMES)] == ([note] if note else [])


@pytest.mark.parametrize(
    "header", ["height\n(cm)", "height\r\n(cm)", "a\n\nb", "a\u2028b", "a\x85b", 'say ""a""']
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_headers_over_several_lines(header, delimiter):
    data = f'\n"{header}"{delimiter}y\n1{delimiter}2\n3{delimiter}4\n'.encode()
    table = load_table(data)
    assert table.frame.columns.tolist() == [header.replace('""', '"'), "y"]
    assert table.frame.to_numpy().tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "~"])
def test_what_excel_says_of_the_delimiter(tmp_path, delimiter):
    text = f"sep={delimiter}\r\nx{delimiter}y\r\n1{delimiter}2\r\n3{delimiter}4\r\n"
    table = load_table(text.encode())
    assert table.frame.to_dict("list") == {"x": [1, 3], "y": [2, 4]}
    (tmp_path / "t.csv").write_text(text, newline="")
    for chunk_bytes in (1, 12, 1000):
        chunked = open_chunked(str(tmp_path / "t.csv"), SequentialWorkers(), chunk_bytes=chunk_bytes)
        assert pa.concat_tables(
            [chunked.read(one) for one in chunked.chunks]
        ).to_pydict() == table.frame.to_dict("list")
        assert chunked.notes == table.notes


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


def test_sheets():
    book = excel(First=[["x"], [1]], Second=[["y"], [2]])
    assert load_table(book).frame["x"].tolist() == [1]
    assert load_table(book).notes == ("Read the sheet First; there are also Second.",)
    assert load_table(book, sheet="Second").frame["y"].tolist() == [2]
    with pytest.raises(TableError, match="has no sheet 'Third'; use one of: First, Second"):
        load_table(book, sheet="Third")


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


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "rows is empty; choose a file with a header and rows."),
        (b" \n \n", "rows is empty"),
        (b"\xef\xbb\xbf\n", "rows is empty"),
        ("\n".encode("utf-16"), "rows is empty"),
        (b'x,y\n"' + b"a" * 200_000 + b'",1\n', r"cannot be read as a table \(field larger"),
        (b"x,y\n", "has a header but no rows"),
        (b"x,y\n,\nNaN,\n", "has no values: every cell is empty"),
        (b"a,b,c\n1,2,3\n4,5\n", r"ragged: row 3 has 2 columns and the first row 3\. Correct that row"),
        (b"a,b,c\n1,2,3\n4,5,6,7\n", "ragged: row 3 has 4 columns"),
        ("a,b\nä,1\n".encode() + "ü,2\n".encode("cp1252"), "mixes encodings: line 3 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a table; use CSV, TSV, Parquet or Excel"),
        (b"\xff\xfex\0,\0\xd8", "is damaged: it starts like UTF-16"),
        (b"PAR1 and then nothing", "is a damaged Parquet file"),
        (b"PK\x03\x04 and then nothing", "is a damaged or locked spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and then nothing", "cannot be read as a spreadsheet"),
        (excel(Empty=[]), "The sheet Empty of rows is empty"),
        (WIDE.encode(), "has 10,000 columns; at most 1,000 are read"),
        (parquet(pd.DataFrame({"deep": [[1], [2]]})), "has only nested columns"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_bad_files(data, said):
    with pytest.raises(TableError, match=said):
        load_table(data, "rows")


def far_corners():
    """Three values, two of them as far from the third as a sheet allows."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["XFD1048576"] = "x", 1, 2
    target = io.BytesIO()
    book.save(target)
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


def test_values_in_far_corners_of_a_sheet_end_no_server():
    with pytest.raises(TableError, match="needs too much memory as a spreadsheet"):
        load_table(far_corners(), "rows.xlsx")


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


def test_wrong_delimiter():
    with pytest.raises(
        TableError, match="has only one column when split at ','; it seems to be separated by semicolons"
    ):
        load_table(b"a;b\n1;2\n", "rows", delimiter=",")
    assert load_table(b"a;b\n1;2\n", delimiter=";").frame.shape == (1, 2)
    assert load_table(b"a:b\n1:2\n", delimiter=":").frame.shape == (1, 2)


def test_paths_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(TableError, match=r"none\.csv does not exist; check the name"):
        load_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="is a folder; give a file"):
        load_table(tmp_path)
    monkeypatch.setattr("kmeans_core.tables.load.MAX_BYTES", 3)
    (tmp_path / "big.csv").write_text("x\n1\n2\n")
    with pytest.raises(TableError, match=r"big.csv has 6 B, more than can be read into memory \(3 B\)"):
        load_table(tmp_path / "big.csv")


def test_whole_numbers_stay_whole_beside_gaps():
    frame = load_table(b"id,x\n9007199254740993,1\n,2\n").frame
    assert frame["id"].iloc[0] == 9007199254740993
    assert frame.to_csv(index=False) == "id,x\n9007199254740993,1\n,2\n"


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
