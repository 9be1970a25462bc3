"""Tables as files: safe to open in a spreadsheet, and nothing else changed."""

import io

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from kmeans_core.tables.writing import csv_bytes

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("x")']
PLAIN = ["-5", "+5.5", "-1,234.50", "-$5", "-", "a=b", "", "7-", "x", "-1e5", "'=1"]


def read_back(frame):
    return pd.read_csv(io.BytesIO(csv_bytes(frame)), dtype=str, keep_default_na=False)


def test_formulas_are_texts():
    frame = pd.DataFrame({"x": [*FORMULAS, *PLAIN], "=y": range(len(FORMULAS + PLAIN))})
    found = read_back(frame)
    assert found["x"].tolist() == [f"'{cell}" for cell in FORMULAS] + PLAIN
    assert found.columns.tolist() == ["x", "'=y"]
    assert frame.columns.tolist() == ["x", "=y"]  # what is given stays


@given(st.lists(st.one_of(st.sampled_from(FORMULAS + PLAIN), st.none(), st.integers(), st.booleans())))
def test_nothing_else_changes(cells):
    found = read_back(pd.DataFrame({"x": pd.Series(cells, dtype=object), "y": 1}))["x"].tolist()
    for cell, text in zip(cells, found, strict=True):
        assert text == ("" if cell is None else f"'{cell}" if cell in FORMULAS else str(cell))
