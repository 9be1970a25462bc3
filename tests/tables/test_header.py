"""Whether the first row has the names of the columns, and what they are."""

import re

import pyarrow as pa
import pyarrow.parquet
import pytest

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.tables.chunks import open_chunked
from kmeans_core.tables.header import NO_HEADER, NUMBERS_AS_NAMES
from kmeans_core.tables.load import load_table
from tests.tables.made_tables import excel

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


def test_names():
    assert list(load_table(b"x,,x, y \n1,2,3,4\n").frame.columns) == ["x", "column 2", "x (2)", "y"]
    table = load_table(b"1,2\n3,4\n")
    assert list(table.frame.columns) == ["column 1", "column 2"]
    assert len(table.frame) == 2
    assert "The first row has values" in table.notes[0]
