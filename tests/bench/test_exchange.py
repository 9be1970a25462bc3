"""Results as files: nothing is lost on the way out and back, and what is no such file is refused."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from kmeans_core.bench.records.exchange import (
    RESULT_FORMATS,
    export_file,
    export_rows,
    import_file,
    import_rows,
)
from kmeans_core.bench.records.results import FAILED, UNAVAILABLE
from kmeans_core.bench.records.shipped import shipped_repetitions
from kmeans_core.bench.records.store import Store
from kmeans_core.errors import OutputError, StoreError
from tests.bench.rows import ENVIRONMENT, case, row

# A commit that looks like a number stays what it is.
NUMERIC = {**ENVIRONMENT, "commit": "0123456789"}
ROWS = [
    row(case(tol=1e-4), 0.1 + 0.2, iterations=(0.125, 1e-5), cold=True),
    row(case("spark-ml", 2, 1), status=FAILED, message='Java said "no",\nand ended.'),
    row(case("spark-rdd"), status=UNAVAILABLE, pixels=0, points=0, environment=NUMERIC),
    row(case("numba", cores=1), 1e-3, peak_memory=None, inertia=1.25e9),
]


@pytest.mark.parametrize("kind", RESULT_FORMATS)
@pytest.mark.parametrize("rows", [ROWS, ROWS[1:3]], ids=["mixed", "failures only"])
def test_round_trip(kind, rows):
    assert import_rows(export_rows(rows, kind), kind, "file") == rows


@pytest.mark.parametrize("kind", RESULT_FORMATS)
def test_the_shipped_rows_survive_too(kind):
    rows = list(shipped_repetitions())
    assert import_rows(export_rows(rows, kind), kind, "file") == rows


def test_the_ending_names_the_format(tmp_path):
    for kind in RESULT_FORMATS:
        export_file(ROWS, tmp_path / f"rows.{kind}")
        assert import_file(tmp_path / f"rows.{kind}") == ROWS
    with pytest.raises(StoreError, match=r"rows\.xml does not end in \.csv, \.parquet or \.json"):
        export_file(ROWS, tmp_path / "rows.xml")
    with pytest.raises(OutputError, match="cannot be written"):
        export_file(ROWS, tmp_path / "none" / "rows.csv")
    with pytest.raises(StoreError, match="cannot be read"):
        import_file(tmp_path / "none.csv")


def test_importing_twice_adds_once(tmp_path):
    store = Store(tmp_path / "s.sqlite3")
    assert store.add(ROWS) == 4
    assert store.add(import_rows(export_rows(ROWS, "csv"), "csv", "file")) == 0


@pytest.mark.parametrize("kind", RESULT_FORMATS)
@pytest.mark.parametrize("data", [b"", b"\x00\xff nonsense", b'{"a": 1}', b"a,b\n1,2\n"])
def test_what_is_no_such_file(kind, data):
    with pytest.raises(StoreError, match=r"^file (cannot be read as|lacks the columns|has no rows)"):
        import_rows(data, kind, "file")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("n_clusters", "many", "row 1: a value cannot be read"),
        ("n_clusters", 5000, r"row 1: colors=5000 is not allowed"),
        ("status", "great", "row 1: status='great' is unknown; it is one of: done, timeout"),
        ("cold", "maybe", "neither True nor False"),
        ("rounds", 1.5, "not a whole number"),
        ("iterations", "[1, ", "a value cannot be read"),
        ("environment.cores", None, "the environment lacks cores"),
        ("seconds", None, "seconds=None is not possible for a repetition that is done"),
        ("inertia", "nan", "inertia=nan is not possible"),
        ("pixels", 0, "pixels=0 is not possible"),
        ("measured_at", "yesterday", "measured_at='yesterday' is not an ISO time"),
        ("seed", 10**30, "not a whole number of 64 bits"),
    ],
)
def test_a_bad_value_is_named_and_nothing_imported(column, value, message):
    flat = json.loads(export_rows(ROWS[:1], "json"))
    flat[0][column] = value
    with pytest.raises(StoreError, match=message):
        import_rows(json.dumps(flat).encode(), "json", "file")


def test_a_column_that_is_missing_is_named():
    frame = pd.DataFrame(json.loads(export_rows(ROWS, "json"))).drop(columns=["inertia", "seed"])
    with pytest.raises(StoreError, match="lacks the columns inertia, seed; give a file that"):
        import_rows(frame.to_csv(index=False).encode(), "csv", "file")


def test_rows_of_a_backend_that_is_not_installed_here_are_kept_under_its_name(tmp_path):
    rows = [row(replace(case("numpy"), backend="cray"))]
    assert import_rows(export_rows(rows, "csv"), "csv", "file") == rows
