"""The Batch page without a browser."""

import io
import zipfile

from kmeans_core import load_picture, quantize
from tests.app.pages import healthy, metrics, open_page, run_until, texts
from tests.conftest import ASSETS

CAT = (ASSETS / "samples" / "cat.png").read_bytes()
HORSE = (ASSETS / "samples" / "horse.png").read_bytes()


def uploaded(app, *files):
    for file in files:
        app.file_uploader[0].upload(*file)
    return healthy(app.run())


def finished(app):
    return "batch_last" in app.session_state and not any(one.key == "batch_panel_stop" for one in app.button)


def test_the_samples_are_there_without_a_click():
    app = run_until(open_page("batch"), finished)
    assert texts(app, "title") == ["10 samples in 8 and 32 colors"]
    table = app.dataframe[0].value
    assert len(table) == 20
    assert metrics(app)["Results"] == "20"
    row = table[(table["File"] == "cat.png") & (table["Colors"] == 32)].iloc[0]
    expected = quantize(load_picture(CAT), 32)
    assert row["MSE"] == expected.quality.mse
    assert row["Size after"] == len(expected.png_bytes())
    assert row["After"].startswith("data:image/png;base64,")


def test_own_pictures_a_bad_one_among_them_and_one_palette():
    app = open_page("batch", batch_shared="true")
    files = [
        ("cat.png", CAT, "image/png"),
        ("bad.png", b"words", "image/png"),
        ("horse.png", HORSE, "image/png"),
    ]
    uploaded(app, *files)
    run_until(app, lambda app: texts(app, "title") == ["3 pictures in 8 and 32 colors"])
    table = app.dataframe[0].value
    assert table["File"].tolist() == ["cat.png", "cat.png", "bad.png", "horse.png", "horse.png"]
    assert "bad.png is not a picture that can be read" in table["Error"][2]
    assert "bad.png is not a picture that can be read" in app.error[0].value
    assert "Has transparency" in table["Notes"][3]
    with zipfile.ZipFile(io.BytesIO(app.session_state["batch_last"].result.archive)) as archive:
        assert len(archive.namelist()) == 5
        report = archive.read("report.csv").decode()
    assert report.count("\n") == 6


def test_no_number_of_colors():
    app = run_until(open_page("batch"), finished)
    healthy(app.multiselect(key="batch_colors").set_value([]).run())
    assert texts(app, "info") == ["Choose at least one number of colors."]
    assert texts(app, "title") == ["10 samples in 8 and 32 colors"]


def test_nonsense_in_a_link():
    app = open_page("batch", batch_colors="7", batch_format="JPEG")
    assert sum("which is not allowed" in text for text in texts(app, "warning")) == 2


def test_too_many_files(monkeypatch):
    monkeypatch.setattr("pages.components.batch.settings.MAX_FILES", 1)
    app = open_page("batch")
    uploaded(app, ("cat.png", CAT, "image/png"), ("horse.png", HORSE, "image/png"))
    assert "2 files of 0 MB are more than this page may hold, 1 files of 300 MB" in app.error[0].value
