"""Numbers as people write them, missing ones and words; in memory, in chunks, and written out again."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.options import FitOptions
from kmeans_core.tables.cells import count_cells
from kmeans_core.tables.chunks import open_chunked
from kmeans_core.tables.clustered import cluster_table
from kmeans_core.tables.load import load_table
from kmeans_core.tables.number_spelling import to_numbers
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.preparation_fit import fit_preparation
from kmeans_core.tables.reading import as_frame

# Cell → its value with a decimal point, and with a decimal comma; None: no number so.
NUMBERS = {
    "7": (7, 7),
    " 7 ": (7, 7),
    "+7": (7, 7),
    "-7": (-7, -7),
    "1.5": (1.5, None),
    "1,5": (None, 1.5),
    ".5": (0.5, None),
    ",5": (None, 0.5),
    "5.": (5, None),
    "1e3": (1000, 1000),
    "1.5E+3": (1500, None),
    "1,234": (1234, 1.234),
    "1.234": (1.234, 1234),
    "1,234.5": (1234.5, None),
    "1.234,5": (None, 1234.5),
    "12,34,567": (1234567, None),
    "1,23": (None, 1.23),
    "1'234": (1234, 1234),
    "1’234’567": (1234567, 1234567),
    "1 234": (1234, 1234),
    "1\u00a0234,5": (None, 1234.5),
    "1\u202f234": (1234, 1234),
    "1 23": (None, None),
    "\u22127": (-7, -7),
    "(7)": (-7, -7),
    "(1,234.50)": (-1234.5, None),
    "$5": (5, 5),
    "-$5": (-5, -5),
    "$ -5": (-5, -5),
    "5 €": (5, 5),
    "5 EUR": (5, 5),
    "CHF 1'234.50": (1234.5, None),
    "12 %": (12, 12),
    "12.5%": (12.5, None),
    "inf": (math.inf, math.inf),
    "5 kg": (None, None),
    "A5": (None, None),
    "5-6": (None, None),
    "1/2": (None, None),
    "12:30": (None, None),
    "0x1f": (None, None),
    "1.2.3": (None, None),
    "(abc)": (None, None),
    "%": (None, None),
    "one": (None, None),
}
MISSING = [
    *("", " ", "NA", "n/a", "N/a", "na", "Null", "<NA>", "nan", "-NaN", "None", "nil", "?", "-", "--", "."),
    *("—", "#N/A", "#DIV/0!", "#VALUE!", "1.#IND"),
]


@pytest.mark.parametrize("cell", NUMBERS)
def test_numbers(cell):
    for place, decimal in enumerate(".,"):
        value = NUMBERS[cell][place]
        assert to_numbers(pa.array([cell]), decimal).to_pylist() == [value]
        counts = count_cells(pa.chunked_array([[cell]]))
        assert counts.n_numbers[place] == (value is not None)
        assert counts.words[place] == (() if value is not None else ((1, cell),))


@pytest.mark.parametrize("cell", MISSING)
def test_missing(cell):
    counts = count_cells(pa.chunked_array([[cell, "7", None]]))
    assert (counts.n_missing, counts.n_numbers, counts.words) == (2, (1, 1), ((), ()))
    frame = load_table(f'x,y\n1,2\n"{cell}",3\n4,5\n'.encode()).frame
    assert frame["x"].isna().tolist() == [False, True, False]
    assert frame["x"].dtype.kind in "fi"


@given(st.lists(st.sampled_from([*NUMBERS, *MISSING, None])), st.integers(0, 20))
def test_counts_of_chunks_add_up(cells, at):
    def counted(part):
        return count_cells(pa.chunked_array([pa.array(part, pa.string())]))

    assert counted(cells[:at]) + counted(cells[at:]) == counted(cells)


def table_of(cells, name="x", delimiter=","):
    quoted = [f'"{cell}"' for cell in cells]
    rows = [f"{cell}{delimiter}{row}" for row, cell in enumerate(quoted)]
    return "\n".join([f"{name}{delimiter}y", *rows, ""])


BIG = 2**63
JANUARY, MARCH = "2024-01-05", "2024-03-01"
# Cells of the column x, what they are read as, and what is said of it.
COLUMNS = [
    (["1,234", "10,233", "7"], [1234, 10233, 7], "Read as numbers, with separators of thousands: x."),
    (["1'234", "2'000", "7"], [1234, 2000, 7], "Read as numbers, with separators of thousands: x."),
    (["$5", "$1.50", "-$3"], [5, 1.5, -3], "Read as numbers, with currency: x."),
    (["€ 1 200", "5 €"], [1200, 5], "Read as numbers, with currency and separators of thousands: x."),
    (["12 %", "7.5%", "3"], [12, 7.5, 3], "Read as numbers, with percent signs: x."),
    (["(5)", "\u22123", "4"], [-5, -3, 4], "Read as numbers, with parentheses for negatives: x."),
    (["1,5", "2,75", "3"], [1.5, 2.75, 3], "Read as numbers, with decimal commas: x."),
    (
        ["1.234,5", "2.000", "3"],
        [1234.5, 2000, 3],
        "Read as numbers, with separators of thousands and decimal commas: x.",
    ),
    (["1", "n/a", "3", "."], [1, None, 3, None], None),
    (
        [*map(str, range(39)), "4o"],
        [*range(39), None],
        "In x, 1 cell is no number and left out as missing: row 40 has '4o'.",
    ),
    (["1", "2", "x5"], ["1", "2", "x5"], "Read x as text: 1 of 3 cells is no number; row 3 has 'x5'."),
    (["00001", "01101"], ["00001", "01101"], "Read x as text, because numbers in it begin with 0."),
    (["0x00", "0x01"], ["0x00", "0x01"], "Read x as text, because numbers in it begin with 0."),
    (["0", "-0.5", "0.25"], [0, -0.5, 0.25], None),
    ([str(BIG), str(BIG + 1), "1"], [BIG, BIG + 1, 1], None),
    ([f"+{BIG}", "1"], [float(BIG), 1], None),
    (["red", "none", "12"], ["red", "none", "12"], None),
    ([JANUARY, "n/a", MARCH], [pd.Timestamp(JANUARY), None, pd.Timestamp(MARCH)], None),
]


@pytest.mark.parametrize(("cells", "values", "note"), COLUMNS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns(tmp_path, cells, values, note, delimiter):
    text = table_of(cells, delimiter=delimiter)
    table = load_table(text.encode())
    assert [None if pd.isna(value) else value for value in table.frame["x"]] == values
    assert [said for said in table.notes if "separated by" not in said] == ([note] if note else [])
    # As many chunks as rows, and what comes out is what came in.
    (tmp_path / "t.csv").write_text(text)
    for chunk_bytes in (1, 20, 10**6):
        chunked = open_chunked(str(tmp_path / "t.csv"), SequentialWorkers(), chunk_bytes=chunk_bytes)
        assert chunked.notes == table.notes
        read = as_frame(pa.concat_tables([chunked.read(chunk) for chunk in chunked.chunks]))
        pd.testing.assert_frame_equal(read, table.frame)
        kept = pa.concat_tables([chunked.read(chunk, as_it_was=True) for chunk in chunked.chunks])
        if "x" in table.restyled:
            assert kept["x"].to_pylist() == cells
    if "x" in table.restyled:
        clustered = cluster_table(table, fit_preparation(table.frame, ["y"]), TableOptions(fit=FitOptions(2)))
        assert clustered.labelled()["x"].tolist() == cells


AWKWARD = st.sampled_from([*NUMBERS, *MISSING, "007", "true", "2024-01-05", "9223372036854775809", "a;b"])


@given(st.lists(st.tuples(AWKWARD, AWKWARD), min_size=1, max_size=12), st.integers(1, 60))
def test_chunks_agree_with_the_whole(tmp_path_factory, rows, chunk_bytes):
    """Whatever is in the cells: the same types, values and notes."""
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_text("".join(["x,y,z\n", *(f'"{x}","{y}",1\n' for x, y in rows)]), "utf-8")
    table = load_table(path)
    chunked = open_chunked(str(path), SequentialWorkers(), chunk_bytes=chunk_bytes)
    read = as_frame(pa.concat_tables([chunked.read(chunk) for chunk in chunked.chunks]))
    pd.testing.assert_frame_equal(read, table.frame)
    assert chunked.notes == table.notes


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2, max_size=30))
def test_plain_numbers_are_what_pandas_reads(values):
    text = "x,y\n" + "".join(f"{value!r},a\n" for value in values)
    assert np.array_equal(load_table(text.encode()).frame["x"].to_numpy(float), np.array(values))
