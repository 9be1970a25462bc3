"""`python -m tests.load.small_host`: the app in a control group with 1 GB, on a bad day.

Pictures, tables and bombs are uploaded, and Spark is asked for; after each the app must answer as it should.
Where no control group can be made (that takes root on Linux), memory is measured and not limited.
"""

import argparse
import asyncio
import io
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from pages.components.shared.samples import UPLOADS
from tests.browser.server import App
from tests.fuzz.bombs import bombs
from tests.load.visitor import PageRun, Visitor

_GROUP = Path("/sys/fs/cgroup/memory/kmeans-studio-small-host")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.small_host", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    options = parser.parse_args()
    is_limited = _make_group(options.megabytes)
    print(f"{options.megabytes} MB, {'a control group' if is_limited else 'measured, not limited'}\n")
    if is_limited:  # what is started from here on belongs to it
        (_GROUP / "cgroup.procs").write_text(str(os.getpid()))
    app = App(STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION="false")
    if is_limited:
        (_GROUP.parent / "cgroup.procs").write_text(str(os.getpid()))
    tree = _Tree(app.process.pid)
    try:
        print("| what | answer | seconds | tree, most |\n|---|---|---:|---:|", flush=True)
        asyncio.run(_bad_day(app, tree))
        is_alive = app.process.poll() is None
    finally:
        app.close()
        with suppress(OSError):
            _GROUP.rmdir()
    print(f"\nThe server {'lives' if is_alive else 'is dead'}.")
    return int(not is_alive)


def _make_group(megabytes: int) -> bool:
    with suppress(OSError):
        _GROUP.mkdir(exist_ok=True)
        (_GROUP / "memory.limit_in_bytes").write_text(str(megabytes * 10**6))
        return os.access(_GROUP / "cgroup.procs", os.W_OK)
    return False


class _Tree:
    """Resident memory of a process and all below it."""

    def __init__(self, process: int) -> None:
        self._root = psutil.Process(process)
        self.peak = 0

    def look(self) -> None:
        total = 0
        for process in [self._root, *self._root.children(recursive=True)]:
            with suppress(psutil.Error):
                total += process.memory_info().rss
        self.peak = max(self.peak, total)

    async def watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(0.05)


async def _bad_day(app: App, tree: _Tree) -> None:
    watcher = asyncio.create_task(tree.watch())
    await _show(app, tree, "raccoon", "", "Raccoon in 5 colors")
    await _upload(app, tree, "photograph.jpg", "", photograph(4000, 3000), "photograph in 5 colors")
    await _upload(app, tree, "rows.csv", "tables", rows(100_000), "rows in 3 clusters")
    for bomb in bombs():
        if bomb.reads in ("picture", "table"):
            page = "" if bomb.reads == "picture" else "tables"
            # By another name where the page does not take the right one; what it is shows anyway.
            allowed = page or bomb.name.rpartition(".")[2] in UPLOADS
            name = bomb.name if allowed else f"{bomb.name}.png"
            await _upload(app, tree, name, page, bomb.make(), None)
    await _show(app, tree, "Spark", "", None, backend="Spark RDD", seconds=60)
    await _show(app, tree, "raccoon again", "", "Raccoon in 9 colors", colors=9)
    watcher.cancel()


async def _show(
    app: App,
    tree: _Tree,
    title: str,
    page: str,
    wanted: str | None,
    *,
    seconds: float = 0.0,
    **settings: int | str,
) -> None:
    tree.peak, began = 0, time.monotonic()
    async with Visitor.visit(app.url, page) as visitor:
        found = await visitor.run()
        if settings:
            for key, value in settings.items():
                visitor.set(key, value)
            found = await visitor.run()
            while time.monotonic() < began + seconds and not found.errors:
                await asyncio.sleep(2)
                found = await visitor.run()
        _say(title, found, wanted, began, tree)


async def _upload(app: App, tree: _Tree, name: str, page: str, data: bytes, wanted: str | None) -> None:
    tree.peak, began = 0, time.monotonic()
    async with Visitor.visit(app.url, page) as visitor:
        await visitor.run()
        status = await visitor.upload("table_upload" if page else "upload_0", name, data)
        found = await visitor.run()
        if status >= 400:
            found.errors.insert(0, f"refused with {status}")
        _say(f"{name}, {len(data) / 1e6:,.1f} MB", found, wanted, began, tree)


def _say(title: str, found: PageRun, wanted: str | None, began: float, tree: _Tree) -> None:
    answer = found.errors[0] if found.errors else found.headings[0] if found.headings else "nothing"
    wrong = "" if wanted is None or wanted in found.headings else "WRONG: "
    seconds, most = time.monotonic() - began, tree.peak / 1e6
    print(f"| {title} | {wrong}{answer[:110]} | {seconds:.1f} | {most:,.0f} MB |", flush=True)


def photograph(width: int, height: int) -> bytes:
    """Something as smooth and as noisy as a photograph."""
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)).resize((width, height))
    noisy = np.asarray(small).astype(np.int16) + rng.integers(-6, 7, (height, width, 3))
    file = io.BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def rows(count: int) -> bytes:
    rng = np.random.default_rng(0)
    lines = (",".join(f"{value:.3f}" for value in row) for row in rng.normal(size=(count, 6)))
    return "\n".join(["a,b,c,d,e,f", *lines]).encode()


if __name__ == "__main__":
    sys.exit(main())
