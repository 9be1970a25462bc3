"""The picture as a surface to work on, in real Chromium: zoomed, and with a menu for the color of a pixel."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from kmeans_core import load_picture, quantize
from tests.browser.test_quantize_in_browser import expect_displayed, settled, visit
from tests.conftest import ASSETS

pytestmark = pytest.mark.browser

CAT = ASSETS / "samples" / "cat.png"


def place_in(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place of the stage, by shares of its width and height."""
    box = page.locator(".stage").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def zoom_to(page: Page, least: int) -> None:
    """Zooms in by the wheel, at a place on the right, until a pixel takes so many percent."""
    page.mouse.move(*place_in(page, 0.75, 0.5))
    for _ in range(40):
        if int(page.locator("button.scale").inner_text().removesuffix(" %")) >= least:
            return
        page.mouse.wheel(0, -100)
    raise AssertionError(f"not zoomed to {least} %")


def seen_on_the_right(page: Page) -> np.ndarray:
    """What is on the screen in the middle of the right side, where nothing lies over it."""
    (x, y), (end_x, end_y) = place_in(page, 0.55, 0.2), place_in(page, 0.95, 0.8)
    clip = {"x": round(x), "y": round(y), "width": round(end_x - x), "height": round(end_y - y)}
    with Image.open(io.BytesIO(page.screenshot(clip=clip))) as image:
        return np.asarray(image.convert("RGB"))


def downloaded(page: Page) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download PNG").click()
    return waiting.value.path().read_bytes()


def test_zoomed_to_800_percent_each_pixel_has_exactly_a_color_of_the_palette(page, app):
    visit(page, app, "?picture=cat&colors=6", "Cat in 6 colors")
    zoom_to(page, 800)
    page.mouse.move(*place_in(page, 0.75, 0.95))
    seen = seen_on_the_right(page).reshape(-1, 3)
    palette = quantize(load_picture(CAT), 6).palette.colors
    assert set(map(tuple, np.unique(seen, axis=0).tolist())) <= set(map(tuple, palette.tolist()))
    before = page.locator("img.after").bounding_box()
    page.mouse.down()
    page.mouse.move(*place_in(page, 0.85, 0.9), steps=3)
    page.mouse.up()
    after = page.locator("img.after").bounding_box()
    assert after["x"] - before["x"] == pytest.approx(
        0.1 * page.locator(".stage").bounding_box()["width"], abs=2
    )
    expect(page.get_by_role("menu")).to_be_hidden()  # a drag is no click
    page.get_by_role("button", name="Zoom in").press("Escape")
    expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()


def test_two_fingers_zoom(chromium, app):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, app, "?picture=cat&colors=4", "Cat in 4 colors")
    page.locator(".stage").scroll_into_view_if_needed()
    client = context.new_cdp_session(page)
    (x, y), start = place_in(page, 0.5, 0.5), page.locator("img.after").bounding_box()["width"]
    for step in range(8):
        points = [{"x": x - 20 - 8 * step, "y": y, "id": 0}, {"x": x + 20 + 8 * step, "y": y, "id": 1}]
        kind = "touchMove" if step else "touchStart"
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.locator("img.after").bounding_box()["width"] / start == pytest.approx(76 / 20, rel=0.02)
    expect(page.get_by_role("menu")).to_be_hidden()
    context.close()


def test_a_pixel_is_locked_and_exchanged_undone_and_shared(page, app, chromium):
    visit(page, app, "?picture=cat&colors=5", "Cat in 5 colors")
    made = quantize(load_picture(CAT), 5)
    height, width = made.indices.shape
    row, column = height // 2, int(0.75 * width)
    color = made.palette.entries[made.indices[row, column]]

    def open_menu() -> None:
        page.mouse.click(*place_in(page, (column + 0.5) / width, (row + 0.5) / height))
        expect(page.get_by_role("menu")).to_be_visible()

    open_menu()
    expect(page.get_by_role("menu", name=f"{color.hex} · {100 * color.share:.1f} %")).to_be_visible()
    page.get_by_role("menuitem", name=f"Copy {color.hex}").click()
    expect(page.get_by_text(f"Copied {color.hex}.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == color.hex
    expect(page.get_by_text("· exact")).to_be_visible()

    open_menu()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"locked=%23{color.hex[1:]}"))
    settled(page)

    open_menu()
    chooser = page.locator(".menu input[type=color]")
    chooser.evaluate("chooser => { chooser.value = '#ff00ff'; chooser.dispatchEvent(new Event('input')); }")
    live = page.locator("canvas.live")  # at once, before the server knows
    assert live.evaluate(
        "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]", [column, row]
    ) == [255, 0, 255, 255]
    chooser.evaluate("chooser => chooser.dispatchEvent(new Event('change'))")
    expect(page).to_have_url(re.compile(f"exchange={color.hex[1:]}-ff00ff"))
    expect_displayed(page, lambda pixels: pixels[row, column].tolist() == [255, 0, 255])
    expect(live).to_be_hidden()

    page.keyboard.press("Control+z")
    expect(page).not_to_have_url(re.compile("exchange="))
    expect_displayed(page, lambda pixels: pixels[row, column].tolist() == list(color.rgb))
    page.get_by_role("button", name="Redo").click()
    expect(page).to_have_url(re.compile("exchange="))
    expect_displayed(page, lambda pixels: pixels[row, column].tolist() == [255, 0, 255])

    fresh = chromium.new_context(accept_downloads=True)
    other = fresh.new_page()
    visit(other, app, page.url.removeprefix(f"{app.url}/"), "Cat in 5 colors")
    assert downloaded(other) == downloaded(page)
    fresh.close()
