"""Files are opened from anywhere on a page: dropped, pasted, or chosen where the drawer is closed."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_quantize_in_browser import visit
from tests.conftest import ASSETS

pytestmark = pytest.mark.browser

CAT, HORSE = ASSETS / "samples" / "cat.png", ASSETS / "samples" / "horse.png"
# What an operating system's drag and clipboard look like to a page.
_EVENT = """(target, [type, files]) => {
    const transfer = new DataTransfer();
    for (const [name, content] of files)
        transfer.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
    const event = type === "paste"
        ? new ClipboardEvent(type, { clipboardData: transfer, bubbles: true, cancelable: true })
        : new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
}"""


def bring(page: Page, how: str, *paths: Path) -> None:
    files = [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in paths]
    page.locator("h1").evaluate(_EVENT, [how, files])


def test_a_picture_is_dropped_and_another_pasted_anywhere(page: Page, app) -> None:
    visit(page, app)
    bring(page, "dragover", CAT)
    expect(page.get_by_text("Drop it to open it")).to_be_visible()
    bring(page, "drop", CAT, HORSE)
    expect(page.get_by_role("heading", name="cat in 5 colors", exact=True)).to_be_visible()
    expect(page.get_by_text("Opening cat.png; this page shows one at a time.")).to_be_visible()
    expect(page.get_by_text("Drop it to open it")).to_be_hidden()
    bring(page, "paste", HORSE)
    expect(page.get_by_role("heading", name="horse in 5 colors", exact=True)).to_be_visible()


def test_a_phone_needs_no_drawer(chromium: Browser, app) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    visit(page, app)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open picture").tap()
    chooser.value.set_files(CAT)
    expect(page.get_by_role("heading", name="cat in 5 colors", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stHeaderLogo")).to_be_in_viewport()
    for control in (
        page.get_by_role("slider", name="Colors", exact=True),
        page.get_by_role("group", name="Palette of"),
        page.get_by_role("button", name="Download PNG"),
        page.locator("img.after"),
    ):
        expect(control).to_be_in_viewport()
    page.close()


def test_several_files_go_where_several_are_taken(page: Page, app) -> None:
    page.goto(f"{app.url}/batch")
    expect(page.get_by_role("button", name="Open pictures")).to_be_visible(timeout=60_000)
    bring(page, "drop", CAT, HORSE)
    expect(page.get_by_role("heading", name="2 pictures")).to_be_visible(timeout=60_000)
