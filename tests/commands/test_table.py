"""`python -m kmeans_core table`: what it writes, prints and refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from kmeans_core.__main__ import main
from kmeans_core.tables.samples import sample_table
from tests.commands.calls import fails
from tests.conftest import require


@pytest.fixture
def iris(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sample_table("iris").frame.to_csv("iris.csv", index=False)
    return tmp_path


def reported(capsys, *arguments):
    assert main(["table", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_rows_with_their_clusters(iris, capsys):
    assert main(["table", "iris.csv", "-k", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("iris-3-clusters.csv: 150 of 150 rows in 3 clusters\ninertia 140.0")
    written = pd.read_csv("iris-3-clusters.csv")
    pd.testing.assert_frame_equal(written.drop(columns="cluster"), sample_table("iris").frame)
    assert sorted(written["cluster"].unique()) == [0, 1, 2]


def test_everything_as_json(iris, capsys):
    report = reported(capsys, "iris.csv", "-k", "3", "--output", "out.parquet")
    written = pd.read_parquet("out.parquet")
    assert report["sizes"] == written["cluster"].value_counts().sort_index().tolist()
    centers = written.groupby("cluster").mean(numeric_only=True)
    assert [list(center.values()) for center in report["centers"]] == pytest.approx(centers.to_numpy())
    assert report["clustered_rows"] == 150
    assert 0.4 < report["silhouette"] < 0.5
    assert set(report["seconds"]) >= {"prepare", "start", "seed", "fit"}


@pytest.mark.spark
def test_own_backends_write_the_same(iris, capsys):
    arguments = ("iris.csv", "-k", "4", "--init", "maximin", "--scaling", "minmax", "--output")
    reports = {}
    for backend in ("numpy", "numba", "sklearn", "dask", "spark-rdd"):
        require(backend)
        reports[backend] = reported(capsys, *arguments, f"{backend}.csv", "--backend", backend)
        assert pd.read_csv(f"{backend}.csv").equals(pd.read_csv("numpy.csv"))
        assert reports[backend]["inertia"] == pytest.approx(reports["numpy"]["inertia"], rel=1e-9)


def test_a_saved_model_labels_other_rows(iris, capsys):
    main(["table", "iris.csv", "-k", "3", "--save-model", "model.json"])
    before = pd.read_csv("iris-3-clusters.csv")
    before.drop(columns="cluster").iloc[::-1].to_csv("other.csv", index=False)
    capsys.readouterr()
    report = reported(capsys, "other.csv", "--model", "model.json")
    assert report["sizes"] == before["cluster"].value_counts().sort_index().tolist()
    after = pd.read_csv("other-labelled.csv")
    before.to_csv("again.csv", index=False)
    assert main(["table", "again.csv", "--model", "model.json"]) == 0
    again = pd.read_csv("again-labelled.csv")
    assert again["cluster (2)"].equals(again["cluster"])  # the column that was there is kept
    capsys.readouterr()
    assert after["cluster"].tolist() == before["cluster"].tolist()[::-1]
    assert main(["table", "other.csv", "--model", "model.json"]) == 0
    assert capsys.readouterr().out.startswith("other-labelled.csv: 150 of 150 rows labelled\ncluster 0: ")


def test_preparation(iris, capsys):
    frame = pd.DataFrame({"x": [1.0, 2.0, np.nan, 1.5, 2.5, 900.0], "city": list("aabbab")})
    frame.to_csv("t.tsv", sep="\t", index=False)
    report = reported(
        capsys, "t.tsv", "-k", "2", "--columns", "x,city", "--missing", "mean", "--outliers", "1.5"
    )
    assert (report["clustered_rows"], report["dropped_outliers"], report["dropped_missing"]) == (5, 1, 0)
    assert report["columns"] == ["x", "city = a", "city = b"]
    written = pd.read_csv("t-2-clusters.csv")
    assert written["cluster"].isna().tolist() == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["iris.csv"], "Give either -k, a number of clusters, or --model, a saved model."),
        (["iris.csv", "-k", "3", "--model", "m.json"], "Give either -k"),
        (["none.csv", "-k", "3"], "none.csv does not exist; check the name"),
        (["iris.csv", "-k", "151"], "n_clusters=151 is more than the 150 rows"),
        (["iris.csv", "-k", "3", "--columns", "petal"], "has no column petal; it has sepal length (cm)"),
        (["iris.csv", "-k", "3", "--missing", "guess"], "missing='guess' is unknown"),
        (["iris.csv", "-k", "3", "--output", "out.xlsx"], "does not end in .csv or .parquet"),
        (["iris.csv", "-k", "3", "--output", "iris.csv"], "is the input itself; choose another name"),
        (["iris.csv", "-k", "3", "--save-model", "m.txt"], "--save-model m.txt does not end in .json"),
        (["iris.csv", "--model", "m.json", "--save-model", "n.json"], "--save-model needs -k"),
        (["iris.csv", "--model", ""], "is a folder; give a file"),
        (["iris.csv", "--model", "none.json"], "none.json does not exist"),
        (["iris.csv", "--model", "iris.csv"], "is a damaged model"),
        (["iris.csv", "-k", "3", "--delimiter", "ab"], "delimiter='ab' is not allowed; give one character"),
        (["iris.csv", "-k", "3", "--delimiter", ";"], "has only one column when split at ';'"),
        (
            ["iris.csv", "-k", "3", "--init", "guess"],
            "init='guess' is unknown; use one of: k-means++, greedy, k-means||",
        ),
    ],
)
def test_what_is_refused(iris, capsys, arguments, said):
    assert said in fails(capsys, "table", *arguments)
    assert sorted(path.name for path in iris.iterdir()) == ["iris.csv"]
