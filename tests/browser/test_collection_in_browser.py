"""The Collection page in real Chromium: fifty uploads, one of them corrupt; stopped, and gone on with."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.server import App
from tests.browser.steps import settled
from tests.collections.pictures import write_folder, write_picture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def fifty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fifty")
    for seed in range(49):
        write_picture(folder / f"{seed:02}.png", seed, size=(400, 300))
    (folder / "corrupt.png").write_bytes((folder / "00.png").read_bytes()[:5000])
    return sorted(folder.iterdir())


def test_fifty_uploads_stopped_and_gone_on_with(page, app, fifty):
    # Slow enough to be stopped.
    page.goto(f"{app.url}/collection?collection_palettes=both&collection_effort=balanced")
    expect(page.get_by_role("heading", name="10 samples in the same 16 colors")).to_be_visible(timeout=60_000)
    page.locator('input[type="file"]').first.set_input_files(fifty)
    expect(page.get_by_text(re.compile(r"writing, \d\d? of 50 pictures"))).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"writing, [1-9]\d? of 50 pictures"))).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Run again").click(timeout=60_000)
    expect(page.get_by_role("heading", name="50 pictures in the same 16 colors")).to_be_visible(
        timeout=120_000
    )
    expect(page.get_by_text(re.compile(r"\d+ pictures had been written before"))).to_be_visible()
    expect(page.get_by_text("corrupt.png is damaged or cut short").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download ZIP").click()
    assert download.value.suggested_filename == "pictures-16-colors.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
    assert sum(name.startswith("shared/") for name in names) == 49
    assert sum(name.startswith("own/") for name in names) == 49


def test_a_folder_of_the_server_and_nothing_beside_it(page, tmp_path):
    write_folder(tmp_path / "opened" / "some")
    write_picture(tmp_path / "secret" / "x.png", 1)
    app = App(KMEANS_COLLECTION_ROOTS=str(tmp_path / "opened"))
    try:
        page.goto(f"{app.url}/collection?collection_from=opened&collection_folder=some")
        heading = page.get_by_role("heading", name="12 pictures in the same 16 colors")
        expect(heading).to_be_visible(timeout=60_000)
        field = page.get_by_role("textbox", name="Folder below it")
        field.fill("../secret")
        field.press("Enter")
        expect(page.get_by_text("is no folder below opened; name one that is")).to_be_visible()
        expect(heading).to_be_visible()  # the last good result stays
        settled(page)
    finally:
        page.goto("about:blank")
        app.close()
