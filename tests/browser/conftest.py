"""A running app and a real Chromium."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import find_chromium

ROOT = Path(__file__).parents[2]


class App:
    """The app in a process of its own."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
        options = ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT, env=os.environ | {"CI": ""})
        self._wait_until_healthy()

    def _wait_until_healthy(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except OSError:
                assert self.process.poll() is None, "the app ended before it was healthy"
                assert time.monotonic() < end, "the app is not healthy after 60 s"
                time.sleep(0.1)

    def java(self) -> list[psutil.Process]:
        """Java processes below the server."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in below if "java" in process.name()]

    def close(self) -> None:
        below = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        self.process.wait(timeout=20)
        psutil.wait_procs(below, timeout=20)


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    running = App()
    yield running
    running.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    assert path, "no Chromium: run `python -m tests.browser.chromium` first, as `make test` does"
    with sync_playwright() as playwright:
        # --no-sandbox: as root, as in most containers, Chromium refuses to start with it.
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh visitor at a desktop, with leave to use the clipboard. Errors in the console fail the test."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800},
        permissions=["clipboard-read", "clipboard-write"],
        accept_downloads=True,
    )
    page = context.new_page()
    errors: list[str] = []
    page.on(
        "console",
        lambda message: (
            errors.append(message.text)
            # A deep link's first health request misses and falls back; Streamlit's own, and harmless.
            if message.type == "error" and "_stcore" not in message.location.get("url", "")
            else None
        ),
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
