"""`benchmark` and `results` on the command line."""

import json
import re

import pytest

from kmeans_core.__main__ import main
from kmeans_core.backends.spark_session import NeedsSpark
from tests.commands.calls import HORSE, RACCOON, fails, run
from tests.conftest import require


def benchmark(store, *arguments):
    return ["benchmark", "--image", HORSE, "--store", str(store), *arguments]


def test_benchmark_gives_all_backends_the_same_work(capsys, tmp_path):
    store = tmp_path / "results.sqlite3"
    grid = ["--backends", "paper-numpy,numpy,numba", "--colors", "3,5", "--iterations", "4", "--repeat", "2"]
    assert main(benchmark(store, *grid, "--json")) == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    rows = {(row["backend"], row["colors"]): row for row in report["measurements"]}
    assert len(rows) == 6
    assert {row["status"] for row in rows.values()} == {"done"}
    assert {row["rounds"] for row in rows.values()} == {4}
    assert {row["cached"] for row in rows.values()} == {False}
    assert all(len(row["seconds"]) == 2 and row["median"] > 0 for row in rows.values())
    assert rows["numba", 5]["cold"]["start"] > 0
    for colors in (3, 5):
        ours = rows["numpy", colors]["inertia"]
        assert rows["paper-numpy", colors]["inertia"] == pytest.approx(ours, rel=1e-9)
        assert rows["numba", colors]["inertia"] == ours
    assert report["environment"]["cores"] >= 1
    assert main(benchmark(store, *grid)) == 0
    assert "× `paper-numpy`" in capsys.readouterr().out


@pytest.mark.spark
def test_benchmark_of_spark_and_again_from_the_store(tmp_path, capsys, monkeypatch):
    """The second time nothing is started, Spark least of all."""
    require("paper-rdd")
    monkeypatch.setattr(NeedsSpark, "warm_up_seconds", 0.5)
    names = "numpy,sklearn,paper-rdd"
    grid = ["--backends", names, "--megapixels", "0.05", "--colors", "2", "--iterations", "3"]
    grid += ["--repeat", "1", "--json"]
    command = benchmark(tmp_path / "results.sqlite3", *grid)
    assert main([str(argument) for argument in command]) == 0
    rows = json.loads(capsys.readouterr().out)["measurements"]
    assert {row["status"] for row in rows} == {"done"}
    found = {row["backend"]: row["inertia"] for row in rows}
    assert len(found) == 3
    assert found["paper-rdd"] == pytest.approx(found["numpy"], rel=1e-9)
    again = run(*command, PYTHONPROFILEIMPORTTIME="1")
    assert "pyspark" not in again.stderr  # nor is anything else that takes time
    assert "kmeans_core.bench.records.store" in again.stderr
    assert {row["cached"] for row in json.loads(again.stdout)["measurements"]} == {True}
    assert [row["median"] for row in json.loads(again.stdout)["measurements"]] == [
        row["median"] for row in rows
    ]


def test_benchmark_goes_on_where_it_was(capsys, tmp_path):
    store = tmp_path / "results.sqlite3"
    fixed = ["--iterations", "2", "--repeat", "1", "--backends", "numpy", "--json"]
    assert main(benchmark(store, *fixed, "--colors", "3")) == 0
    capsys.readouterr()
    assert main(benchmark(store, *fixed, "--colors", "3,4")) == 0
    rows = json.loads(capsys.readouterr().out)["measurements"]
    assert {row["colors"]: row["cached"] for row in rows} == {3: True, 4: False}
    assert main(benchmark(store, *fixed, "--colors", "3", "--fresh")) == 0
    assert [row["cached"] for row in json.loads(capsys.readouterr().out)["measurements"]] == [False]


def test_benchmark_shows_what_cannot_run(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("kmeans_core.backends.spark_session.find_java", lambda: None)
    grid = ["--backends", "numpy,spark-rdd", "--colors", "3", "--iterations", "2", "--repeat", "1"]
    assert main(benchmark(tmp_path / "s.sqlite3", *grid)) == 0
    said = capsys.readouterr().out
    assert re.search(r"\| `spark-rdd` \| \d+ \| unavailable \| The backend spark-rdd cannot run here", said)


def test_benchmark_of_made_up_points_and_of_other_sizes(capsys, tmp_path):
    store = str(tmp_path / "s.sqlite3")
    few = ["--backends", "numpy", "--colors", "4", "--iterations", "2", "--repeat", "1", "--json"]
    assert main(["benchmark", "--points", "3000x7", "--store", store, *few]) == 0
    (row,) = json.loads(capsys.readouterr().out)["measurements"]
    assert (row["points"], row["source"]) == (3000, "blobs:3000x7c5s8")
    assert main(benchmark(store, "--megapixels", "0.01,0.05", *few)) == 0
    rows = json.loads(capsys.readouterr().out)["measurements"]
    assert [round(row["pixels"] / 1e6, 2) for row in rows] == [0.01, 0.05]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backends", "numpy,cray"], "--backends names 'cray'; use some of"),
        (["--backends", ","], "--backends ',' names none; use some of"),
        (["--repeat", "0"], "repeat=0 is not allowed; give 1 to 20"),
        (["--colors", "0"], "colors=0 is not allowed; give 1 to 256"),
        (["--colors", "2,x"], "'x' is not a whole number"),
        (["--iterations", "2000"], "iterations=2000 is not allowed; give 1 to 1,000"),
        (["--image", "none.png"], "none.png does not exist"),
        (["--points", "many"], "points='many' is not understood; give them as 100000x10"),
        (["--points", "10x2", "--image", "a.png"], "--points and a picture do not go together"),
        (["--preset", "all"], "preset='all' is unknown; use one of: quick, paper"),
        (["--preset", "quick", "--colors", "3"], "--preset and --colors do not go together"),
        (["--preset", "quick", "--seed", "7"], "--preset and --seed do not go together"),
        (["--seed", "-1"], "seed=-1 is not allowed"),
        (["--cores", "999"], "cores=999 is more than this machine offers"),
        (["--image", RACCOON, "--megapixels", "90", "--backends", "paper-numpy", "--colors", "256"], "GB"),
        (["--megapixels", "500"], "megapixels=500 is not allowed"),
        (["--longest", "0"], "--longest 0 is not allowed; give seconds"),
    ],
)
def test_bad_benchmarks(capsys, arguments, message):
    assert message in fails(capsys, "benchmark", *arguments)


def test_results_are_listed_exported_and_imported(capsys, tmp_path):
    store, other = tmp_path / "one.sqlite3", tmp_path / "two.sqlite3"
    assert main(["results", "--store", str(store)]) == 0
    assert "No results yet" in capsys.readouterr().out
    few = ["--backends", "numpy", "--colors", "2,3", "--iterations", "2", "--repeat", "2"]
    assert main(benchmark(store, *few)) == 0
    target = tmp_path / "rows.csv"
    capsys.readouterr()
    assert main(["results", "--store", str(store), "--export", str(target)]) == 0
    assert "5 rows exported" in capsys.readouterr().out
    for expected in (5, 0):
        assert main(["results", "--store", str(other), "--import", str(target), "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert (report["imported"], report["already_there"]) == (expected, 5 - expected)
        assert [(row["cells"], row["rows"]) for row in report["machines"]] == [(2, 5)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--import", "none.csv"], "none.csv cannot be read"),
        (["--import", RACCOON], "does not end in .csv, .parquet or .json"),
        (["--export", "rows.xls"], "does not end in .csv, .parquet or .json"),
        (["--store", RACCOON], "cannot be used"),
    ],
)
def test_bad_results(capsys, arguments, message):
    assert message in fails(capsys, "results", *arguments)
