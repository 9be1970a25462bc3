"""Every page at a desk and on a phone, light and dark: nothing scrolls sideways, nothing keeps people out."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

# Address → text that is there once the page is.
PAGES = {
    "": "134,105 → 5",
    "batch": "10 samples in 8 and 32 colors",
    "benchmark": "is fastest for 10 colors",
    "tables": "Iris flowers in 3 clusters",
    "learn": "Clusters",
}
TABS = {
    "?details=How+many": "Click a point to use that number of colors.",
    "?details=Color+cloud": "Drag to rotate.",
    "?details=Side+by+side": "Pin this result",
    "?details=Measures": "Differences from the original: black is none",
    "?details=Convergence": "Raccoon in 5 colors",
    "?details=Timing": "Raccoon in 5 colors",
}


@pytest.mark.parametrize(
    ("width", "height", "scheme", "addresses"),
    [
        (1280, 800, "light", PAGES | TABS),
        (390, 844, "dark", PAGES | TABS),
        (1280, 800, "dark", dict(list(PAGES.items())[:2])),
        (390, 844, "light", dict(list(PAGES.items())[:2])),
    ],
)
@pytest.mark.timeout(600)
def test_nothing_scrolls_sideways_and_axe_finds_nothing_serious(
    chromium, app, width, height, scheme, addresses
):
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    problems = []
    for address, there in addresses.items():
        page.goto(f"{app.url}/{address}")
        expect(page.get_by_text(there).first).to_be_visible(timeout=60_000)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        page.wait_for_timeout(500)  # charts fade in
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            problems.append(f"/{address} scrolls sideways")
        problems += [f"/{address}: {found}" for found in serious(page)]
    context.close()
    assert problems == []


def serious(page: Page) -> list[str]:
    """Findings of axe that keep people from using the page. What is disabled may be faint (WCAG 1.4.3)."""
    found = Axe().run(page, context={"exclude": [["label[disabled]"]]}).response["violations"]
    return [
        f"{finding['id']}: {node['html'][:200]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]
