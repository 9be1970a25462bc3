"""The Tables page in real Chromium: an upload, a download, links, a job that is stopped, a phone."""

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from kmeans_core.__main__ import main
from kmeans_core.tables.samples import sample_table
from tests.browser.steps import choose, settled
from tests.conftest import require

pytestmark = pytest.mark.browser


def visit(page: Page, app, query: str = "", heading: str = "Iris flowers in 3 clusters") -> None:
    page.goto(f"{app.url}/tables{query}")
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=60_000)
    settled(page)


def test_the_download_is_what_the_command_line_writes(page, app, tmp_path):
    source = tmp_path / "iris.csv"
    sample_table("iris").frame.to_csv(source, index=False)
    target = tmp_path / "out.csv"
    assert main(["table", str(source), "-k", "3", "--output", str(target)]) == 0
    visit(page, app)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "iris-3-clusters.csv"
    pd.testing.assert_frame_equal(pd.read_csv(download.value.path()), pd.read_csv(target))


def test_upload_prepare_and_keep_the_link(page, app, tmp_path):
    frame = pd.DataFrame({"size": [1.0, 1.1, None, 9.0, 9.2, 9.1], "kind": list("aabbba")})
    path = tmp_path / "things.csv"
    frame.to_csv(path, index=False)
    visit(page, app, "?clusters=2", "Iris flowers in 2 clusters")
    page.locator('input[type="file"]').first.set_input_files(path)
    expect(page.get_by_role("heading", name="things in 2 clusters")).to_be_visible()
    page.get_by_text("Preparation", exact=True).first.click()
    choose(page, "Missing values", "Fill in the median")
    expect(page).to_have_url(re.compile(r"missing=median"))
    expect(page.get_by_test_id("stMetric").first).to_contain_text("6")


def test_a_link_reproduces_the_result(page, app):
    query = "?table=Wines&clusters=4&scaling=0+to+1&columns=alcohol&columns=hue&table_tab=Rows"
    visit(page, app, query, "Wines in 4 clusters")
    expect(page.get_by_text("wine.csv · 178 rows · by alcohol, hue")).to_be_visible()
    expect(page.get_by_text("Clusters against what is known")).to_be_visible()
    page.get_by_role("button", name="Copy link").click()
    address = page.evaluate("navigator.clipboard.readText()")
    for part in ("table=Wines", "clusters=4", "columns=alcohol", "columns=hue"):
        assert part in address


def test_a_click_on_the_curve_chooses_that_number(page, app):
    visit(page, app)
    expect(page.get_by_text("Try 2 clusters")).to_be_visible()
    point = page.locator(".js-plotly-plot .scatterlayer .trace").first.locator(".point").nth(1)
    box = point.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Iris flowers in 2 clusters")).to_be_visible()
    expect(page.get_by_text("2 clusters it is")).to_be_visible()


def test_dask_works_in_the_background_and_can_be_stopped(page, app):
    require("dask")
    visit(page, app, "?table=Blobs&blob_rows=100000&blob_columns=20&blob_centers=9", "Blobs in 3 clusters")
    field = page.get_by_role("spinbutton", name="Clusters")
    choose(page, "Backend", "Dask")
    field.fill("40")
    field.press("Enter")
    expect(page.get_by_text(re.compile(r"Dask: iteration \d+"))).to_be_visible(timeout=90_000)
    expect(page.get_by_role("heading", name="Blobs in 3 clusters")).to_be_visible()  # the old one stays
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Run again")).to_be_visible(timeout=15_000)
