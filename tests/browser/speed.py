"""Measures what a visitor waits for, in real Chromium: `python -m tests.browser.speed`, in `make bench`."""

import subprocess
import sys
import tempfile
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser, Page, sync_playwright

from kmeans_core.bench.measuring.machine import describe_machine
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.perceived import Perceived, perceived, watch
from tests.browser.server import App

_REPEAT = 5
# Tab → what it shows last, in the panel that is open.
_TABS = {
    "How many": ".js-plotly-plot .scatterlayer .point >> visible=true",
    "Color cloud": ".js-plotly-plot canvas >> visible=true",
    "Side by side": '[data-testid="stButton"] >> visible=true',
    "Measures": '[data-testid="stImage"] img >> visible=true',
    "Convergence": ".js-plotly-plot .scatterlayer .lines >> visible=true",
    "Timing": ".js-plotly-plot .bars >> visible=true",
    "Palette": '[data-testid="stDownloadButton"] >> visible=true',
}
_COLORS = (8, 16, 32, 64, 128, 256, 12, 24, 48, 96)


def main() -> None:
    rows = [("`import kmeans_core`", _import_times())]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as empty:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        # An empty folder for compiled code is what a fresh clone has.
        health, picture = _first_visit(browser, NUMBA_CACHE_DIR=empty)
        rows.append(("first picture after a fresh clone, compilation included", [health + picture]))
        visits = [_first_visit(browser) for _ in range(_REPEAT)]
        rows.append(("the server answers its health check", [health for health, _ in visits]))
        rows.append(("first picture after that start", [health + picture for health, picture in visits]))
        warm = _warm_visits(browser)
        rows.append(("first content of a page on a warm server", [seen.first_paint for seen, _ in warm]))
        rows.append(("first picture on a warm server", [picture for _, picture in warm]))
        rows.append(("another number of colors, key press to new picture", _color_changes(browser)))
        rows.append(
            ("a tab, from click to what it shows, once computed: the slowest of seven", _tabs(browser))
        )
        browser.close()
    machine = describe_machine()
    print(f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}\n")
    shifts = [seen.layout_shift for seen, _ in warm]
    print(f"Layout shift of a first visit (0.1 is good): {median(shifts):.3f}, at most {max(shifts):.3f}\n")
    print("| wait | seconds (median) | from – to | times measured |\n|---|---:|---|---:|")
    for what, times in rows:
        print(f"| {what} | {median(times):.2f} | {min(times):.2f} – {max(times):.2f} | {len(times)} |")


def _import_times() -> list[float]:
    script = (
        "from time import perf_counter; t = perf_counter(); import kmeans_core; print(perf_counter() - t)"
    )
    return [
        float(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout)
        for _ in range(_REPEAT)
    ]


def _first_visit(browser: Browser, **environment: str) -> tuple[float, float]:
    """Seconds from start to healthy, and from there to the first picture."""
    began = perf_counter()
    app = App(**environment)
    healthy = perf_counter()
    page = browser.new_page()
    page.goto(app.url)
    _wait_for_picture(page, "")
    seen = perf_counter()
    page.close()
    app.close()
    return healthy - began, seen - healthy


def _warm_visits(browser: Browser) -> list[tuple[Perceived, float]]:
    """What visitors see who have never been here, of a server that others use; seconds to the picture."""
    app = App()
    found = []
    for _ in range(_REPEAT + 1):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        watch(page)
        began = perf_counter()
        page.goto(app.url)
        _wait_for_picture(page, "")
        picture = perf_counter() - began
        page.wait_for_load_state("networkidle")
        found.append((perceived(page), picture))
        context.close()
    app.close()
    return found[1:]  # the first one warmed it


def _color_changes(browser: Browser) -> list[float]:
    app = App()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(app.url)
    address = _wait_for_picture(page, "")
    times = []
    for colors in _COLORS:
        field = page.get_by_role("spinbutton", name="Number of colors")
        field.fill(str(colors))
        began = perf_counter()
        field.press("Enter")
        address = _wait_for_picture(page, address)
        times.append(perf_counter() - began)
        page.wait_for_timeout(1000)
    page.close()
    app.close()
    return times


def _tabs(browser: Browser) -> list[float]:
    """Seconds that the slowest of the tabs takes, from click to what it shows."""
    app = App()
    page = browser.new_page(viewport={"width": 1280, "height": 2400})
    page.goto(app.url)
    _wait_for_picture(page, "")
    times = []
    for _ in range(_REPEAT + 1):
        slowest = 0.0
        for name, shown in _TABS.items():
            began = perf_counter()
            page.get_by_role("tab", name=name).click()
            page.locator(f'[role="tabpanel"] {shown}').first.wait_for()
            slowest = max(slowest, perf_counter() - began)
            page.wait_for_timeout(500)
        times.append(slowest)
    page.close()
    app.close()
    return times[1:]  # the first computed what they show


def _wait_for_picture(page: Page, previous: str) -> str:
    """Waits until the browser shows another picture than `previous`; its address."""
    stage = page.wait_for_selector(".stage", timeout=60_000)
    assert stage is not None
    # Asked at every frame: Playwright's own assertions look only every few hundred milliseconds.
    return str(
        stage.evaluate(
            """(stage, previous) => new Promise((resolve) => {
                const look = () => {
                    const image = stage.querySelector("img.after");
                    if (image.src && image.src !== previous && image.complete) resolve(image.src);
                    else requestAnimationFrame(look);
                };
                look();
            })""",
            previous,
        )
    )


if __name__ == "__main__":
    main()
