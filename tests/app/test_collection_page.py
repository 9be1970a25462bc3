"""The Collection page without a browser."""

import io
import os
import zipfile

import pytest

from kmeans_core.collections.files import PICTURE_SUFFIXES
from pages.components.collection.places import roots
from pages.components.shared.samples import UPLOADS
from tests.app.pages import healthy, metrics, open_page, run_until, texts
from tests.collections.pictures import write_folder, write_picture
from tests.conftest import ASSETS

CAT = (ASSETS / "samples" / "cat.png").read_bytes()


def finished(app):
    running = any(one.key == "collection_panel_stop" for one in app.button)
    return "collection_last" in app.session_state and not running


def result(app):
    return app.session_state["collection_last"].result


def test_the_samples_are_there_without_a_click():
    app = run_until(open_page("collection"), finished)
    assert texts(app, "title") == ["10 samples in the same 16 colors"]
    assert metrics(app)["Pictures"] == "10"
    errors = app.dataframe[0].value["MSE"].tolist()
    assert len(errors) == 10
    assert errors == sorted(errors, reverse=True)
    with zipfile.ZipFile(io.BytesIO(result(app).archive)) as archive:
        names = archive.namelist()
    assert {"manifest.parquet", "palette.json", "cat.png"} <= set(names)
    assert len(names) == 12
    # Another number of colors counts nothing again.
    healthy(app.slider(key="collection_colors").set_value(4).run())
    run_until(app, lambda app: texts(app, "title") == ["10 samples in the same 4 colors"])
    assert result(app).report.n_counted == 0
    assert result(app).report.n_written == 10


def test_own_pictures_with_one_name_and_a_bad_one():
    app = open_page("collection", collection_groups="2")
    for name in ("cat.png", "cat.png", "bad.png"):
        app.file_uploader[0].upload(name, b"words" if name == "bad.png" else CAT, "image/png")
    healthy(app.run())
    run_until(app, lambda app: texts(app, "title") == ["3 pictures in the same 16 colors"])
    assert "bad.png is not a picture that can be read" in app.error[0].value
    assert metrics(app)["Pictures"] == "2"
    assert {one.values["name"] for one in result(app).worst} == {"cat.png", "cat-2.png"}
    assert len(result(app).groups) == 1  # both are the same


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("KMEANS_COLLECTION_ROOTS", str(tmp_path / "opened"))
    write_folder(tmp_path / "opened" / "some")
    write_picture(tmp_path / "secret" / "x.png", 1)
    (tmp_path / "opened" / "some" / "link.png").symlink_to(tmp_path / "secret" / "x.png")
    (tmp_path / "opened" / "out").symlink_to(tmp_path / "secret")
    return tmp_path / "opened"


def test_a_folder_of_the_server(root):
    app = run_until(open_page("collection", collection_from="opened", collection_folder="some"), finished)
    assert texts(app, "title") == ["13 pictures in the same 16 colors"]
    assert "link.png leads out of the folders that may be read" in app.error[0].value
    assert {path.name for path in root.rglob("*")} >= {"a.png", "link.png"}
    assert not list(root.rglob(".collection"))


@pytest.mark.parametrize(
    "folder", ["../secret", "/etc", "nowhere", "out", "some/../../secret", "a\0b", "a" * 300]
)
def test_folders_that_may_not_be_read(root, folder):
    app = open_page("collection", collection_from="opened", collection_folder=folder)
    assert (
        app.error[0]
        .value.replace("\\", "")
        .endswith("is no folder below opened; name one that is, or nothing for all.")
    )
    assert "collection_last" not in app.session_state


def test_nothing_of_the_server_can_be_read_unless_it_is_opened(root, monkeypatch):
    monkeypatch.delenv("KMEANS_COLLECTION_ROOTS")
    app = open_page("collection", collection_from="opened", collection_folder="some")
    assert any("which is not allowed" in text for text in texts(app, "warning"))
    run_until(app, finished)
    assert texts(app, "title") == ["10 samples in the same 16 colors"]


def test_a_palette_for_each():
    app = run_until(open_page("collection", collection_palettes="own"), finished)
    assert texts(app, "title") == ["10 samples, a palette for each"]
    assert "Distinct colors" not in metrics(app)


def test_roots_of_the_same_name(tmp_path, monkeypatch):
    for name in ("a/photos", "b/photos", "uploads"):
        write_picture(tmp_path / name / "x.png", 1)
    paths = [str(tmp_path / name) for name in ("a/photos", "b/photos", "uploads", "nowhere")]
    monkeypatch.setenv("KMEANS_COLLECTION_ROOTS", os.pathsep.join(paths))
    assert list(roots()) == ["photos", "photos-2", "uploads-2"]
    app = run_until(open_page("collection", collection_from="uploads-2"), finished)
    assert texts(app, "title") == ["1 picture in the same 16 colors"]


def test_names_that_no_file_system_takes(monkeypatch):
    app = open_page("collection")
    for name in ("a" * 300 + ".png", "ü" * 200 + ".png"):
        app.file_uploader[0].upload(name, CAT, "image/png")
    healthy(app.run())
    run_until(app, lambda app: texts(app, "title") == ["2 pictures in the same 16 colors"])


def test_whatever_may_be_uploaded_is_a_picture():
    assert {f".{kind}" for kind in UPLOADS} <= set(PICTURE_SUFFIXES)
