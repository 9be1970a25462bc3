"""The Benchmark page in real Chromium: what only a browser shows."""

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from kmeans_core.bench.records.results import STOPPED, Repetition
from kmeans_core.bench.records.store import Store
from tests.browser.server import App
from tests.browser.steps import settled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """An app whose store is empty at first."""
    store = tmp_path_factory.mktemp("store") / "results.sqlite3"
    running = App(KMEANS_BENCH_STORE=str(store))
    running.store = Store(store)
    yield running
    running.close()


def visit(page: Page, app, query: str = "") -> None:
    page.goto(f"{app.url}/benchmark{query}")
    expect(page.get_by_role("heading", name="When does Spark pay off?")).to_be_visible(timeout=60_000)
    settled(page)


def own_grid(*backends: str, picture: str = "Cat", colors: int = 2, iterations: int = 1) -> str:
    """A link to a small grid of one's own."""
    names = "&".join(f"grid_backends={name.replace(' ', '+')}" for name in backends)
    return (
        f"?preset=Your+own+grid&{names}&grid_colors={colors}&grid_iterations={iterations}"
        f"&benchmark_picture={picture}&repetitions=1"
    )


# A minute of work, and more on slow machines, that reports its iterations.
LONG = {"picture": "Raccoon", "colors": 32, "iterations": 100}


def rows_of(backend: str, app) -> list[Repetition]:
    return [row for row in app.store.repetitions() if row.case.backend == backend]


def run_it(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def test_shipped_results_without_a_network(chromium, fresh):
    """Nothing is fetched from anywhere but the app, and everything is there."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    refused = []

    def only_the_app(route):
        if route.request.url.startswith(fresh.url):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    context.route("**/*", only_the_app)
    page = context.new_page()
    visit(page, fresh)
    expect(page.get_by_text("is fastest for 10 colors")).to_be_visible()
    expect(page.get_by_text("Shipped with the app")).to_be_visible()
    expect(page.locator(".js-plotly-plot .bars path").first).to_be_visible()
    expect(page.get_by_text("Table 1: NumPy")).to_be_attached()
    # The first address this server was asked for is a page's own; the app's menu is there nevertheless.
    expect(page.get_by_role("link", name="Quantize")).to_be_visible()
    expect(page.get_by_role("link", name="streamlit app")).to_have_count(0)
    assert refused == []
    context.close()


def test_charts_draw_the_shipped_rows(page, app):
    visit(page, app, "?evidence=Paper%27s+figures")
    chart = page.locator(".st-key-chart_figure-6-paper-numpy .js-plotly-plot")
    expect(chart).to_be_visible()
    traces = chart.evaluate("plot => plot.data.map(trace => [trace.name, trace.x.length])")
    assert ["50 iterations", 5] in traces
    assert ["50 iterations, published", 5] in traces
    page.get_by_text("Log scale", exact=True).click()
    settled(page)
    expect(page).to_have_url(re.compile("figures_log=true"))
    page.wait_for_function(
        "document.querySelector('.st-key-chart_figure-6-paper-numpy .js-plotly-plot')"
        "?.layout.yaxis.type === 'log'"
    )
    with page.expect_download() as download:
        page.locator(".st-key-rows_figure-6-paper-numpy button").click()
    assert download.value.suggested_filename == "figure-6-paper-numpy.csv"
    assert len(pd.read_csv(download.value.path())) == 25


def test_results_download_and_link(page, app):
    visit(page, app, "?evidence=Data&bench_colors=5")
    with page.expect_download() as download:
        page.get_by_role("button", name="All rows as CSV").click()
    assert len(pd.read_csv(download.value.path())) > 500
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "bench_colors=5" in copied
    assert "evidence=Data" in copied


def test_back_goes_back_and_links_show_what_they_say(page, app):
    visit(page, app, "?bench_colors=5&bench_iterations=20")
    expect(page.get_by_text(re.compile("5 colors, 20 iterations"))).to_be_visible()
    page.get_by_role("combobox", name=re.compile("Colors")).first.click()
    page.get_by_role("option", name="2", exact=True).click()
    expect(page.get_by_text(re.compile("is fastest for 2 colors"))).to_be_visible()
    expect(page).to_have_url(re.compile("bench_colors=2"))
    page.go_back()
    expect(page.get_by_text(re.compile("is fastest for 5 colors"))).to_be_visible()
    visit(page, app, "?bench_colors=77&results=Nowhere")
    expect(
        page.get_by_text("asks for bench_colors=").filter(has_text="77, which has no results here")
    ).to_be_visible()
    expect(page.get_by_text("is fastest for 10 colors")).to_be_visible()


def test_a_run_fills_in_is_seen_by_others_and_survives_its_tab(chromium, fresh):
    mine, other = (chromium.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2))
    page = mine.new_page()
    visit(page, fresh, own_grid("Numba", "Paper's NumPy", **LONG))
    run_it(page)
    expect(page.get_by_text(re.compile(r"Your own grid: 1 of 2 cells · Paper's NumPy")).first).to_be_visible()
    # The first cell is on the page while the second is measured.
    expect(page.get_by_text(re.compile("^Numba is fastest for 32 colors"))).to_be_visible()

    waiting = other.new_page()
    visit(waiting, fresh, own_grid("NumPy"))
    run_it(waiting)
    # In two places: on top, and where it was started.
    expect(waiting.get_by_text("Your own grid is waiting: 1 run is before it.")).to_have_count(2)
    # Stop is for one's own run; the other is somebody else's.
    expect(waiting.get_by_role("button", name="Stop")).to_have_count(2)
    expect(waiting.get_by_text("Another visitor's run")).to_have_count(1)

    page.close()
    page = mine.new_page()
    visit(page, fresh)
    expect(page.get_by_text(re.compile(r"Your own grid: 1 of 2 cells")).first).to_be_visible()
    # It is still this browser's own.
    stop = page.get_by_role("button", name="Stop").first
    expect(stop).to_be_visible()
    stop.click()
    expect(page.get_by_text("Your own grid was stopped. Finished cells are kept.")).to_be_visible()
    assert [row.status for row in rows_of("paper-numpy", fresh)] == [STOPPED]
    expect(waiting.get_by_text("Your own grid is done.")).to_be_visible()
    mine.close()
    other.close()
