"""Reading tables: every kind of file, what is guessed, and a clear sentence for what cannot be read."""

import numpy as np
import pandas as pd
import pytest

from kmeans_core.errors import TableError
from kmeans_core.tables.load import load_table
from kmeans_core.tables.read_options import ReadOptions
from tests.tables.made_tables import excel, parquet

WIDE = ",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join(["1"] * 10_000)


ROWS = pd.DataFrame({"x": [1.5, 2.0, 3.25], "n": [1, 5, 9], "word": ["a", "b", None]})


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


def test_wrong_delimiter():
    with pytest.raises(
        TableError, match="has only one column when split at ','; it seems to be separated by semicolons"
    ):
        load_table(b"a;b\n1;2\n", "rows", options=ReadOptions(delimiter=","))
    assert load_table(b"a;b\n1;2\n", options=ReadOptions(delimiter=";")).frame.shape == (1, 2)
    assert load_table(b"a:b\n1:2\n", options=ReadOptions(delimiter=":")).frame.shape == (1, 2)


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
