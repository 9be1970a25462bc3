"""Files to files by workers: the same result on every backend, and as in memory; nothing half written."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kmeans_core.__main__ import main
from kmeans_core.backends.spark_silhouette import spark_silhouette
from kmeans_core.errors import BackendFailedError, OptionError, OutputError, TableError
from kmeans_core.tables import path_output
from kmeans_core.tables.by_path import cluster_files
from kmeans_core.tables.clustered import cluster_table
from kmeans_core.tables.load import Table, load_table
from kmeans_core.tables.options import PrepareOptions, TableOptions
from kmeans_core.tables.preparation_fit import fit_preparation
from tests.conftest import require

ENGINES = ["dask", pytest.param("spark-rdd", marks=pytest.mark.spark)]
OPTIONS = PrepareOptions("mean", "standard", 4.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three files of rows around four centers, with gaps, an outlier, a category and text."""
    rng = np.random.default_rng(7)
    place = tmp_path_factory.mktemp("by_path") / "rows"
    place.mkdir()
    for part in range(3):
        group = rng.integers(0, 4, 700)
        frame = pd.DataFrame(np.array([[0, 0], [9, 1], [2, 12], [15, 9]])[group], columns=["x", "y"])
        frame += rng.normal(size=frame.shape)
        frame["kind"] = np.where(group < 2, "low", "high")
        frame["name"] = [f"row {part}-{row}" for row in range(len(frame))]
        frame.loc[5, "x"] = np.nan
        frame.loc[6, "y"] = 1e6
        frame.to_csv(place / f"{part}.csv", index=False)
    return place


@pytest.fixture(scope="module")
def whole(folder):
    return pd.concat([load_table(path).frame for path in sorted(folder.iterdir())], ignore_index=True)


@pytest.mark.parametrize("backend", ENGINES)
def test_as_in_memory(folder, whole, tmp_path, backend):
    require(backend)
    columns = ["x", "y", "kind"]
    stages, iterations = [], []
    found = cluster_files(
        str(folder),
        str(tmp_path / "out.parquet"),
        replace(TableOptions.of(n_clusters=4, backend=backend), prepare=OPTIONS),
        columns=columns,
        chunk_bytes=20_000,
        on_stage=stages.append,
        on_iteration=iterations.append,
    )
    preparation = fit_preparation(whole, columns, OPTIONS)
    expected = cluster_table(
        Table(whole, "whole"),
        preparation,
        TableOptions.of(n_clusters=4, backend="numpy", init="k-means||", starts=1),
    )
    written = pd.read_parquet(tmp_path / "out.parquet")
    assert len(found.table.chunks) > 3
    pd.testing.assert_frame_equal(written.drop(columns="cluster"), whole)
    np.testing.assert_array_equal(written["cluster"], expected.labels.astype(float))
    np.testing.assert_allclose(found.centers, expected.result.centers, rtol=1e-9)
    report, wanted = found.report(), expected.report()
    for name in ("rows", "clustered_rows", "dropped_missing", "dropped_outliers", "columns", "sizes"):
        assert report[name] == wanted[name]
    assert report["inertia"] == pytest.approx(wanted["inertia"], rel=1e-9)
    assert report["silhouette"] == pytest.approx(wanted["silhouette"], rel=1e-9)
    assert (report["n_iter"], report["converged"]) == (wanted["n_iter"], wanted["converged"])
    assert stages[0] == "starting"
    assert stages[-1] == "writing"
    assert [step.index for step in iterations] == list(range(1, report["n_iter"] + 1))
    assert (tmp_path / "out.parquet" / "_SUCCESS").exists()


@pytest.mark.spark
def test_every_engine_says_the_same_to_the_last_bit(folder, tmp_path):
    found = {}
    for backend in ("dask", "spark-rdd"):
        require(backend)
        output = str(tmp_path / f"{backend}.parquet")
        found[backend] = cluster_files(
            str(folder), output, TableOptions.of(n_clusters=5, backend=backend, precision="float32")
        ).report()
    for report in found.values():
        del report["seconds"], report["backend"]
    assert found["dask"] == found["spark-rdd"]


@pytest.mark.spark
def test_the_silhouette_of_all_rows(folder, tmp_path):
    require("spark-rdd")
    found = cluster_files(
        str(folder),
        str(tmp_path / "out.parquet"),
        TableOptions.of(n_clusters=3, backend="spark-rdd", silhouette="all", max_iter=3),
    )
    written = pd.read_parquet(tmp_path / "out.parquet").dropna()
    points = found.preparation.apply(written).points
    assert found.silhouette == pytest.approx(
        spark_silhouette(points, written["cluster"].to_numpy(np.int32)), rel=1e-9
    )
    assert found.silhouette_rows == len(points)


def test_minibatch_reads_chunk_by_chunk(folder, whole, tmp_path):
    found = cluster_files(
        str(folder),
        str(tmp_path / "out.parquet"),
        replace(TableOptions.of(n_clusters=4, backend="minibatch", max_iter=40), prepare=OPTIONS),
        chunk_bytes=20_000,
    )
    expected = cluster_table(
        Table(whole, ""), fit_preparation(whole, None, OPTIONS), TableOptions.of(n_clusters=4)
    )
    assert found.report()["inertia"] == pytest.approx(expected.result.inertia, rel=0.01)
    assert len(found.history) >= len(found.table.chunks) / 2
    assert "An iteration is one of" in found.notes[-1]


def test_fewer_distinct_rows_than_clusters(tmp_path):
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.csv").write_text("x\n" + "1\n2\n" * 50)
    for backend in ("dask", "minibatch"):
        found = cluster_files(
            str(tmp_path / "t"),
            str(tmp_path / f"{backend}.parquet"),
            TableOptions.of(n_clusters=5, backend=backend),
        )
        assert sorted(found.report()["sizes"]) == [50, 50]
        assert found.notes[0].startswith("There are only 2 distinct points")


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"n_clusters": 5000}, TableError, "n_clusters=5,000 is more than the 2,097 rows to cluster"),
        ({"columns": ["x", "no"]}, TableError, "The table has no column no; it has x, y, kind, name"),
        ({"columns": ["name"]}, TableError, "name has more than 50 different values"),
        ({"backend": "numba"}, OptionError, "does not read files in chunks; use one of: spark-rdd, dask"),
        ({"precision": "float16"}, OptionError, "precision='float16' is unknown"),
        ({"max_iter": 0}, OptionError, "max_iter=0 is not allowed"),
        ({"output": "/proc/nowhere/x.parquet"}, OutputError, "cannot be written"),
        ({"output": "unknown://x.parquet"}, OutputError, "cannot be written"),
    ],
)
def test_what_is_refused(folder, tmp_path, arguments, error, said):
    call = {"output": str(tmp_path / "out.parquet"), "n_clusters": 3, "backend": "minibatch", **arguments}
    asked = {name: call.pop(name) for name in list(call) if name in TableOptions.all_settings()}
    with pytest.raises(error, match=said):
        cluster_files(str(folder), options=TableOptions.of(**asked), **call)
    assert not (tmp_path / "out.parquet").exists()


def test_numbers_too_large_for_the_precision(tmp_path):
    (tmp_path / "t.csv").write_text("x\n1e60\n2e60\n3\n")
    with pytest.raises(TableError, match="too large for float32"):
        cluster_files(
            str(tmp_path / "t.csv"),
            str(tmp_path / "o"),
            replace(
                TableOptions.of(n_clusters=2, backend="minibatch", precision="float32"),
                prepare=PrepareOptions(scaling="none"),
            ),
        )


def test_an_output_that_exists_is_left_alone(folder, tmp_path):
    (tmp_path / "out.parquet").mkdir()
    (tmp_path / "out.parquet" / "mine").touch()
    with pytest.raises(OutputError, match="already exists; name another folder"):
        cluster_files(
            str(folder), str(tmp_path / "out.parquet"), TableOptions.of(n_clusters=3, backend="minibatch")
        )
    assert (tmp_path / "out.parquet" / "mine").exists()


def test_a_failure_while_writing_leaves_nothing(folder, tmp_path, monkeypatch):
    def fail(*_):
        raise BackendFailedError("gone")

    monkeypatch.setattr(path_output, "map_items", fail)
    with pytest.raises(BackendFailedError):
        cluster_files(
            str(folder), str(tmp_path / "out.parquet"), TableOptions.of(n_clusters=1, backend="minibatch")
        )
    assert not (tmp_path / "out.parquet").exists()


def test_on_the_command_line(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["table", str(folder), "-k", "4", "--backend", "dask", "--save-model", "m.json"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("rows-4-clusters.parquet: 2,097 of 2,100 rows in 4 clusters\ninertia ")
    first = pd.read_parquet("rows-4-clusters.parquet")

    again = ["table", str(folder / "*.csv"), "--model", "m.json", "--backend", "minibatch", "--json"]
    assert main([*again, "--output", "again.parquet"]) == 0
    report = json.loads(capsys.readouterr().out)
    pd.testing.assert_frame_equal(pd.read_parquet("again.parquet"), first)
    assert report["rows"] == 2100
    assert report["sizes"] == first["cluster"].value_counts().sort_index().tolist()
    assert report["notes"] == ["Not labelled: 3 rows with missing values, 0 outliers."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--backend", "numba"],
            "which the backend numba cannot read; use --backend spark-rdd, dask, minibatch",
        ),
        (["--backend", "none"], "backend='none' is unknown"),
        (["--backend", "dask", "--init", "random"], "--init does not work for files that are read in chunks"),
        (["--backend", "dask", "--starts", "2"], "--starts does not work for files"),
        (["--backend", "dask", "--output", "x.csv"], "--output x.csv does not end in .parquet"),
    ],
)
def test_what_the_command_line_refuses(folder, tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert main(["table", str(folder), "-k", "2", *arguments]) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert errors.count("\n") == 1
    assert not list(tmp_path.iterdir())
