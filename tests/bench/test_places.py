"""Results of clusters, apart from those of the machine; and what makes two environments two."""

import importlib.metadata
from dataclasses import replace

from kmeans_core.bench.analysis.view import View, clusters
from kmeans_core.bench.measuring import machine
from kmeans_core.bench.records.results import Results
from kmeans_core.bench.records.store import Store
from tests.bench.rows import SOURCE, case, row, rows

SPARK, DASK = "spark://host:7077", "tcp://host:8786"
MEASURED = [
    *rows(case("numpy"), 1.0),
    *rows(case("spark-rdd"), 3.0),
    *rows(replace(case("spark-rdd"), master=SPARK), 0.7),
    *rows(case("dask"), 2.0),
    *rows(replace(case("dask"), master=DASK), 0.5),
]


def seconds(cluster):
    view = View.of(Results(MEASURED), SOURCE, cluster)
    return {cell.case.backend: cell.seconds for cell in view.cells_at(10, 10)}


def test_each_place_shows_what_was_measured_there():
    assert clusters(Results(MEASURED)) == [SPARK, DASK]
    assert seconds("") == {"numpy": 1.0, "spark-rdd": 3.0, "dask": 2.0}
    assert seconds(SPARK) == {"numpy": 1.0, "spark-rdd": 0.7, "dask": 2.0}
    assert seconds(DASK) == {"numpy": 1.0, "spark-rdd": 3.0, "dask": 0.5}


def test_two_versions_of_dask_are_two_environments(tmp_path, monkeypatch):
    store = Store(tmp_path / "results.sqlite3")
    installed = importlib.metadata.version
    for number in ("2026.8.0", "2027.1.0"):
        with monkeypatch.context() as patch:
            patch.setattr(machine, "version", lambda name, n=number: n if name == "dask" else installed(name))
            store.add([row(environment=machine.describe_environment())])
    found = {repetition.environment["dask"] for repetition in store.repetitions()}
    assert found == {"2026.8.0", "2027.1.0"}
    with store._open() as connection:
        assert connection.execute("SELECT count(*) FROM environments").fetchone()[0] == 2
