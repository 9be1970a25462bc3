"""`python -m tests.load.beside`: a visitor's light page, alone and while another uploads the worst files."""

import asyncio
import contextlib
import itertools
import sys
import time
from statistics import median

from pages.components.shared.samples import UPLOADS
from tests.browser.server import App
from tests.fuzz.bombs import Bomb, bombs
from tests.load.visitor import Visitor

_SECONDS = 20.0
_PAUSE_SECONDS = 0.2


def main() -> int:
    app = App(STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION="false")
    try:
        alone, beside = asyncio.run(_compare(app.url))
    finally:
        app.close()
    print("| a page run | median | nine of ten |\n|---|---:|---:|")
    for title, waits in (("alone", alone), ("beside the worst files", beside)):
        usual, slow = 1e3 * median(waits), 1e3 * sorted(waits)[int(0.9 * len(waits))]
        print(f"| {title} | {usual:.0f} ms | {slow:.0f} ms |")
    print(f"| ratio | {median(beside) / median(alone):.2f} | |")
    return 0


async def _compare(url: str) -> tuple[list[float], list[float]]:
    worst = [bomb for bomb in bombs() if bomb.reads == "picture" and not bomb.is_large]
    files = {bomb.name: bomb.make() for bomb in worst}
    numbers = itertools.cycle(range(2, 257))
    async with Visitor.visit(url) as light:
        await light.run()
        await asyncio.sleep(10)  # compiling in the background
        alone = await _waits(light, numbers)
        heavy = asyncio.create_task(_upload_all(url, worst, files))
        beside = await _waits(light, numbers)
        heavy.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heavy
    return alone, beside


async def _waits(visitor: Visitor, numbers: "itertools.cycle[int]") -> list[float]:
    found, end = [], time.monotonic() + _SECONDS
    while time.monotonic() < end:
        visitor.set("colors", next(numbers))
        began = time.monotonic()
        await visitor.run()
        found.append(time.monotonic() - began)
        await asyncio.sleep(_PAUSE_SECONDS)
    return found


async def _upload_all(url: str, worst: list[Bomb], files: dict[str, bytes]) -> None:
    for bomb in itertools.cycle(worst):
        async with Visitor.visit(url) as visitor:
            await visitor.run()
            name = bomb.name if bomb.name.rpartition(".")[2] in UPLOADS else f"{bomb.name}.png"
            await visitor.upload("upload_0", name, files[bomb.name])
            await visitor.run()


if __name__ == "__main__":
    sys.exit(main())
