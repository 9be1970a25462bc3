"""The Quantize page in real Chromium: what only a browser shows."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from kmeans_core import load_picture, quantize
from kmeans_core.__main__ import main
from tests.browser.steps import choose
from tests.conftest import ASSETS, require

pytestmark = pytest.mark.browser

# Starting Java and the first Spark job take a while on a small machine.
SPARK_TIMEOUT = 120_000


def visit(page: Page, app, query: str = "", heading: str = "Raccoon in 5 colors") -> None:
    page.goto(f"{app.url}/{query}")
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=60_000)
    settled(page)


def settled(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    for side in ("before", "after"):
        expect(page.locator(f"img.{side}")).to_have_attribute("src", re.compile(r"media/"))


def displayed(page: Page, side: str = "after") -> np.ndarray:
    """The picture as the browser got it."""
    for _ in range(10):  # between the two, the page may have been given another picture
        answer = page.request.get(page.locator(f"img.{side}").evaluate("image => image.currentSrc"))
        if answer.ok:
            break
        page.wait_for_timeout(200)
    data = answer.body()
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def expect_displayed(page: Page, condition: Callable[[np.ndarray], bool]) -> None:
    """The picture that fits comes to be shown; a new one takes over only when it has been decoded."""
    for _ in range(40):
        if condition(displayed(page)):
            return
        page.wait_for_timeout(250)
    pixels = displayed(page)
    pytest.fail(f"still shown after 10 s: {pixels.shape}, {n_distinct(pixels)} colors")


def n_distinct(pixels: np.ndarray) -> int:
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


def set_colors(page: Page, count: int) -> None:
    field = page.get_by_role("spinbutton", name="Number of colors")
    field.fill(str(count))
    field.press("Enter")


def choose_backend(page: Page, name: str) -> None:
    page.get_by_role("combobox", name=re.compile("Backend")).click()
    page.get_by_role("option", name=name, exact=True).click()


def test_a_finished_result_without_a_click(page, app):
    visit(page, app)
    pixels = displayed(page)
    assert pixels.shape == (768, 1024, 3)
    assert n_distinct(pixels) == 5
    assert np.array_equal(displayed(page, "before"), load_picture(ASSETS / "raccoon.png").pixels)
    expect(page.get_by_text("134,105 → 5", exact=True)).to_be_visible()
    assert page.locator(".stage").bounding_box()["height"] <= 0.6 * 800


def test_changing_the_number_of_colors(page, app):
    visit(page, app)
    set_colors(page, 12)
    expect(page.get_by_role("heading", name="Raccoon in 12 colors")).to_be_visible()
    settled(page)
    expect_displayed(page, lambda pixels: n_distinct(pixels) == 12)
    expect(page).to_have_url(re.compile(r"colors=12"))
    page.get_by_role("slider", name=re.compile("^Colors")).press("ArrowRight")
    expect(page.get_by_role("heading", name="Raccoon in 13 colors")).to_be_visible()


def test_download_equals_the_command_lines_output(page, app, tmp_path):
    visit(page, app, "?colors=10&seed=1", "Raccoon in 10 colors")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download PNG").click()
    assert waiting.value.suggested_filename == "raccoon-10-colors.png"
    target = tmp_path / "raccoon.png"
    raccoon = str(ASSETS / "raccoon.png")
    assert main(["quantize", raccoon, "--colors", "10", "--seed", "1", "--output", str(target)]) == 0
    assert waiting.value.path().read_bytes() == target.read_bytes()


def test_palette_downloads(page, app):
    visit(page, app)
    first = quantize(load_picture(ASSETS / "raccoon.png"), 5).palette.entries[0].hex
    for title, program in (("SCSS", "style sheets"), ("GPL", "GIMP, Inkscape, Krita")):
        choose(page, "Format", f"{title}, for {program}")
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"Download {title}").click()
        assert waiting.value.suggested_filename == f"raccoon-palette-5.{title.lower()}"
        assert first in waiting.value.path().read_text()


def test_upload_of_a_png_and_of_a_turned_jpeg(page, app, tmp_path):
    visit(page, app)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (30, 60, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "noise.png")
    expect(page.get_by_role("heading", name="noise in 5 colors")).to_be_visible()
    settled(page)
    expect_displayed(page, lambda pixels: pixels.shape == (30, 60, 3) and n_distinct(pixels) == 5)

    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "turned.jpg", exif=exif)
    page.locator("input[type=file]").first.set_input_files(tmp_path / "turned.jpg")
    expect(page.get_by_role("heading", name="turned in 5 colors")).to_be_visible()
    settled(page)
    expect_displayed(page, lambda pixels: pixels.shape == (60, 30, 3))
    expect(page.get_by_text("Rotated upright by its EXIF orientation.")).to_be_visible()

    # A sample takes over again at a click.
    page.get_by_role("radio", name="Cat").click()
    expect(page.get_by_role("heading", name="Cat in 5 colors")).to_be_visible()
    expect(page).to_have_url(re.compile("picture=cat"))


def test_a_bad_upload_says_what_is_wrong_and_loses_nothing(page, app, tmp_path):
    visit(page, app)
    (tmp_path / "broken.png").write_bytes(b"only words")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "broken.png")
    expect(page.get_by_role("alert")).to_contain_text("broken.png is not a picture that can be read")
    expect(page.get_by_role("heading", name="Raccoon in 5 colors")).to_be_visible()
    expect(page.locator("img.after")).to_be_visible()


def test_a_pasted_link_reproduces_the_picture(page, app, chromium):
    visit(page, app)
    page.get_by_role("radio", name="Coffee").click()
    set_colors(page, 7)
    expect(page.get_by_role("heading", name="Coffee in 7 colors")).to_be_visible()
    page.get_by_text("More options").click()
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("5")
    seed.press("Enter")
    expect(page).to_have_url(re.compile("seed=5"))
    settled(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")

    other = chromium.new_page()
    other.goto(link)
    expect(other.get_by_role("heading", name="Coffee in 7 colors")).to_be_visible()
    settled(other)
    expected = quantize(load_picture(ASSETS / "samples" / "coffee.png"), 7, seed=5)
    for shown in (page, other):
        expect_displayed(
            shown, lambda pixels: np.array_equal(pixels, expected.palette.colors[expected.indices])
        )
    other.close()


def test_the_back_button_goes_back(page, app):
    visit(page, app)
    page.get_by_role("radio", name="Cat").click()
    expect(page.get_by_role("heading", name="Cat in 5 colors")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Raccoon in 5 colors")).to_be_visible()


def test_choices_stand_in_the_link_by_name_and_go_back(page, app):
    visit(page, app, "?picture=cat&colors=6&backend=NumPy", "Cat in 6 colors")  # a title, as links had once
    backend = page.get_by_role("combobox", name=re.compile("Backend"))
    expect(backend).to_have_value("NumPy")
    expect(page).to_have_url(re.compile("backend=numpy"))
    choose(page, "Dithering", "Bayer")
    expect(page).to_have_url(re.compile("dither=bayer"))
    expect(page.get_by_role("slider", name="Strength")).to_be_visible()
    # A picture that is replaced while the browser still fetches it is gone from the server.
    settled(page)
    page.wait_for_load_state("networkidle")
    page.go_back()
    expect(page.get_by_role("slider", name="Strength")).not_to_be_attached()
    expect(backend).to_have_value("NumPy")
    expect(page).not_to_have_url(re.compile("dither="))


def test_the_divider_moves_by_mouse_and_by_keyboard(page, app):
    visit(page, app)
    divider = page.get_by_role("slider", name="Divider between Original and 5 colors")
    divider.focus()
    before = float(divider.input_value())
    divider.press("ArrowRight")
    assert float(divider.input_value()) > before
    box = divider.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    assert abs(float(divider.input_value()) - 25) < 1.5
    cut = page.locator(".stage").evaluate("stage => getComputedStyle(stage).getPropertyValue('--cut')")
    assert abs(float(cut.strip("%")) - 25) < 1.5


def test_a_color_is_copied_by_click_and_by_keyboard(page, app):
    visit(page, app)
    entries = quantize(load_picture(ASSETS / "raccoon.png"), 5).palette.entries
    page.get_by_role("button", name=re.compile(f"^{entries[1].hex}")).click()
    page.get_by_role("menuitem", name=f"Copy {entries[1].hex}").click()
    expect(page.get_by_text(f"Copied {entries[1].hex}.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == entries[1].hex
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the first entry of the menu
    expect(page.get_by_text(f"Copied {entries[2].hex}.")).to_be_visible()
    page.get_by_role("button", name="Copy all").click()
    expect(page.get_by_text("Copied 5 colors.")).to_be_visible()
    hexes = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert hexes == [entry.hex for entry in entries]


def test_samples_are_chosen_by_keyboard(page, app):
    visit(page, app)
    page.get_by_role("radio", name="Raccoon").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Astronaut in 5 colors")).to_be_visible()
    expect(page.get_by_role("radio", name="Astronaut")).to_be_checked()
    # A picture that is replaced while the browser still fetches it is gone from the server.
    settled(page)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Coffee in 5 colors")).to_be_visible()


@pytest.mark.spark
def test_spark_shows_progress_ends_at_the_same_picture_can_be_stopped_and_may_die(page, app):
    require("spark-rdd")
    visit(page, app, "?colors=6&picture=cat", "Cat in 6 colors")
    choose_backend(page, "Spark RDD")
    expect(page.get_by_text(re.compile(r"Spark RDD: iteration \d+ of at most 100"))).to_be_visible(
        timeout=SPARK_TIMEOUT
    )
    # The last result stays, dimmed, until the new one is there.
    expect(page.locator(".stage.dimmed")).to_be_visible()
    expect(page.get_by_role("button", name="Download PNG")).to_be_visible(timeout=SPARK_TIMEOUT)
    expect(page.locator(".stage:not(.dimmed)")).to_be_visible()
    settled(page)
    expected = quantize(load_picture(ASSETS / "samples" / "cat.png"), 6)
    expect_displayed(page, lambda pixels: np.array_equal(pixels, expected.palette.colors[expected.indices]))

    visit(page, app, "?picture=cat&backend=spark-rdd&early_stop=false&iterations=1000", "Cat in 5 colors")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text(re.compile(r"iteration \d+ of at most 1000"))).to_be_visible(
        timeout=SPARK_TIMEOUT
    )
    java = app.java()
    assert len(java) == 1
    java[0].kill()
    expect(page.get_by_role("alert")).to_contain_text("Java process ended while it was working")
    expect(page.locator(".stage.dimmed")).to_be_visible()

    choose_backend(page, "Numba")
    set_colors(page, 4)
    expect(page.get_by_role("heading", name="Cat in 4 colors")).to_be_visible()
