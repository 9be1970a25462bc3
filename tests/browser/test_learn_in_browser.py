"""The Learn page in real Chromium: stepping, playing, dragging, clicking, keys, and no flash."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import choose, settled
from tests.waiting import until

pytestmark = pytest.mark.browser


def visit(page: Page, app, query: str = "") -> None:
    page.goto(f"{app.url}/learn{query}")
    expect(page.get_by_role("heading", name="K-means, step by step")).to_be_visible(timeout=60_000)
    settled(page)
    # It has a name once its data are there; before, keys do nothing.
    expect(page.locator(".plane").first).to_have_attribute("aria-label", re.compile("."))


def button(page: Page, name: str):
    return page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


def counts(page: Page) -> list[int]:
    """Points in each cluster as the page shows them."""
    table = page.get_by_role("table", name="Points in each cluster").first
    cells = table.locator(".number:not(:empty)").all_inner_texts()
    return [int(text.replace(",", "")) for text in cells if not text.startswith("d ")]


def shows(page: Page, expected: list[int]) -> None:
    """Waits for these counts: a slow machine draws a moment after the key."""
    end = time.monotonic() + 10
    while counts(page) != expected and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert counts(page) == expected


def said(page: Page):
    return page.locator("p.said").first


def test_assign_and_update_are_steps_of_their_own(page, app):
    visit(page, app)
    shows(page, [0, 0, 0])
    expect(button(page, "Update")).to_be_disabled()
    button(page, "Assign").click()
    shows(page, [1124, 57, 319])
    expect(said(page)).to_contain_text("1,500 points were assigned to the nearest center.")
    expect(button(page, "Assign")).to_be_disabled()
    button(page, "Update").click()
    expect(said(page)).to_contain_text("the farthest by 12.1")
    button(page, "Assign").click()
    shows(page, [936, 141, 423])
    button(page, "Back").click()
    shows(page, [1124, 57, 319])
    button(page, "To the end").click()
    shows(page, [500, 500, 500])
    expect(said(page)).to_contain_text(
        "No point has a nearer center: k-means has converged after 6 iterations"
    )
    for name in ("Assign", "Update", "To the end"):
        expect(button(page, name)).to_be_disabled()
    button(page, "Reset").click()
    shows(page, [0, 0, 0])


def test_the_code_follows_the_step(page, app):
    visit(page, app)
    button(page, "Assign").click()
    expect(page.locator(".spark").first).to_contain_text("1,124 with key 0")
    expect(page.locator(".pyspark").first).to_contain_text("points.map")
    button(page, "Update").click()
    expect(page.locator(".spark").first).to_contain_text("reduceByKey adds up")
    expect(page.locator(".numpy").first).to_contain_text("mean(axis=0)")


WATCH = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  window.seen = { runs: 0, faded: 0, frames: 0, over: false };
  new MutationObserver(() => {
    if (app.dataset.testScriptState === 'running') window.seen.runs += 1;
  }).observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] });
  const look = () => {
    if (window.seen.over) return;
    window.seen.frames += 1;
    for (const shown of [document.querySelector('h1'), window.planeShown]) {
      let opacity = shown?.isConnected ? 1 : 0;
      for (let node = shown; node; node = node.parentElement ?? node.getRootNode().host)
        opacity *= Number(getComputedStyle(node).opacity);
      if (opacity < 1) window.seen.faded += 1;
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def test_it_plays_through_without_a_flash(page, app):
    visit(page, app)
    marked = page.locator(".plane").first
    marked.evaluate("plane => { plane.dataset.marked = 'yes'; window.planeShown = plane; }")
    page.evaluate(WATCH)
    button(page, "Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(said(page)).to_contain_text("k-means has converged after", timeout=120_000)
    # Only the end is reported to the server, and not even then is anything drawn again.
    expect(page).to_have_url(re.compile(r"step=\d+"))
    settled(page)
    page.wait_for_timeout(500)
    seen = page.evaluate("() => { window.seen.over = true; return window.seen; }")
    assert seen["frames"] > 100
    assert seen["faded"] == 0
    n_steps = int(re.search(r"step=(\d+)", page.url)[1])
    assert seen["runs"] <= 2 < 10 < n_steps  # the state may be set twice in a run
    expect(marked).to_have_attribute("data-marked", "yes")


def test_points_follow_the_theme(page, app):
    visit(page, app)
    brightest = """canvas => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((most, value, i) => (i % 4 === 0 ? Math.max(most, value) : most), 0);
    }"""
    for scheme, is_bright in (("light", False), ("dark", True), ("light", False)):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        page.wait_for_timeout(500)
        assert (page.locator(".plane canvas").first.evaluate(brightest) > 128) == is_bright


def test_it_works_after_streamlit_has_put_its_elements_there_anew(page, app):
    visit(page, app)
    page.locator(".walk").first.evaluate("walk => walk.replaceWith(walk.cloneNode(true))")
    choose(page, "Data", "Moons")
    expect(page).to_have_url(re.compile("data=Moons"))
    settled(page)

    def a_step_is_shown() -> bool:
        """The address changes at once, the points later, which takes back a key that came between."""
        page.locator(".plane").first.focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        return "points were assigned to the nearest center." in said(page).inner_text()

    until(a_step_is_shown, 20)


def test_a_link_shows_the_same_step(page, app):
    visit(page, app)
    for name in ("Assign", "Update", "Assign"):
        button(page, name).click()
    expect(page).to_have_url(re.compile(r"step=3"))
    page.get_by_role("button", name="Copy link").click()
    address = page.evaluate("navigator.clipboard.readText()")
    visit(page, app, address.partition("/learn")[2])
    shows(page, [936, 141, 423])


def test_everything_works_from_the_keyboard(page, app):
    visit(page, app)
    page.locator(".plane").first.focus()
    page.keyboard.press("ArrowRight")
    shows(page, [1124, 57, 319])
    page.keyboard.press("End")
    shows(page, [500, 500, 500])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    shows(page, [0, 0, 0])
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    center = page.get_by_role("button", name=re.compile("^Center 0 at 5.87, 8.18"))
    center.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("combobox", name=re.compile("Start"))).to_have_value("Placed by you")
    expect(page).to_have_url(re.compile(r"centers="))
    expect(button(page, "To the end")).to_be_enabled()


def ink(page) -> float:
    """The share of the plane that is painted."""
    return page.locator(".plane canvas").first.evaluate(
        """canvas => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let painted = 0;
          for (let i = 3; i < data.length; i += 4) if (data[i]) painted += 1;
          return painted / (data.length / 4);
        }"""
    )


def test_dragging_a_center_starts_from_there(page, app):
    visit(page, app)
    button(page, "To the end").click()
    page.wait_for_timeout(500)  # markers glide to their places
    box = page.get_by_role("button", name=re.compile("^Center 1 at")).first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] - 80, steps=5)
    assert ink(page) > 0.95  # regions follow
    page.mouse.up()
    expect(page.get_by_role("combobox", name=re.compile("Start"))).to_have_value("Placed by you")
    expect(said(page)).to_contain_text("3 initial centers are set.")
    expect(button(page, "To the end")).to_be_enabled()
    button(page, "To the end").click()
    assert sum(counts(page)) == 1500


def test_the_distances_of_a_chosen_point(page, app):
    visit(page, app)
    page.get_by_role("spinbutton", name="Point").fill("0")
    # The first point is the first center.
    table = page.get_by_role("table", name="Points in each cluster").first
    expect(table.locator(".is-nearest")).to_have_text("d 0")
    assert page.locator("line.ray").count() == 3
    page.get_by_role("spinbutton", name="Point").fill("")
    expect(page.locator("line.ray")).to_have_count(0)


def test_the_curve_goes_as_far_as_the_walk(page, app):
    visit(page, app)
    curve = page.locator(".curve svg").first
    expect(curve).to_have_attribute("aria-label", "No inertia before the first step")
    button(page, "To the end").click()
    expect(curve).to_have_attribute("aria-label", re.compile("^Inertia falls from .* to "))


def test_regions_are_drawn_on_demand(page, app):
    visit(page, app)
    button(page, "To the end").click()

    assert ink(page) < 0.3
    page.get_by_role("checkbox", name="Regions").first.check()
    assert ink(page) > 0.95


def test_own_points_by_clicking_and_by_keys(page, app):
    visit(page, app, "?data=Your+own+points&k=2")
    plane = page.locator(".plane").first
    expect(plane).to_contain_text("Click here to set points")
    box = plane.bounding_box()
    middle = (box["width"] / 2, box["height"] / 2)
    for dx, dy in ((-60, -60), (-50, -60), (60, 60), (60, 50)):  # faster than the server answers
        plane.click(position={"x": middle[0] + dx, "y": middle[1] + dy})
    expect(page).to_have_url(re.compile(r"points=[^&]*(~|%7E)[^&]*(~|%7E)[^&]*(~|%7E)"))
    expect(button(page, "To the end")).to_be_enabled()
    button(page, "To the end").click()
    assert sorted(counts(page)) == [2, 2]
    plane.focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(button(page, "To the end")).to_be_enabled()
    button(page, "To the end").click()
    assert sum(counts(page)) == 5
    # Where a center lies, there is room for a point too.
    page.get_by_role("button", name=re.compile("^Center 0 at")).first.click()
    expect(button(page, "To the end")).to_be_enabled()
    button(page, "To the end").click()
    assert sum(counts(page)) == 6
    page.get_by_role("button", name="Remove last point").click()
    expect(button(page, "To the end")).to_be_enabled()
    page.get_by_role("button", name="Remove last point").click()
    expect(button(page, "To the end")).to_be_enabled()
    button(page, "To the end").click()
    assert sum(counts(page)) == 4


def test_no_more_own_points_than_a_link_carries(page, app):
    points = "~".join(f"{100 + 40 * (i % 20)},{100 + 80 * (i // 20)}" for i in range(200))
    visit(page, app, f"?data=Your+own+points&k=2&points={points}")
    plane = page.locator(".plane").first
    plane.click(position={"x": plane.bounding_box()["width"] / 2, "y": 60})
    button(page, "To the end").click()
    assert sum(counts(page)) == 200
    page.get_by_role("button", name="Remove last point").click()
    expect(button(page, "To the end")).to_be_enabled()
    button(page, "To the end").click()
    assert sum(counts(page)) == 199


def test_a_center_moved_there_and_back(page, app):
    visit(page, app, "?start=Placed+by+you&centers=-5,-9~-5.5,-10.5~7.4,5")
    page.get_by_role("button", name=re.compile("^Center 0 at -5, -9")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(button(page, "To the end")).to_be_enabled()
    button(page, "To the end").click()
    assert sum(counts(page)) == 1500
