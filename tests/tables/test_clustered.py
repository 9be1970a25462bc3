"""Tables from rows to labels: figures against pandas and scikit-learn, models that come back the same."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.clustered import cluster_table
from kmeans_core.tables.load import Table
from kmeans_core.tables.model import TableModel
from kmeans_core.tables.options import PrepareOptions, TableOptions
from kmeans_core.tables.preparation_fit import fit_preparation
from kmeans_core.tables.samples import SAMPLES, blobs_table, sample_table
from kmeans_core.tables.writing import parquet_bytes


@pytest.fixture(scope="module")
def iris():
    table = sample_table("iris")
    return cluster_table(
        table, fit_preparation(table.frame), TableOptions.of(n_clusters=3, backend="numpy", starts=100)
    )


def test_iris_as_scikit_learn_finds_it(iris):
    points = StandardScaler().fit_transform(sample_table("iris").frame.drop(columns="known"))
    theirs = KMeans(3, n_init=20, random_state=0).fit(points)
    assert iris.result.inertia == pytest.approx(theirs.inertia_, rel=1e-6)
    assert iris.silhouette == pytest.approx(silhouette_score(points, iris.result.labels))
    assert sorted(iris.sizes) == sorted(np.bincount(theirs.labels_))


def test_centers_in_the_units_of_the_table_are_means_of_the_rows(iris):
    rows = iris.labelled()
    expected = rows.groupby("cluster")[iris.preparation.names].mean()
    assert_allclose(iris.centers, expected, rtol=1e-9)
    assert_array_equal(iris.sizes, rows["cluster"].value_counts().sort_index())


def test_profile_says_how_far_a_cluster_is_from_all(iris):
    rows = sample_table("iris").frame[iris.preparation.names]
    labels = iris.result.labels
    expected = [(rows[labels == c].mean() - rows.mean()) / rows.std(ddof=0) for c in range(3)]
    assert_allclose(iris.profile, expected, rtol=1e-9)


def test_flat_view(iris):
    points, centers, shares = iris.principal_components
    assert points.shape == (150, 2)
    assert shares.sum() == pytest.approx(0.958, abs=1e-3)
    for cluster in range(3):
        assert_allclose(points[iris.result.labels == cluster].mean(axis=0), centers[cluster], atol=1e-9)


def test_dropped_rows_have_no_cluster():
    frame = pd.DataFrame({"x": [0.0, np.nan, 0.1, 9.0, 9.1]})
    clustered = cluster_table(Table(frame, "t"), fit_preparation(frame), TableOptions.of(n_clusters=2))
    labels = clustered.labels
    assert labels.isna().tolist() == [False, True, False, False, False]
    assert labels[0] == labels[2] != labels[3] == labels[4]
    assert clustered.report()["dropped_missing"] == 1
    assert clustered.labelled()["cluster"].dtype == "Int32"


def test_an_existing_column_of_that_name_stays():
    frame = pd.DataFrame({"cluster": [0.0, 1.0, 9.0]})
    clustered = cluster_table(Table(frame, "t"), fit_preparation(frame), TableOptions.of(n_clusters=2))
    assert list(clustered.labelled().columns) == ["cluster", "cluster (2)"]


def test_several_starts_keep_the_best():
    table = sample_table("iris")
    preparation = fit_preparation(table.frame)
    single = [
        cluster_table(table, preparation, TableOptions.of(n_clusters=3, seed=seed, starts=1)).result.inertia
        for seed in range(8)
    ]
    assert len({round(value, 3) for value in single}) > 1
    assert cluster_table(table, preparation, TableOptions.of(n_clusters=3)).result.inertia == min(single)
    first = cluster_table(table, preparation, TableOptions.of(n_clusters=3, init="first", starts=5))
    assert (
        first.result.inertia
        == cluster_table(table, preparation, TableOptions.of(n_clusters=3, init="first")).result.inertia
    )


def test_32_bits_are_enough_for_the_same_rows(iris):
    table = sample_table("iris")
    narrow = cluster_table(
        table, iris.preparation, TableOptions.of(n_clusters=3, precision="float32", starts=100)
    )
    assert narrow.result.inertia == pytest.approx(iris.result.inertia, rel=1e-5)


def test_values_too_large_for_32_bits():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3e50]})
    plain = fit_preparation(frame, options=PrepareOptions(scaling="none"))
    with pytest.raises(TableError, match="too large for float32; use float64, or scale"):
        cluster_table(Table(frame, "t"), plain, TableOptions.of(n_clusters=2, precision="float32"))


def test_text_and_numbers_in_one_column_can_be_written():
    frame = pd.DataFrame({"x": ["a", 1, None, 2.5]}, dtype=object)
    assert pd.read_parquet(io.BytesIO(parquet_bytes(frame)))["x"].tolist() == ["a", "1", None, "2.5"]


def test_the_last_seed_there_is():
    table = sample_table("iris")
    cluster_table(
        table, fit_preparation(table.frame), TableOptions.of(n_clusters=2, seed=2**63 - 1, starts=3)
    )


def test_one_column_and_one_cluster():
    table = blobs_table(50, 1, 1)
    clustered = cluster_table(table, fit_preparation(table.frame), TableOptions.of(n_clusters=1))
    assert np.isnan(clustered.silhouette)
    assert clustered.report()["silhouette"] is None
    points, centers, _ = clustered.principal_components
    assert points.shape == (50, 2)
    assert_array_equal(points[:, 1], 0)
    assert centers.shape == (1, 2)


def test_one_row():
    frame = pd.DataFrame({"x": [3.0], "y": [4.0]})
    clustered = cluster_table(Table(frame, "t"), fit_preparation(frame), TableOptions.of(n_clusters=1))
    assert clustered.labels.tolist() == [0]
    assert clustered.centers.to_numpy().tolist() == [[3.0, 4.0]]
    assert clustered.principal_components[0].shape == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"n_clusters": 151}, TableError, "n_clusters=151 is more than the 150 rows to cluster; use fewer"),
        ({"n_clusters": 0}, OptionError, "n_clusters=0 is not allowed"),
        ({"n_clusters": 2, "precision": "float16"}, OptionError, "use one of: float64, float32"),
        ({"n_clusters": 2, "starts": 0}, OptionError, "starts=0 is not allowed; give a whole number from 1"),
        ({"n_clusters": 2, "backend": "gpu"}, OptionError, "backend='gpu' is unknown"),
    ],
)
def test_bad_arguments(arguments, error, said):
    table = sample_table("iris")
    with pytest.raises(error, match=said):
        cluster_table(table, fit_preparation(table.frame), TableOptions.of(**arguments))


def test_a_model_comes_back_the_same_and_labels_the_same():
    frame = sample_table("wine").frame.assign(color=["red", "white"] * 89)
    frame.loc[3, "alcohol"] = np.nan
    options = PrepareOptions("median", "standard", outliers=2.0)
    preparation = fit_preparation(frame, ["alcohol", "hue", "color"], options)
    clustered = cluster_table(Table(frame, "wine.csv"), preparation, TableOptions.of(n_clusters=4))
    text = clustered.model().to_json()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    model = TableModel.from_json(text)
    assert model.preparation == preparation
    assert_array_equal(model.centers, clustered.result.centers)
    labels, notes = model.label(frame)
    pd.testing.assert_series_equal(labels, clustered.labels)
    assert any(note.startswith("Not labelled: 0 rows with missing values, ") for note in notes)
    assert model.about["table"] == "wine.csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is a damaged model"),
        ("[1]", "is not a model saved by K-means Studio"),
        ('{"kind": "other"}', "is not a model saved"),
        (
            '{"kind": "K-means Studio table model", "version": 9}',
            "has version 9, and this program reads version 1",
        ),
        ('{"kind": "K-means Studio table model", "version": 1}', "is a damaged model"),
        (b"\xff\xfe\x00", "is a damaged model"),
        ("[" * 200_000, "is a damaged model"),
    ],
)
def test_files_that_are_no_models(text, said):
    with pytest.raises(TableError, match=said):
        TableModel.from_json(text, "m.json")


@pytest.mark.parametrize(
    "change",
    [
        {"centers": [[1, 2, 3]]},
        {"centers": []},
        {"centers": [["x"]]},
        {"centers": [[10**400]]},
        {"centers": [[], []], "columns": []},
        {"columns": [{"kind": "number"}]},
        {
            "columns": [
                {
                    "kind": "number",
                    "name": "x",
                    "fill": None,
                    "low": None,
                    "high": None,
                    "center": 0,
                    "scale": 0,
                }
            ]
        },
    ],
)
def test_models_that_were_meddled_with(change):
    frame = pd.DataFrame({"x": [1.0, 2.0, 9.0]})
    model = cluster_table(Table(frame, "t"), fit_preparation(frame), TableOptions.of(n_clusters=2)).model()
    broken = json.dumps({**json.loads(model.to_json()), **change})
    with pytest.raises(TableError, match="is a damaged model"):
        TableModel.from_json(broken)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name):
    table = sample_table(name)
    assert table.frame["known"].nunique() == SAMPLES[name].k
    assert (
        cluster_table(
            table, fit_preparation(table.frame), TableOptions.of(n_clusters=SAMPLES[name].k)
        ).silhouette
        > 0.2
    )


def test_blobs():
    table = blobs_table(300, 4, 5, seed=2)
    assert table.frame.shape == (300, 5)
    assert table.frame["known"].nunique() == 5
    for wrong in ((0, 1, 1), (5, 1, 6), (10_000_000, 10, 3)):
        with pytest.raises(OptionError, match="are not allowed; give 1 or more of each"):
            blobs_table(*wrong)
    with pytest.raises(OptionError, match="sample='x' is unknown; use one of: iris"):
        sample_table("x")
