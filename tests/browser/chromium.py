"""Finds a Chromium for the browser tests, or installs one: `python -m tests.browser.chromium`.

An installed one is used first (CHROMIUM names it, or it is on PATH, or Playwright has one). Otherwise
Debian's package is installed when this runs as root on Debian or a relative, else Playwright's own build.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# No sandbox: as root, as in most containers, Chromium refuses to start with it. No GPU: where there is none,
# imitating one takes the processor from what is measured or waited for. No calls to its maker.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium found: installing Debian's package chromium.", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        done = subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, **quiet)
        if done.returncode == 0:
            return
    print("No Chromium found: installing Playwright's own build.", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    if find_chromium() is None:
        _install()
    found = find_chromium()
    if found is None:
        print(
            "No Chromium could be found or installed. Install Chromium or Chrome and run this again; if it "
            "is not on PATH, name it: CHROMIUM=/path/to/chromium make test",
            file=sys.stderr,
        )
        return 1
    print(f"Browser tests use {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
