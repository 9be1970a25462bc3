"""The results on disk: an SQLite file, one row per repetition, appended and never changed.

Several processes may read and write at once (write-ahead log, and a writer waits for its turn). A row is on
disk before the next repetition begins, so it survives whatever is killed afterwards.
"""

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from kmeans_core.bench.measuring.cases import Case
from kmeans_core.bench.measuring.machine import Environment
from kmeans_core.bench.records.results import Repetition, Results
from kmeans_core.errors import StoreError

# A writer that finds the file locked waits so long for its turn.
_WAIT_SECONDS = 30.0

_CASE = tuple(column.name for column in fields(Case))
_JSON = ("phases", "iterations")


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE environments (id INTEGER PRIMARY KEY, machine TEXT NOT NULL, text TEXT NOT NULL UNIQUE)"
    )
    connection.execute(
        """CREATE TABLE repetitions (
            id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, run TEXT NOT NULL, measured_at TEXT NOT NULL,
            environment INTEGER NOT NULL REFERENCES environments (id),
            source TEXT NOT NULL, backend TEXT NOT NULL, n_clusters INTEGER NOT NULL, n_iter INTEGER NOT NULL,
            cores INTEGER NOT NULL, tol REAL, master TEXT NOT NULL, seed INTEGER NOT NULL,
            wanted INTEGER NOT NULL, number INTEGER NOT NULL, cold INTEGER NOT NULL, status TEXT NOT NULL,
            message TEXT NOT NULL, start REAL NOT NULL, seconds REAL, phases TEXT NOT NULL,
            iterations TEXT NOT NULL, rounds INTEGER NOT NULL, inertia REAL, pixels INTEGER NOT NULL,
            points INTEGER NOT NULL, dims INTEGER NOT NULL, peak_memory INTEGER)"""
    )
    connection.execute("CREATE INDEX by_environment ON repetitions (environment)")


# Step n brings a file from version n to n+1. The file's version is SQLite's `user_version`.
_MIGRATIONS: list[Callable[[sqlite3.Connection], None]] = [_create]


def default_path() -> Path:
    """KMEANS_BENCH_STORE, or a file in the home folder, or in a temporary one if that cannot be written."""
    given = os.environ.get("KMEANS_BENCH_STORE", "").strip()
    if given:
        return Path(given)
    try:
        folder = Path.home() / ".kmeans-studio"
        folder.mkdir(exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder / "benchmarks.sqlite3"
    except (OSError, RuntimeError):
        pass
    return Path(tempfile.gettempdir()) / "kmeans-studio-benchmarks.sqlite3"


class Store:
    """The results in a file, which is made when it is not there.

    Cheap to create; every call opens and closes the file.

    Parameters
    ----------
    path : Path, optional
        By default that of `default_path()`.

    Raises
    ------
    StoreError
        In every call, if the file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()

    def add(self, repetitions: Iterable[Repetition]) -> int:
        """Appends rows. Those that are there already, by `uid`, stay as they are.

        Parameters
        ----------
        repetitions : iterable of Repetition

        Returns
        -------
        int
            How many were new.
        """
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            added = 0
            for row in repetitions:
                environment = _environment_id(connection, row)
                columns = _columns(row) | {"environment": environment}
                added += connection.execute(
                    f"INSERT OR IGNORE INTO repetitions ({', '.join(columns)}) "
                    f"VALUES ({', '.join('?' * len(columns))})",
                    tuple(columns.values()),
                ).rowcount
            connection.execute("COMMIT")
            return added

    def version(self) -> int:
        """Changes whenever a row is added: the number of rows."""
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM repetitions").fetchone()[0])

    def machines(self) -> dict[str, Environment]:
        """machine id → the newest environment it was measured in."""
        with self._open() as connection:
            rows = connection.execute("SELECT machine, text FROM environments ORDER BY id").fetchall()
        return {machine: json.loads(text) for machine, text in rows}

    def repetitions(self, machine: str | None = None) -> list[Repetition]:
        """The rows, in the order they were added.

        Parameters
        ----------
        machine : str, optional
            Those of one machine, by its id; all by default.

        Returns
        -------
        list of Repetition
        """
        where = "" if machine is None else "WHERE environments.machine = ?"
        with self._open() as connection:
            rows = connection.execute(
                "SELECT repetitions.*, environments.text AS environment_text FROM repetitions "
                f"JOIN environments ON environments.id = repetitions.environment {where} "
                "ORDER BY repetitions.id",
                () if machine is None else (machine,),
            ).fetchall()
        environments: dict[int, Environment] = {}
        return [_repetition(row, environments) for row in rows]

    def results(self, machine: str) -> Results:
        """The cells of one machine."""
        return Results(self.repetitions(machine))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # No implicit transactions: they begin and end where the code says so.
            with closing(
                sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
            ) as connection:
                connection.row_factory = sqlite3.Row
                _migrate(connection, self.path)
                yield connection
        except (sqlite3.Error, OSError, OverflowError) as error:
            raise StoreError(
                f"The benchmark results in {self.path} cannot be used: {error}. Move that file away to start "
                "a new one, or name another with KMEANS_BENCH_STORE."
            ) from error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == len(_MIGRATIONS):
        return
    if version > len(_MIGRATIONS):
        raise StoreError(
            f"The benchmark results in {path} have version {version}, from a newer K-means Studio; this one "
            f"knows {len(_MIGRATIONS)}. Update it, or name another file with KMEANS_BENCH_STORE."
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have done it while this one waited for the lock.
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number in range(version, len(_MIGRATIONS)):
        _MIGRATIONS[number](connection)
        connection.execute(f"PRAGMA user_version = {number + 1}")
    connection.execute("COMMIT")


def _environment_id(connection: sqlite3.Connection, row: Repetition) -> int:
    text = json.dumps(dict(row.environment), sort_keys=True)
    connection.execute(
        "INSERT OR IGNORE INTO environments (machine, text) VALUES (?, ?)", (row.machine, text)
    )
    found = connection.execute("SELECT id FROM environments WHERE text = ?", (text,)).fetchone()
    return int(found[0])


def _columns(row: Repetition) -> dict[str, Any]:
    """A row as columns of the table, but for the environment."""
    plain = {
        column.name: getattr(row, column.name)
        for column in fields(row)
        if column.name not in ("case", "environment", *_JSON)
    }
    case = dict(zip(_CASE, astuple(row.case), strict=True))
    return {
        **plain,
        **case,
        "phases": json.dumps(dict(row.phases)),
        "iterations": json.dumps(list(row.iterations)),
    }


def _repetition(row: sqlite3.Row, environments: dict[int, Environment]) -> Repetition:
    values = dict(row)
    if values["environment"] not in environments:
        environments[values["environment"]] = json.loads(values["environment_text"])
    case = Case(**{name: values[name] for name in _CASE})
    names = [column.name for column in fields(Repetition) if column.name not in ("case", "environment")]
    plain = {name: values[name] for name in names}
    plain["cold"] = bool(plain["cold"])
    plain["phases"] = json.loads(plain["phases"])
    plain["iterations"] = tuple(json.loads(plain["iterations"]))
    return Repetition(**plain, case=case, environment=environments[values["environment"]])
