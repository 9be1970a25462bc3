"""What several browser tests do with a page."""

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as NotThereError


def settled(page: Page) -> None:
    """Waits until the page has run to its end."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def choose(page: Page, label: str, option: str) -> None:
    """A list that opens just as the page runs again is closed by that, and opened once more."""
    for _ in range(8):
        settled(page)
        page.get_by_role("combobox", name=re.compile(label)).first.click()
        try:
            page.get_by_role("option", name=option, exact=True).click(timeout=3000)
            return
        except NotThereError:
            page.keyboard.press("Escape")
    pytest.fail(f"{label} does not offer {option}")
