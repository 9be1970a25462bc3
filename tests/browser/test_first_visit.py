"""What newcomers see first: soon, and without anything moving about."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.perceived import Perceived, perceived, watch
from tests.browser.test_quantize_in_browser import settled

pytestmark = pytest.mark.browser


def visited(chromium: Browser, address: str, width: int, height: int) -> Perceived:
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    watch(page)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    page.wait_for_load_state("networkidle")
    seen = perceived(page)
    context.close()
    return seen


@pytest.mark.parametrize("query", ["", "?picture=horse&colors=64"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_hardly_anything_moves_while_a_page_comes(chromium, app, query, width, height):
    seen = []
    for _ in range(3):  # on a busy machine parts of a page come one by one that else come together
        seen.append(visited(chromium, f"{app.url}/{query}", width, height))
        if seen[-1].layout_shift <= 0.1:
            break
    assert min(one.layout_shift for one in seen) <= 0.1, seen
    assert all(one.first_paint > 0 for one in seen)
