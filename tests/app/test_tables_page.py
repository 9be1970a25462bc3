"""The Tables page without a browser: settings, uploads, links, jobs and what goes wrong."""

import io
from functools import partial

import numpy as np
import pandas as pd
import pytest

from kmeans_core.jobs.job import JobState
from kmeans_core.tables.clustered import cluster_table
from kmeans_core.tables.load import Table
from kmeans_core.tables.options import PrepareOptions, TableOptions
from kmeans_core.tables.preparation_fit import fit_preparation
from kmeans_core.tables.samples import sample_table
from tests.app import pages
from tests.app.pages import healthy, texts
from tests.conftest import require

open_page = partial(pages.open_page, "tables")


def metric(app, label):
    return next(element.value for element in app.metric if element.label == label)


def upload(app, name, data, key="table_upload"):
    app.file_uploader(key=key).upload(name, data, "application/octet-stream")
    return healthy(app.run())


def csv_of(frame):
    return frame.to_csv(index=False).encode()


def test_a_finished_result_without_a_click():
    app = open_page()
    assert texts(app, "title") == ["Iris flowers in 3 clusters"]
    assert metric(app, "Rows") == "150"
    assert metric(app, "Silhouette") == "0.46"
    assert any(text.startswith("**Try 2 clusters**") for text in texts(app, "markdown"))
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("tab", ["Clusters", "Parallel coordinates", "Rows", "Preparation", "Model"])
@pytest.mark.parametrize("table", ["Wines", "Breast tumors", "Blobs"])
def test_every_tab_of_every_table(tab, table):
    app = open_page(table=table, table_tab=tab)
    assert texts(app, "title") == [f"{table} in 3 clusters"]
    assert not app.error


def test_settings_and_their_effect():
    app = open_page(table="Wines")
    app.number_input(key="clusters").set_value(5)
    app.selectbox(key="scaling").set_value("minmax")
    app.selectbox(key="missing").set_value("median")
    app.toggle(key="drop_outliers").set_value(True)
    app = healthy(app.run())
    assert texts(app, "title") == ["Wines in 5 clusters"]
    assert int(metric(app, "Rows")) < 178
    wine = sample_table("wine")
    prepare = PrepareOptions("median", "minmax", outliers=3.0)
    expected = cluster_table(wine, fit_preparation(wine.frame, None, prepare), TableOptions.of(n_clusters=5))
    assert metric(app, "Rows") == str(len(expected.prepared.rows))
    assert metric(app, "Inertia") == f"{expected.result.inertia:.1f}"


def test_columns_are_part_of_the_link():
    app = open_page(columns=["petal length (cm)", "known", "nonsense"])
    assert app.multiselect[0].value == ["petal length (cm)", "known"]
    assert app.query_params["columns"] == ["petal length (cm)", "known"]
    app.multiselect[0].set_value(["petal width (cm)"])
    app = healthy(app.run())
    assert app.query_params["columns"] == "petal width (cm)"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"clusters": "0"}, "clusters=`0`, which is not allowed; give a whole number from 1 to 50"),
        ({"table": "Whales"}, "table=`Whales`, which is not allowed; use one of: Iris flowers"),
        ({"scaling": "log"}, "scaling=`log`, which is not allowed"),
        ({"table_backend": "GPU"}, "table_backend=`GPU`, which is not allowed; use one of: numpy"),
        ({"blob_rows": "1e9"}, "blob_rows=`1e9`, which is not allowed"),
    ],
)
def test_links_that_ask_for_the_impossible(parameters, said):
    app = open_page(**parameters)
    assert any(said in text for text in texts(app, "warning"))
    assert not app.error


def test_rows_that_are_left_out_are_counted_where_rows_are():
    frame = pd.DataFrame({"a": [1.0, 2.0, None, 8.0, 9.0, 7.0], "b": [1.0, None, 3.0, 4.0, 5.0, 6.0]})
    app = upload(open_page(), "holes.csv", csv_of(frame))
    rows = next(element for element in app.metric if element.label == "Rows")
    assert (rows.value, rows.delta) == ("4", "2 left out")
    assert app.selectbox(key="table").disabled  # the file takes the place of the samples


def test_an_upload():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 3)), columns=["a", "b", "c"])
    frame.loc[:39, "a"] += 30
    app = open_page()
    app.number_input(key="clusters").set_value(2)
    app = upload(app, "mine.csv", csv_of(frame))
    assert texts(app, "title") == ["mine in 2 clusters"]
    assert next(box for box in app.multiselect if box.label == "Columns").value == ["a", "b", "c"]


BAD = {
    "empty.csv": b"",
    "words.csv": b"name\n" + b"\n".join(f"person {i}".encode() for i in range(99)),
    "nothing.csv": b"x,y\nNaN,\n,NaN\n",
    "infinite.csv": b"x,y\n1,2\ninf,3\n4,5\n6,7\n",
    "mixed.csv": "x,y\nä,1\n".encode() + "ü,2\n".encode("cp1252"),
    "ragged.csv": b"a,b,c\n1,2,3\n4,5\n",
    "wide.csv": (",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join(["1"] * 10_000)).encode(),
    "picture.csv": b"\x89PNG\r\n\x1a\n\0\0\0",
    "broken.parquet": b"PAR1",
    "broken.xlsx": b"PK\x03\x04",
    "one.csv": b"x,y\n1.5,2.5\n",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_said_and_the_last_result_stays(name):
    app = open_page()
    app = upload(app, name, BAD[name])
    assert texts(app, "title") == ["Iris flowers in 3 clusters"]
    assert len(app.error) == 1
    assert app.error[0].value.endswith((".", "anew.", "quotes."))
    app.file_uploader(key="table_upload").clear()
    app = healthy(app.run())
    assert not app.error


def test_more_clusters_than_rows():
    app = open_page(clusters="40")
    app = upload(app, "few.csv", b"x,y\n1,2\n3,4\n5.5,6\n")
    assert "n_clusters=40 is more than the 3 rows to cluster" in app.error[0].value
    app.number_input(key="clusters").set_value(2)
    app = healthy(app.run())
    assert texts(app, "title") == ["few in 2 clusters"]
    assert not app.error


def test_no_column_chosen():
    app = open_page()
    app.multiselect[0].set_value([])
    app = healthy(app.run())
    assert "No column is chosen" in app.error[0].value
    assert texts(app, "title") == ["Iris flowers in 3 clusters"]


def test_delimiter_and_sheet_can_be_chosen():
    app = upload(open_page(), "mine.csv", b"a;b\n1,5;2\n3,5;4\n9,5;9\n")
    assert "Commas in numbers were read as decimal commas." in " ".join(texts(app, "caption"))
    app.selectbox(key="table_delimiter").set_value(",")
    app = healthy(app.run())
    assert len(app.error) == 1
    book = io.BytesIO()
    with pd.ExcelWriter(book) as writer:
        pd.DataFrame({"x": [1.0, 2, 9]}).to_excel(writer, sheet_name="First", index=False)
        pd.DataFrame({"y": [1.0, 2, 3, 9]}).to_excel(writer, sheet_name="Second", index=False)
    app = upload(open_page(clusters="2"), "book.xlsx", book.getvalue())
    assert metric(app, "Rows") == "3"
    sheet = next(box for box in app.selectbox if box.label == "Sheet")
    sheet.set_value("Second")
    assert metric(healthy(app.run()), "Rows") == "4"


def test_a_saved_model_labels_another_table():
    frame = pd.DataFrame({"x": [0.0, 0.1, 9.0, 9.1]})
    model = (
        cluster_table(Table(frame, "t.csv"), fit_preparation(frame), TableOptions.of(n_clusters=2))
        .model()
        .to_json()
    )
    app = open_page(clusters="2", table_tab="Model")
    app = upload(app, "new.csv", b"x,z\n0.2,1\n8.9,2\n,3\n")
    app = upload(app, "m.json", model.encode(), key="model_upload")
    assert "2 rows labelled" in app.success[0].value
    assert "Not labelled: 1 row with missing values, 0 outliers." in app.success[0].value
    app = upload(app, "bad.json", b"{}", key="model_upload")
    assert "is not a model saved by K-means Studio" in app.error[0].value


@pytest.mark.parametrize("backend", ["dask", pytest.param("spark-rdd", marks=pytest.mark.spark)])
def test_distributed_backends_work_in_the_worker(backend):
    require(backend)
    app = open_page()
    app.selectbox(key="table_backend").set_value(backend)
    app.selectbox(key="table_init").set_value("k-means||")
    app = healthy(app.run())
    assert texts(app, "title") == ["Iris flowers in 3 clusters"]  # of Numba, until the other is there
    job = app.session_state["job_slot_table"][1]
    assert job.wait(120)
    assert job.state is JobState.DONE
    app = healthy(app.run())
    assert metric(app, "Rows") == "150"
    assert float(metric(app, "Inertia")) < 200


def test_a_large_table_asks_before_it_compares():
    app = open_page(table="Blobs", blob_rows="40000", blob_columns="8")
    if app.session_state.get("job_slot_table"):
        assert app.session_state["job_slot_table"][1].wait(120)
        app = healthy(app.run())
    assert texts(app, "title") == ["Blobs in 3 clusters"]
    app.button(key="sweep_asked").click()
    app = healthy(app.run())
    assert app.session_state["job_slot_sweep"][1].wait(180)
    app = healthy(app.run())
    assert any("clusters" in text and text.startswith("**Try") for text in texts(app, "markdown"))


def test_what_a_column_holds_can_be_overruled():
    rows = "".join(f"{code},{'some' if code % 3 else code}\n" for code in range(100, 140))
    app = upload(open_page(clusters="2"), "codes.csv", b"code,x\n" + rows.encode())
    by_label = {box.label: box for box in app.multiselect}
    assert by_label["Columns"].value == ["code"]
    by_label["Read as numbers"].set_value(["x"])
    by_label["Read as text"].set_value(["code"])
    app = healthy(app.run())
    assert next(box for box in app.multiselect if box.label == "Columns").value == ["x"]
    assert "In x, 27 cells are no numbers and left out as missing" in " ".join(texts(app, "caption"))
