"""What newcomers see first: soon, and without anything moving about."""

import pytest
from playwright.sync_api import expect

from tests.browser.perceived import perceived, watch
from tests.browser.test_quantize_in_browser import settled

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["", "?picture=horse&colors=64"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_hardly_anything_moves_while_a_page_comes(chromium, app, path, width, height):
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    watch(page)
    page.goto(f"{app.url}/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    page.wait_for_load_state("networkidle")
    seen = perceived(page)
    assert seen.layout_shift <= 0.1, seen
    assert seen.first_paint > 0
    context.close()
