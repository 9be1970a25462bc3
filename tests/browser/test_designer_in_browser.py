"""Working on a palette in a real browser: what clicks, keys and downloads do."""

import base64
import io
import re
import zipfile

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from kmeans_core import load_picture, quantize
from kmeans_core.images.encoding import IMAGE_FORMATS, image_bytes
from tests.browser.test_quantize_in_browser import expect_displayed, settled, visit
from tests.conftest import ASSETS

CAT = ASSETS / "samples" / "cat.png"


def swatch_of(page, color: str):
    return page.get_by_role("button", name=re.compile(f"^{color} "))


def test_a_color_of_the_palette_is_shown_alone_and_again_all(page, app):
    visit(page, app, "?picture=cat&colors=4", "Cat in 4 colors")
    made = quantize(load_picture(CAT), 4)
    color = made.palette.entries[2]
    swatch_of(page, color.hex).click()
    page.get_by_role("menuitem", name="Show alone").click()
    expect(page.get_by_text(f"Only the pixels of {color.hex} are shown.")).to_be_visible()
    settled(page)

    def alone(pixels):
        return np.array_equal((pixels == color.rgb).all(axis=2), made.indices == 2)

    expect_displayed(page, alone)
    swatch_of(page, color.hex).press("Enter")
    page.get_by_role("menuitem", name="Show all").press("Enter")
    expect_displayed(page, lambda pixels: np.array_equal(pixels, made.palette.colors[made.indices]))


def test_a_locked_color_stays_in_the_palette(page, app):
    visit(page, app, "?picture=cat&colors=6", "Cat in 6 colors")
    color = quantize(load_picture(CAT), 6).palette.entries[3].hex
    swatch_of(page, color).click()
    page.get_by_role("menuitem", name="Lock", exact=True).click()
    expect(page).to_have_url(re.compile(f"locked=%23{color[1:]}"))
    field = page.get_by_role("spinbutton", name="Number of colors")
    field.fill("3")
    field.press("Enter")
    expect(page.get_by_role("heading", name="Cat in 3 colors")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(f"^{color} .* locked$"))).to_be_visible()


def test_the_palette_takes_the_same_room_for_any_number_of_colors(page, app):
    heights = set()
    for count in (2, 17, 256):
        visit(page, app, f"?picture=cat&colors={count}", f"Cat in {count} colors")
        expect(page.locator(".strip button")).to_have_count(count)
        heights.add(page.locator(".strip").bounding_box()["height"])
    assert len(heights) == 1


def test_a_click_on_the_curve_picks_that_number(page, app):
    visit(page, app, "?picture=cat&details=How+many", "Cat in 5 colors")
    points = page.locator(".js-plotly-plot .scatterlayer .point")
    expect(points.first).to_be_visible()
    points.nth(10).scroll_into_view_if_needed()
    box = points.nth(10).bounding_box()  # 12 colors
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Cat in 12 colors")).to_be_visible()


def test_other_formats_show_the_same_pixels(page, app):
    visit(page, app, "?picture=cat&colors=7", "Cat in 7 colors")
    png = quantize(load_picture(CAT), 7).png_bytes()
    for title, kind in (("PNG, optimized", "optimized"), ("WebP, lossless", "webp"), ("GIF", "gif")):
        if not IMAGE_FORMATS[kind].is_available:
            continue
        page.get_by_role("button", name="More formats").click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name=title, exact=True).click()
        data = waiting.value.path().read_bytes()
        assert data == image_bytes(png, kind)
        page.keyboard.press("Escape")
    assert np.array_equal(decoded_by_chromium(page), load_picture(png).pixels)


def decoded_by_chromium(page) -> np.ndarray:
    """The pixels of the picture that is shown, as the browser itself decodes them."""
    data = page.locator("img.after").evaluate(
        """(image) => {
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
            let text = "";
            for (let i = 0; i < pixels.length; i += 32768)
                text += String.fromCharCode(...pixels.subarray(i, i + 32768));
            return [canvas.width, canvas.height, btoa(text)];
        }"""
    )
    width, height, text = data
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)[..., :3]


def test_a_batch_is_one_archive(page, app):
    page.goto(f"{app.url}/batch")
    expect(page.get_by_role("heading", name="10 samples in 8 and 32 colors")).to_be_visible(timeout=60_000)
    page.locator("input[type=file]").first.set_input_files([CAT, ASSETS / "samples" / "horse.png"])
    expect(page.get_by_role("heading", name="2 pictures in 8 and 32 colors")).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download ZIP").click()
    assert waiting.value.suggested_filename == "pictures-8-32-colors.zip"
    with zipfile.ZipFile(waiting.value.path()) as archive:
        data = archive.read("cat-8-colors.png")
        assert len(archive.namelist()) == 5
    with Image.open(io.BytesIO(data)) as image:
        expected = quantize(load_picture(CAT), 8)
        assert np.array_equal(np.asarray(image.convert("RGB")), expected.palette.colors[expected.indices])


def test_the_table_of_the_palette_sorts_and_keeps_the_focus(page, app):
    visit(page, app, "?picture=cat&colors=12", "Cat in 12 colors")
    entries = quantize(load_picture(CAT), 12).palette.entries
    rows = page.locator(".region tbody tr")

    def hexes():
        return [row.split("\t")[0].strip() for row in rows.all_inner_texts()]

    expect(rows).to_have_count(12)
    as_in_strip = hexes()
    assert sorted(as_in_strip) == sorted(entry.hex for entry in entries)
    header = page.get_by_role("columnheader", name="Pixels")
    header.get_by_role("button").focus()
    by_pixels = [entry.hex for entry in sorted(entries, key=lambda entry: entry.count)]
    for key, order, wanted in (
        ("Enter", "descending", by_pixels[::-1]),
        ("Space", "ascending", by_pixels),
        ("Enter", None, as_in_strip),
    ):
        page.keyboard.press(key)
        if order is None:
            expect(header).not_to_have_attribute("aria-sort", re.compile("."))
        else:
            expect(header).to_have_attribute("aria-sort", order)
        assert hexes() == wanted
    page.keyboard.press("Enter")
    field = page.get_by_role("spinbutton", name="Number of colors")
    field.fill("7")
    field.press("Enter")
    expect(rows).to_have_count(7)
    expect(header).to_have_attribute("aria-sort", "descending")
