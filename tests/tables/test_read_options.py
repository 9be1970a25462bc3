"""Every guess about a table can be overruled, in memory, by path and on the command line alike."""

import json

import pandas as pd
import pyarrow as pa
import pytest

from kmeans_core.__main__ import main
from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.chunks import open_chunked
from kmeans_core.tables.load import load_table
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.tables.reading import as_frame
from tests.tables.made_tables import excel, parquet

CODES = "code,x,note\n" + "".join(f"{code},{code / 8},{code}\n" for code in range(100, 140))
WORDS = "x,y\n" + "".join(f"{x},1\n" for x in ("1", "about 2", "3", "some", "5"))
THOUSANDS = "Read as numbers, with separators of thousands: x."
PARQUET = parquet(pd.DataFrame({"x": [1]}))
BOOK = excel(One=[["x"], [1]])
# Text, options, the dtypes of columns, and notes.
OVERRULED = [
    ("a;b,c\n1;2,5\n3;4,5\n", {"delimiter": ","}, "TN", []),
    ("a;b,c\n1;2,5\n3;4,5\n", {"delimiter": ";"}, "NN", ["Commas in numbers were read as decimal commas."]),
    (
        "x;y\n1,234;1\n5,678;2\n",
        {"decimal": "."},
        "NN",
        [THOUSANDS],
    ),
    (
        "x;y\n1.234;1\n5.678;2\n",
        {"decimal": ","},
        "NN",
        [THOUSANDS],
    ),
    ("1,a\n2,b\n3,c\n", {"first_row": "names"}, "NT", []),
    (
        "x,y\n1,2\n3,4\n",
        {"first_row": "values"},
        "TT",
        [
            "Read column 1 as text: 1 of 3 cells is no number; row 1 has 'x'.",
            "Read column 2 as text: 1 of 3 cells is no number; row 1 has 'y'.",
        ],
    ),
    (WORDS, {}, "TN", ["Read x as text: 2 of 5 cells are no numbers; row 2 has 'about 2'."]),
    (
        WORDS,
        {"numbers": ("x",)},
        "NN",
        ["In x, 2 cells are no numbers and left out as missing: row 2 has 'about 2'."],
    ),
    ("id,x\n007,1\n008,2\n", {}, "TN", ["Read id as text, because numbers in it begin with 0."]),
    ("id,x\n007,1\n008,2\n", {"numbers": ("id",)}, "NN", []),
    (CODES, {"texts": ("code", "note")}, "TNT", []),
]


def kinds(frame):
    return "".join("N" if pd.api.types.is_numeric_dtype(frame[name]) else "T" for name in frame)


@pytest.mark.parametrize(("text", "options", "expected", "notes"), OVERRULED)
def test_text_files(tmp_path, text, options, expected, notes):
    reading = ReadOptions(**options)
    table = load_table(text.encode(), "t.csv", reading)
    assert kinds(table.frame) == expected
    assert [note for note in table.notes if "separated by" not in note] == notes
    (tmp_path / "t.csv").write_text(text)
    for chunk_bytes in (1, 50, 10**6):
        chunked = open_chunked(str(tmp_path / "t.csv"), SequentialWorkers(), reading, chunk_bytes=chunk_bytes)
        read = as_frame(pa.concat_tables([chunked.read(chunk) for chunk in chunked.chunks]))
        pd.testing.assert_frame_equal(read, table.frame)
        assert chunked.notes == table.notes


def test_spreadsheets():
    book = excel(Data=[["code", "x"], [101, "1"], [102, "about 2"], [103, "some"]])
    assert kinds(load_table(book).frame) == "NT"
    assert kinds(load_table(book, options=ReadOptions(numbers=("x",))).frame) == "NN"
    as_text = load_table(book, options=ReadOptions(texts=("code",))).frame
    assert as_text["code"].tolist() == ["101", "102", "103"]
    assert len(load_table(book, options=ReadOptions(first_row="values")).frame) == 4


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        (
            b"x,y\n1,2\n",
            {"sheet": "First"},
            "sheet is for a spreadsheet, and t is a text file; leave",
        ),
        (PARQUET, {"decimal": ","}, "decimal is for a text file, and t is Parquet"),
        (
            parquet(pd.DataFrame({"x": [1]})),
            {"numbers": ("x",)},
            "numbers is for a text file and a spreadsheet",
        ),
        (
            excel(One=[["x"], [1]]),
            {"encoding": "cp1251"},
            "encoding is for a text file, and t is a spreadsheet",
        ),
        (b"x,y\n1,2\n", {"texts": ("z",)}, "texts has 'z', which is no column of t; its columns are: x, y."),
        (
            excel(One=[["x"], [1]]),
            {"numbers": ("z",)},
            "numbers has 'z', which is no column of the sheet One",
        ),
    ],
)
def test_what_means_nothing_is_an_error(data, options, said):
    with pytest.raises(OptionError, match=said):
        load_table(data, "t", ReadOptions(**options))


@pytest.mark.parametrize("cells", ["red blue", "2024-01-05 2024-01-06", "true false"])
def test_numbers_where_there_are_none(cells):
    text = "x,y\n" + "".join(f"{cell},1\n" for cell in cells.split())
    with pytest.raises(TableError, match="The column x is to be read as numbers, and has none"):
        load_table(text.encode(), options=ReadOptions(numbers=("x",)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delimiter": "ab"}, "delimiter='ab' is not allowed; give one character"),
        ({"delimiter": '"'}, "is not allowed"),
        ({"encoding": "klingon"}, "encoding='klingon' is unknown"),
        ({"decimal": ";"}, "decimal=';' is unknown; use one of: ., ,"),
        ({"first_row": "no"}, "first_row='no' is unknown; use one of: names, values"),
        ({"numbers": ("a", "b"), "texts": ("b",)}, "numbers and texts both have b; name a column in one"),
    ],
)
def test_what_is_not_allowed(options, said):
    with pytest.raises(OptionError, match=said):
        ReadOptions(**options)


def test_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(WORDS)
    arguments = ["table", "t.csv", "-k", "2", "--numbers", "x", "--missing", "mean", "--json"]
    assert main(arguments) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["columns"] == ["x", "y"]
    assert "In x, 2 cells are no numbers and left out as missing: row 2 has 'about 2'." in report["notes"]


def test_a_text_file_comes_back_as_it_was_spelled():
    text = (
        "n,f,when,yes,word,odd\n"
        '1,1.50,2024-01-05T10:00,true,"a, b","1,234"\n'
        "2,2e3,2024-01-05T11:30,FALSE,,$7\n"
        "003,-0,,,NA,n/a\n"
    )
    table = load_table(text.encode())
    labelled = table.with_labels("cluster", pd.Series([0, 1, 0]), as_text=True)
    expected = [
        f"{line},{label}" for line, label in zip(text.splitlines(), ["cluster", 0, 1, 0], strict=True)
    ]
    assert labelled.to_csv(index=False).splitlines() == expected
    typed = table.with_labels("cluster", pd.Series([0, 1, 0]))
    assert typed["when"].dtype.kind == "M"
    assert typed["odd"].tolist() == ["1,234", "$7", "n/a"]
