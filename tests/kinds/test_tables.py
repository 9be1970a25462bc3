"""Every kind of odd table: what its columns hold, what is said, and the same in chunks."""

import pandas as pd
import pyarrow as pa
import pytest

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.tables.chunks import open_chunked
from kmeans_core.tables.load import load_table
from kmeans_core.tables.reading import as_frame
from tests.kinds.tables import KINDS, odd_headers, what_must_stay

MADE = [(f"{kind.__name__}: {name}", *made) for kind in KINDS for name, *made in kind()]
# Read in chunks of lines, which end with a line feed.
IN_CHUNKS = [made for made in MADE if made[1][:2] not in (b"PK", b"PA", b"\xff\xfe") and b"\n" in made[1]]


def values(frame):
    def value(cell):
        return None if pd.isna(cell) else cell

    return {name: [value(cell) for cell in frame[name].tolist()] for name in frame.columns}


@pytest.mark.parametrize(
    ("data", "columns", "note"), [made[1:] for made in MADE], ids=[made[0] for made in MADE]
)
def test_columns(data, columns, note):
    table = load_table(data)
    assert values(table.frame) == columns
    assert note in " ".join(table.notes)
    if not note:
        assert table.notes == ()


@pytest.mark.parametrize(
    ("data", "columns", "note"), [m[1:] for m in IN_CHUNKS], ids=[m[0] for m in IN_CHUNKS]
)
def test_columns_in_chunks(tmp_path, data, columns, note):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    table = open_chunked(str(path), SequentialWorkers(), chunk_bytes=7)
    read = as_frame(pa.concat_tables([table.read(chunk) for chunk in table.chunks]))
    assert values(read) == columns
    assert table.notes == load_table(data).notes


@pytest.mark.parametrize("kind", [what_must_stay, odd_headers])
def test_cells_as_they_were_spelled(kind):
    for _, data, _, _ in kind():
        table = load_table(data)
        labelled = table.with_labels("cluster", pd.Series(range(len(table.frame))), as_text=True)
        rows = [line.split(",") for line in data.decode().splitlines()][-len(table.frame) :]
        assert labelled.drop(columns="cluster").to_numpy().tolist() == rows
