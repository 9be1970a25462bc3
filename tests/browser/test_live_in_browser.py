"""The picture follows the slider while it moves, in palettes of a sweep; then comes the exact result."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from kmeans_core import ColorHistogram, load_picture, quantize
from kmeans_core.images.choosing import error_curve
from tests.browser.test_quantize_in_browser import displayed, settled, visit
from tests.conftest import ASSETS

pytestmark = pytest.mark.browser

CAT = ASSETS / "samples" / "cat.png"
# Each recoloring notes the number of colors and what the canvas shows, as 0xbbggrr.
_WATCH = """canvas => {
    window.recolored = [];
    window.addEventListener("kmeans-studio:live", ({ detail }) => {
        if (!detail) return;
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const colors = [...new Set(new Uint32Array(data.buffer))].map((pixel) => pixel & 0xffffff);
        window.recolored.push({ count: detail.count, colors });
    });
}"""


def watched(page: Page):
    """The slider of a picture that is ready to follow it."""
    slider = page.get_by_role("slider", name="Colors", exact=True)
    expect(slider).to_have_attribute("data-follows", "true")
    expect(slider).to_have_value("3")
    page.locator("canvas.live").evaluate(_WATCH)
    return slider


def place_at(slider, share: float) -> tuple[float, float]:
    box = slider.bounding_box()
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def by_mouse(page: Page, slider) -> Callable[[], None]:
    """Moves it, and returns what leaves it."""
    page.mouse.move(*place_at(slider, 0.12))
    page.mouse.down()
    for step in range(24):
        page.mouse.move(*place_at(slider, 0.12 + 0.02 * step))
        page.wait_for_timeout(60)
    return page.mouse.up


def by_keys(page: Page, slider) -> Callable[[], None]:
    slider.focus()
    for _ in range(14):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(60)
    return lambda: page.keyboard.up("ArrowRight")


def by_touch(page: Page, slider) -> Callable[[], None]:
    client = page.context.new_cdp_session(page)
    for step in range(25):
        x, y = place_at(slider, 0.12 + 0.02 * step)
        client.send(
            "Input.dispatchTouchEvent",
            {"type": "touchMove" if step else "touchStart", "touchPoints": [{"x": x, "y": y}]},
        )
        page.wait_for_timeout(60)
    return lambda: client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def check_recolored(page: Page) -> int:
    """At least ten numbers of colors were shown, each in colors of its own palette. The last of them."""
    palettes = {
        point.n_colors: {int(red) | int(green) << 8 | int(blue) << 16 for red, green, blue in point.colors}
        for point in error_curve(ColorHistogram.of(load_picture(CAT)))
    }
    recolored = page.evaluate("window.recolored")
    assert len({one["count"] for one in recolored}) >= 10
    for one in recolored:
        assert set(one["colors"]) <= palettes[one["count"]]
        assert len(one["colors"]) > 0.8 * one["count"]
    return recolored[-1]["count"]


def check_exact(page: Page, count: int) -> None:
    """Pixel for pixel what `quantize()` and the command line make."""
    expect(page.get_by_role("heading", name=f"Cat in {count} colors")).to_be_visible()
    expect(page.locator("canvas.live")).to_be_hidden()
    settled(page)
    expect(page.locator("output")).to_have_text(re.compile(f"^{count} colors · error .* · exact$"))
    expected = quantize(load_picture(CAT), count)
    assert np.array_equal(displayed(page), expected.palette.colors[expected.indices])


@pytest.mark.parametrize("drag", [by_mouse, by_keys])
def test_the_picture_follows_the_slider(page, app, drag):
    visit(page, app, "?picture=cat", "Cat in 5 colors")
    leave = drag(page, watched(page))
    expect(page.locator("canvas.live")).to_be_visible()
    expect(page.locator("output")).to_contain_text("preview")
    n_swatches = page.locator(".strip button").count()
    # Nothing was sent yet: the page still speaks of the old number.
    expect(page.get_by_role("heading", name="Cat in 5 colors")).to_be_visible()
    leave()
    count = check_recolored(page)
    assert n_swatches == count
    check_exact(page, count)


def test_it_follows_a_finger_on_a_phone_without_opening_a_drawer(chromium, app):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, app, "?picture=cat", "Cat in 5 colors")
    by_touch(page, watched(page))()
    check_exact(page, check_recolored(page))
    context.close()
