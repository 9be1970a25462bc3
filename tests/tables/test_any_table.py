"""Any table that a program may write as text, against a plain oracle: what each cell says, one by one.

What a file looks like is given here, so that nothing is guessed but what the columns hold.
"""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.errors import TableError
from kmeans_core.tables.chunks import open_chunked
from kmeans_core.tables.load import load_table
from kmeans_core.tables.number_spelling import MISSING_MARKS
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.tables.reading import as_frame
from tests.tables.test_cells import MISSING, NUMBERS

PLAIN = {"1": (1, 1), "4": (4, 4), "2.5": (2.5, None), "-3": (-3, -3), "-010": (-10, -10)}
WITH_ZEROS = ("007", "0123")
WORDS = ("red", "Ünal", "a;b", "x,y", 'say "hi"', "tab\there", "two\nlines", "=1+1", "None of it", "a\u2028b")
CELLS = st.sampled_from([*NUMBERS, *MISSING, *WORDS, *WITH_ZEROS])
# Columns of one kind are rare where cells are drawn one by one.
COLUMNS = st.integers(1, 45).flatmap(
    lambda size: st.lists(
        st.one_of(
            st.lists(CELLS, min_size=size, max_size=size),
            st.lists(st.sampled_from([*NUMBERS]), min_size=size, max_size=size),
            st.lists(st.sampled_from([*PLAIN, "1,5", "", "n/a"]), min_size=size, max_size=size),
            st.tuples(st.sampled_from(WORDS), st.just(["4"] * (size - 1))).map(
                lambda drawn: [drawn[0], *drawn[1]]
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
# Any letters, but for those that end a text or say how to read it.
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=8)


def expected_names(names):
    found = []
    for place, name in enumerate(names, 1):
        wanted = unique = name.strip() or f"column {place}"
        number = 1
        while unique in found:
            number += 1
            unique = f"{wanted} ({number})"
        found.append(unique)
    return found


def expected_values(cells, decimal):
    """Numbers, or texts; None for what is missing."""
    place = ".,".index(decimal)
    known = NUMBERS | PLAIN
    numbers = [known.get(cell, (None, None))[place] for cell in cells]
    numbers = [
        float(cell) if cell in WITH_ZEROS[:2] else number for cell, number in zip(cells, numbers, strict=True)
    ]
    present = [number for cell, number in zip(cells, numbers, strict=True) if cell not in MISSING]
    n_words = present.count(None)
    is_text = n_words > 0.05 * len(present) or any(cell in WITH_ZEROS for cell in cells)
    if is_text:
        return [None if cell.strip() in MISSING_MARKS else cell for cell in cells]
    return numbers


def expected_frame(names, columns, decimal):
    read = {
        name: expected_values(cells, decimal)
        for name, cells in zip(expected_names(names), columns, strict=True)
    }
    kept = {name: values for name, values in read.items() if any(value is not None for value in values)}
    rows = [row for row in zip(*kept.values(), strict=True) if any(value is not None for value in row)]
    return list(kept), rows


def plain(frame):
    def value(cell):
        return None if pd.isna(cell) else cell if isinstance(cell, str) else float(cell)

    return list(frame.columns), [tuple(map(value, row)) for row in frame.itertuples(index=False)]


@settings(max_examples=100)
@given(
    columns=COLUMNS,
    drawn=st.lists(NAMES, min_size=4, max_size=4),
    delimiter=st.sampled_from([*",;\t|:~^ "]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    decimal=st.sampled_from(".,"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    chunk_bytes=st.integers(1, 300),
)
def test_any_table(columns, drawn, delimiter, line_end, decimal, quoting, encoding, chunk_bytes):
    names = drawn[: len(columns)]
    assume(not names[0].startswith("sep="))
    has_lines = any(set(cell) & set("\r\n") for cells in (names, *columns) for cell in cells)
    # Python's writer only quotes the line ends that it writes.
    assume(quoting == csv.QUOTE_ALL or not has_lines)
    # Nor is a line of blanks a header, tabs between them included.
    assume(quoting == csv.QUOTE_ALL or any(name.strip() for name in names))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(
        [names, *zip(*columns, strict=True)]
    )
    data = text.getvalue().encode(encoding)
    options = ReadOptions(
        delimiter=delimiter,
        decimal=decimal,
        first_row="names",
        encoding=encoding if encoding == "gb18030" else None,
    )
    expected = expected_frame(names, columns, decimal)
    if not expected[1]:
        with pytest.raises(TableError, match=r"no values|no rows"):
            load_table(data, "t.csv", options)
        return
    table = load_table(data, "t.csv", options)
    assert plain(table.frame) == expected
    has_lines = any(set(cell) & set("\r\n") for cells in columns for cell in cells)
    if line_end == "\r" or encoding == "utf-16" or has_lines:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(data)
        chunked = open_chunked(str(path), SequentialWorkers(), options, chunk_bytes=chunk_bytes)
        read = as_frame(pa.concat_tables([chunked.read(chunk) for chunk in chunked.chunks]))
    pd.testing.assert_frame_equal(read, table.frame)
    assert [note for note in chunked.notes if "empty row" not in note] == [
        note for note in table.notes if "empty row" not in note
    ]
