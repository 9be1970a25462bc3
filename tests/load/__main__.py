"""`python -m tests.load`: many visitors at once."""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

import psutil

from kmeans_core.bench.measuring.machine import describe_machine
from tests.browser.server import App
from tests.load.visitor import PageRun, Visitor

# What a visitor looks at, and which number they change there.
_PICTURES = {"raccoon": "Raccoon", "coffee": "Coffee", "cat": "Cat", "rocket": "Rocket", "flower": "Flower"}
_TABLES = {"iris": "Iris flowers", "wine": "Wines"}


@dataclass
class Log:
    """waits: seconds of each page run. wrong: answers that were not for what was asked."""

    waits: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between answer and next change")
    options = parser.parse_args()
    machine = describe_machine()
    print(f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}\n")
    app = App()
    server = psutil.Process(app.process.pid)
    try:
        started = _megabytes(server)
        asyncio.run(_one(app.url))
        one = _megabytes(server)
        log, busy = Log(), _Busy(server)
        asyncio.run(_many(app.url, options.visitors, options.seconds, options.pause, log))
        share = busy.share()
        after = _megabytes(server)
        time.sleep(200)  # what is left goes two minutes after the last visitor
        left = _megabytes(server)
    finally:
        app.close()
    print("| | |\n|---|---:|")
    print(f"| visitors | {options.visitors} |")
    print(f"| page runs a second | {len(log.waits) / options.seconds:.1f} |")
    print(f"| median wait | {median(log.waits):.2f} s |")
    print(f"| nine of ten wait less than | {sorted(log.waits)[int(0.9 * len(log.waits))]:.2f} s |")
    print(f"| processors busy with the server | {share:.0%} |")
    print(f"| wrong answers | {len(log.wrong)} |")
    for title, megabytes in (
        ("started", started),
        ("after one visitor's raccoon", one),
        ("with all visitors", after),
        ("three minutes after they left", left),
    ):
        print(f"| resident memory, {title} | {megabytes:,.0f} MB |")
    for text, count in Counter(log.wrong).most_common(5):
        print(f"{count} × {text}")
    return int(bool(log.wrong))


async def _one(url: str) -> None:
    async with Visitor.visit(url) as visitor:
        await visitor.run()
    await asyncio.sleep(10)  # compiling in the background, and what is tidied up after it


async def _many(url: str, n_visitors: int, seconds: int, pause: float, log: Log) -> None:
    end = time.monotonic() + seconds
    await asyncio.gather(*(_visit(url, number, end, pause, log) for number in range(n_visitors)))


async def _visit(url: str, number: int, end: float, pause: float, log: Log) -> None:
    rng = random.Random(number)
    await asyncio.sleep(rng.uniform(0, 5))
    if number % 5 < 4:
        key, title = rng.choice(list(_PICTURES.items()))
        page, query, widget = "", f"picture={key}", "colors"
    else:
        key, title = rng.choice(list(_TABLES.items()))
        page, query, widget = "tables", f"table={title}", "clusters"
    count, unit = (5, "color") if page == "" else (3, "cluster")
    async with Visitor.visit(url, page, query) as visitor:
        while time.monotonic() < end:
            began = time.monotonic()
            found = await visitor.run()
            log.waits.append(time.monotonic() - began)
            _check(found, f"{title} in {count} {unit}s", log)
            await asyncio.sleep(pause * rng.uniform(0.5, 1.5))
            count = rng.randint(2, 64 if unit == "color" else 10)
            visitor.set(widget, count)


def _check(found: PageRun, wanted: str, log: Log) -> None:
    if wanted not in found.headings:
        log.wrong.append(f"wanted {wanted!r}, got {found.headings[:2]} {found.errors[:1]}")


class _Busy:
    """How busy a process keeps the machine from now on."""

    def __init__(self, process: psutil.Process) -> None:
        self._process, self._began, self._before = process, time.monotonic(), self._seconds(process)

    def share(self) -> float:
        elapsed = time.monotonic() - self._began
        used = self._seconds(self._process) - self._before
        return used / elapsed / (psutil.cpu_count() or 1)

    @staticmethod
    def _seconds(process: psutil.Process) -> float:
        times = process.cpu_times()
        return float(times.user + times.system)


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 1e6)


if __name__ == "__main__":
    sys.exit(main())
