"""Whatever goes wrong on a page is one sentence with a number, and the cause is in the log."""

import re

import pytest

from pages.components.shared.unforeseen import UNFORESEEN
from tests.app.pages import healthy, open_page, texts


def broken(*_, **__):
    raise ZeroDivisionError("nobody thought of this")


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("quantize", "pages.components.quantize.view.show_metrics"),
        ("batch", "pages.components.batch.settings.choose_batch_settings"),
        ("collection", "pages.components.collection.settings.roots"),
        ("benchmark", "pages.components.benchmark.panel.run_panel"),
        ("tables", "pages.components.tables.view.show"),
        ("learn", "pages.components.learn.tabs.learn_tabs"),
    ],
)
def test_a_sentence_with_a_number_that_is_in_the_log(monkeypatch, caplog, page, part):
    app = open_page(page)
    monkeypatch.setattr(part, broken)
    app.run()
    (error,) = app.error
    assert error.value.startswith(UNFORESEEN)
    number = re.search("under the number ([0-9a-f]{8})", error.value)[1]
    assert f"Unforeseen error {number}" in caplog.text
    assert "nobody thought of this" in caplog.text
    assert not app.exception  # Streamlit's own box
    monkeypatch.undo()
    healthy(app.run())


def test_the_last_good_result_stays(monkeypatch):
    app = open_page(picture="cat")
    monkeypatch.setattr("kmeans_core.images.stages.fit_points", broken)
    # A number that no other test has had computed.
    app.number_input(key="colors").set_value(91).run()
    assert [error.value[: len(UNFORESEEN)] for error in app.error] == [UNFORESEEN]
    assert texts(app, "title") == ["Cat in 5 colors"]
    monkeypatch.undo()
    app.number_input(key="colors").set_value(92)
    assert texts(healthy(app.run()), "title") == ["Cat in 92 colors"]
