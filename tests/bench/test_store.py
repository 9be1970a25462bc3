"""The store: what goes in comes out, nothing is overwritten, many may write, and old files are brought up."""

import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest

from kmeans_core.bench.measuring.machine import machine_id
from kmeans_core.bench.records import store as module
from kmeans_core.bench.records.results import FAILED
from kmeans_core.bench.records.store import Store, default_path
from kmeans_core.errors import StoreError
from tests.bench.rows import ENVIRONMENT, case, row, rows
from tests.conftest import ASSETS


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "folder" / "results.sqlite3")


def test_what_goes_in_comes_out(store):
    wanted = [
        row(case(tol=1e-4), iterations=(0.5, 0.25), cold=True),
        row(case("spark-ml"), status=FAILED, message="Java ended."),
    ]
    assert store.add(wanted) == 2
    assert store.repetitions() == wanted


def test_rows_are_appended_and_never_overwritten(store):
    first = row(seconds=1.0)
    store.add([first])
    assert store.add([replace(first, seconds=7.0), row(seconds=2.0)]) == 1
    assert [repetition.seconds for repetition in store.repetitions()] == [1.0, 2.0]


def test_machines_are_separate(store):
    other = {**ENVIRONMENT, "cores": 64}
    store.add([*rows(case(), 1.0), row(case(), 0.1, environment=other)])
    assert store.machines() == {machine_id(ENVIRONMENT): ENVIRONMENT, machine_id(other): other}
    assert store.results(machine_id(other)).get(case()).seconds == 0.1
    # Versions change on the same machine; its results stay together.
    store.add([row(case("numba"), environment={**ENVIRONMENT, "python": "3.13.0"})])
    assert len(store.results(machine_id(ENVIRONMENT))) == 2


def test_new_rows_change_the_version(store):
    before = store.version()
    store.add(rows(case(), 1.0))
    assert store.version() != before


def test_the_log_is_written_ahead(store):
    store.add([row()])
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_old_file_is_brought_up_to_date(store, monkeypatch):
    store.add(rows(case(), 1.0, 2.0))

    def add_notes(connection):
        connection.execute("ALTER TABLE repetitions ADD COLUMN notes TEXT NOT NULL DEFAULT ''")

    monkeypatch.setattr(module, "_MIGRATIONS", [*module._MIGRATIONS, add_notes])
    assert [repetition.seconds for repetition in store.repetitions()] == [1.0, 2.0]
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(module._MIGRATIONS),)
        assert connection.execute("SELECT notes FROM repetitions").fetchall() == [("",), ("",)]


def test_a_migration_that_fails_changes_nothing(store, monkeypatch):
    store.add(rows(case(), 1.0))

    def break_down(connection):
        connection.execute("ALTER TABLE repetitions ADD COLUMN notes TEXT")
        connection.execute("SELECT nonsense")

    steps = list(module._MIGRATIONS)
    monkeypatch.setattr(module, "_MIGRATIONS", [*steps, break_down])
    with pytest.raises(StoreError):
        store.repetitions()
    monkeypatch.setattr(module, "_MIGRATIONS", steps)
    assert len(store.repetitions()) == 1


def test_a_file_from_the_future_is_refused(store):
    store.add([row()])
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="have version 99, from a newer K-means Studio"):
        store.repetitions()


def test_a_file_that_is_no_store(store):
    store.path.parent.mkdir()
    store.path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"cannot be used: .*Move that file away"):
        store.add([row()])


_WRITER = """
import sys
from pathlib import Path
from kmeans_core.bench.records.store import Store
from tests.bench.rows import row
store = Store(Path(sys.argv[1]))
for _ in range(50):
    store.add([row(run=sys.argv[2])])
"""


def test_several_writers_at_once_lose_nothing(store):
    """None of them finds the file made: they also race for the first migration."""
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(store.path), str(number)], cwd=ASSETS.parent)
        for number in range(4)
    ]
    assert [writer.wait(timeout=100) for writer in writers] == [0, 0, 0, 0]
    found = [repetition.run for repetition in store.repetitions()]
    assert {run: found.count(run) for run in set(found)} == {str(number): 50 for number in range(4)}


def test_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("KMEANS_BENCH_STORE", str(tmp_path / "here.sqlite3"))
    assert default_path() == tmp_path / "here.sqlite3"
    monkeypatch.delenv("KMEANS_BENCH_STORE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path() == tmp_path / ".kmeans-studio" / "benchmarks.sqlite3"
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert default_path().name == "kmeans-studio-benchmarks.sqlite3"
