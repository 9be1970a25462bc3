"""A running app and a real Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.server import App

# A busy machine may take its time; what is expected has to come all the same.
expect.set_options(timeout=60_000)

# All pages are of one site: a process of its own for each would take as long to start as the page to load.
_ONE_PROCESS = [
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process",
    "--renderer-process-limit=1",
]


@pytest.fixture(scope="session")
def app(compiled: None) -> Iterator[App]:
    running = App()
    yield running
    running.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def context(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """What most pages share: leave to use the clipboard, and a cache on disk.

    Chromium keeps compiled scripts only there; together with one process for all pages that halves the time
    a page takes.
    """
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=_found(),
        args=FLAGS + _ONE_PROCESS,
        permissions=["clipboard-read", "clipboard-write"],
        accept_downloads=True,
    )
    yield context
    context.close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """For visitors who share nothing with others."""
    browser = playwright.chromium.launch(executable_path=_found(), args=FLAGS)
    yield browser
    browser.close()


def _found() -> str:
    path = find_chromium()
    assert path, "no Chromium: run `python -m tests.browser.chromium` first, as `make test` does"
    return path


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A new visitor at a desk. Errors in the console fail the test."""
    context.clear_cookies()
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    errors: list[str] = []
    page.on(
        "console",
        lambda message: (
            errors.append(f"{message.text} {message.location.get('url', '')}")
            # A deep link's first health request misses and falls back; Streamlit's own, and harmless.
            if message.type == "error" and "_stcore" not in message.location.get("url", "")
            else None
        ),
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear()")
    page.close()
    assert errors == []
