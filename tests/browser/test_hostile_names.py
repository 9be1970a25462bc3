"""Names of files and columns, and what links ask for, never become links, pictures or scripts."""

import io
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.steps import settled

pytestmark = pytest.mark.browser

SITE = "http://hostile.example"
NAMES = [
    f"![]({SITE}/a.png)",
    f"[Sign in again]({SITE})",
    f'<a href="{SITE}">x</a>',
    f'<img src="{SITE}/b.png" onerror="window.ran = 1">',
    f"{SITE}/c",
    "$x$ :red[y] ` **z**",
]


@pytest.fixture
def asked(page):
    """Every address that the page asks for."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


def expect_harmless(page: Page, asked: list[str]) -> None:
    settled(page)
    assert page.locator('a[href*="hostile"], img[src*="hostile"], image[href*="hostile"]').count() == 0
    assert not [url for url in asked if url.startswith(SITE)]
    assert page.evaluate("window.ran") is None


def test_a_table(page, app, asked, tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=40) for name in NAMES})
    frame["words"] = "x"
    path = tmp_path / "[Sign in again](hostile).csv"
    frame.to_csv(path, index=False)
    page.goto(f"{app.url}/tables")
    expect(page.get_by_role("heading", name="Iris flowers in 3 clusters")).to_be_visible(timeout=60_000)
    settled(page)
    page.locator('input[type="file"]').first.set_input_files(path)
    expect(page.get_by_role("heading", name="[Sign in again](hostile) in 3 clusters")).to_be_visible()
    for tab in page.get_by_role("tab").all():
        tab.click()
        expect_harmless(page, asked)
    assert page.locator('a[href*="hostile"]').count() == 0


def test_a_picture(page, app, asked):
    file = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(file, "PNG")
    page.goto(app.url)
    expect(page.get_by_role("heading", name="Raccoon in 5 colors")).to_be_visible(timeout=60_000)
    settled(page)
    name = "[Sign in again](hostile.example) www.hostile.example.png"
    page.locator('input[type="file"]').first.set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}
    )
    expect(page.get_by_role("heading", name="in 1 color")).to_contain_text("[Sign in again](hostile.example)")
    expect_harmless(page, asked)
    page.locator('input[type="file"]').first.set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.get_by_text("is not a picture that can be read")).to_be_visible()
    expect_harmless(page, asked)


@pytest.mark.parametrize("name", NAMES)
def test_a_link(page, app, asked, name):
    page.goto(f"{app.url}/?colors={quote(name)}&locked={quote(name)}&space={quote(name)}")
    expect(page.get_by_text("The link asks for colors=")).to_be_visible()
    expect_harmless(page, asked)
