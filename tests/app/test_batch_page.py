"""The Batch page without a browser."""

import io
import zipfile

import pytest

from kmeans_core import load_picture, quantize
from kmeans_core.wording import count_text
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
    assert row["KB after"] == pytest.approx(len(expected.png_bytes()) / 1000)
    assert row["After"].startswith("data:image/png;base64,")


def test_own_pictures_a_bad_one_among_them_and_one_palette():
    app = open_page("batch", batch_shared="true")
    files = [
        ("cat.png", CAT, "image/png"),
        ("bad.png", b"words", "image/png"),
        ("horse.png", HORSE, "image/png"),
    ]
    uploaded(app, *files)
    run_until(app, lambda app: texts(app, "title") == ["2 of 3 pictures in 8 and 32 colors"])
    table = app.dataframe[0].value
    assert table["File"].tolist() == ["cat.png", "cat.png", "bad.png", "horse.png", "horse.png"]
    assert "bad.png is not a picture that can be read" in table["Error"][2]
    assert "bad.png is not a picture that can be read" in app.error[0].value
    assert "Has transparency" in table["Notes"][3]
    with zipfile.ZipFile(io.BytesIO(app.session_state["batch_last"].result.archive)) as archive:
        assert {"palette-8.gpl", "palette-32.gpl"} < set(archive.namelist())
        assert len(archive.namelist()) == 7
        report = archive.read("report.csv").decode()
    assert report.count("\n") == 6


def test_any_numbers_of_colors_and_none():
    app = open_page("batch", batch_colors="7")
    uploaded(app, ("horse.png", HORSE, "image/png"))
    run_until(app, lambda app: texts(app, "title") == ["1 picture in 7 colors"])
    healthy(app.text_input(key="batch_colors").set_value("12; 3 12").run())
    run_until(app, lambda app: texts(app, "title") == ["1 picture in 3 and 12 colors"])
    for text, said in (("", "are missing"), ("5, 300", "have '300'"), ("five", "have 'five'")):
        healthy(app.text_input(key="batch_colors").set_value(text).run())
        assert f"Numbers of colors {said}; give whole numbers from 1 to 256" in app.error[0].value
        assert texts(app, "title") == ["1 picture in 3 and 12 colors"]


def test_what_is_done_when_it_is_stopped_stays():
    app = open_page("batch", batch_colors="200, 201, 202, 203, 204, 205, 206, 207")
    run_until(app, lambda app: app.session_state["job_slot_batch"][1].parts)
    app.button(key="batch_panel_stop").click()
    run_until(app, lambda app: any("Stopped: " in text for text in texts(app, "info")))
    result = app.session_state["batch_last"].result
    n_done = len(result.lines)
    assert 0 < n_done < 80
    assert texts(app, "info") == [f"Stopped: {count_text(n_done, 'result')} of 80 are here."]
    with zipfile.ZipFile(io.BytesIO(result.archive)) as archive:
        assert len(archive.namelist()) == n_done + 1
    healthy(app.button(key="batch_again").click().run())
    assert any(one.key == "batch_panel_stop" for one in app.button)


def test_nonsense_in_a_link():
    app = open_page("batch", batch_format="JPEG")
    assert sum("which is not allowed" in text for text in texts(app, "warning")) == 1


def test_too_many_files(monkeypatch):
    monkeypatch.setattr("pages.components.batch.settings.MAX_FILES", 1)
    app = open_page("batch")
    uploaded(app, ("cat.png", CAT, "image/png"), ("horse.png", HORSE, "image/png"))
    assert "2 files of 0 MB are more than this page may hold, 1 files of 300 MB" in app.error[0].value
