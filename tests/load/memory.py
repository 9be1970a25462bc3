"""`python -m tests.load.memory`: what the server and the processes below it take, step by step."""

import asyncio
import sys
from collections import defaultdict
from contextlib import suppress

import psutil

from tests.browser.server import App
from tests.load.small_host import photograph
from tests.load.visitor import Visitor

_PAGES = ("", "batch", "collection", "tables", "learn", "benchmark")
_ROLES = {
    "kmeans_core.readers": "readers",
    "kmeans_core.jobs": "worker",
    "multiprocessing": "Dask's workers",
    "pyspark.daemon": "Spark's Python",
    "pyspark-shell": "Java",
}
_EVERY_SECONDS = 0.05


def main() -> int:
    print("| resident memory in MB, most | server |", *(f"{role} |" for role in _ROLES.values()))
    print("|---|" + "---:|" * (1 + len(_ROLES)), flush=True)
    app = App(STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION="false")
    try:
        asyncio.run(_day(app))
    finally:
        app.close()
    return 0


async def _day(app: App) -> None:
    peaks: dict[str, int] = defaultdict(int)
    watcher = asyncio.create_task(_watch(app, peaks))

    async def say(step: str) -> None:
        await asyncio.sleep(5)  # what goes on in the background after an answer
        figures = (peaks["server"], *(peaks[role] for role in _ROLES.values()))
        print(f"| {step} |", *(f"{size / 1e6:,.0f} |" if size else "|" for size in figures), flush=True)
        peaks.clear()

    await say("just started")
    await _visit(app, "")
    await say("the first picture")
    for page in _PAGES:
        await _visit(app, page)
    await say("all five pages")
    for backend in ("dask", "spark-rdd"):
        await _visit(app, "", f"picture=cat&backend={backend}")
        await asyncio.sleep(30)
        await say(f"the cat on {backend}")
    async with Visitor.visit(app.url) as visitor:
        await visitor.run()
        await visitor.upload("upload_0", "large.jpg", photograph(8000, 6200))
        while "large in 5 colors" not in (await visitor.run()).headings:
            await asyncio.sleep(0.5)
    await say("a picture of 50 megapixels")
    watcher.cancel()


async def _visit(app: App, page: str, query: str = "") -> None:
    async with Visitor.visit(app.url, page, query) as visitor:
        await visitor.run()


async def _watch(app: App, peaks: dict[str, int]) -> None:
    while True:
        now: dict[str, int] = defaultdict(int)
        for process in (psutil.Process(app.process.pid), *app.below()):
            with suppress(psutil.Error):
                command = " ".join(process.cmdline())
                role = next((role for part, role in _ROLES.items() if part in command), "server")
                now[role] += process.memory_info().rss
        for role, size in now.items():
            peaks[role] = max(peaks[role], size)
        await asyncio.sleep(_EVERY_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
