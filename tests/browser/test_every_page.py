"""Every page at a desk and on a phone, light and dark: nothing scrolls sideways, nothing keeps people out."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

# Address → text that is there once the page is.
PAGES = {
    "": "134,105 → 5",
    "batch": "10 samples in 8 and 32 colors",
    "collection": "10 samples in the same 16 colors",
    "benchmark": "is fastest for 10 colors",
    "tables": "Iris flowers in 3 clusters",
    "learn": "Clusters",
}
TABS = {
    "How many": "Click a point to use that number of colors.",
    "Color cloud": "Drag to rotate.",
    "Side by side": "Pin this result",
    "Measures": "Difference from the original (CIEDE2000)",
    "Convergence": "Raccoon in 5 colors",
    "Timing": "Raccoon in 5 colors",
}
# One load for both: the app follows the system's colors and the width of the window.
LOOKS = {"light": (1280, 800), "dark": (390, 844)}
# What people come for, address → selectors: seen without scrolling in both looks, and at a desk.
FIRST_SCREEN = {"": [".strip"], "benchmark": [":text('is fastest for 10 colors')"]}
FIRST_SCREEN_AT_A_DESK = {"": ["[data-testid=stMetric]"], "benchmark": [".js-plotly-plot .bars path"]}


@pytest.mark.parametrize(("address", "there"), PAGES.items())
def test_page(page, app, address, there):
    page.goto(f"{app.url}/{address}")
    problems = []
    for scheme, (width, height) in LOOKS.items():
        look(page, scheme, there)
        problems += serious(page)
        selectors = FIRST_SCREEN.get(address, [])
        if width > 1000:
            selectors = selectors + FIRST_SCREEN_AT_A_DESK.get(address, [])
        for selector in selectors:
            box = page.locator(selector).last.bounding_box()
            if box["y"] + box["height"] >= height:
                problems.append(f"{selector} is below the first screen of {width} by {height}")
    assert problems == []


def test_the_tabs_of_quantize(page, app):
    page.goto(app.url)
    problems = []
    for tab, there in TABS.items():
        page.get_by_role("tab", name=tab).click()
        for scheme in LOOKS:
            look(page, scheme, there)
            problems += [f"{tab}: {found}" for found in serious(page, "[data-testid=stTabs]")]
    assert problems == []


def look(page: Page, scheme: str, there: str) -> None:
    """Waits until a page is there, and looks so."""
    width, height = LOOKS[scheme]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    expect(page.get_by_text(there).first).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
    page.wait_for_timeout(500)  # charts fade in


def serious(page: Page, part: str = "html") -> list[str]:
    """What keeps people from using that part of a page: sideways scrolling, and serious findings of axe.

    What is disabled may be faint (WCAG 1.4.3).
    """
    context = {"include": [[part]], "exclude": [["label[disabled]"]]}
    found = Axe().run(page, context=context).response["violations"]
    problems = [
        f"{finding['id']}: {node['html'][:200]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
        problems.append("it scrolls sideways")
    return problems
