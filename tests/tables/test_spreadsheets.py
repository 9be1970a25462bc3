"""Spreadsheets: which sheet, where its table begins, and what its cells are."""

import io

import openpyxl
import pandas as pd
import pytest

from kmeans_core.errors import TableError
from kmeans_core.tables.load import load_table
from kmeans_core.tables.read_options import ReadOptions
from tests.tables.made_tables import excel


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
    assert load_table(target.getvalue(), options=ReadOptions(sheet="Codes")).frame["c"].tolist() == [2]


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
    if "x" in table.restyled:
        assert table.spelled(["x"])["x"].tolist() == cells


def test_tables_that_begin_elsewhere():
    rows = [[None, None, None], ["Measurements of May"], [None, "x", "y"], [None, 1.5, 2], [None, 3, 4]]
    table = load_table(excel(Data=rows))
    assert table.frame.to_dict("list") == {"x": [1.5, 3.0], "y": [2, 4]}
    assert table.notes[0] == "Left out above the table: Measurements of May."
    table = load_table(excel(Data=[[], [], ["x", "y"], [1.5, 2]]))
    assert (table.frame.to_dict("list"), table.notes) == ({"x": [1.5], "y": [2]}, ())


def test_sheets():
    book = excel(First=[["x"], [1]], Second=[["y"], [2]])
    assert load_table(book).frame["x"].tolist() == [1]
    assert load_table(book).notes == ("Read the sheet First; there are also Second.",)
    assert load_table(book, options=ReadOptions(sheet="Second")).frame["y"].tolist() == [2]
    with pytest.raises(TableError, match="has no sheet 'Third'; use one of: First, Second"):
        load_table(book, options=ReadOptions(sheet="Third"))


def far_corners():
    """Three values, two of them as far from the third as a sheet allows."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["XFD1048576"] = "x", 1, 2
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_values_in_far_corners_of_a_sheet_end_no_server():
    with pytest.raises(TableError, match=r"needs more than 6\.00 GB of memory"):
        load_table(far_corners(), "rows.xlsx")
