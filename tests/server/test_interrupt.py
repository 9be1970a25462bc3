"""Ctrl-C in the terminal of a server whose Spark is warm."""

import asyncio
import signal
from pathlib import Path

import psutil
import pytest

from tests.browser.server import App
from tests.conftest import require
from tests.load.visitor import Visitor
from tests.waiting import in_own_loop, until


@pytest.mark.spark
def test_nothing_is_left_running_or_in_the_temporary_folder(tmp_path):
    require("spark-rdd")
    app = App(TMPDIR=str(tmp_path))
    try:
        in_own_loop(_quantize_on_spark(app.url, tmp_path))
        assert app.java()
        below = app.below()
        app.process.send_signal(signal.SIGINT)
        app.process.wait(30)
        _, alive = psutil.wait_procs(below, timeout=15)
        assert alive == []
        until(lambda: not list(tmp_path.iterdir()), 10)
    finally:
        app.close()


async def _quantize_on_spark(url: str, temporary: Path) -> None:
    async with Visitor.visit(url, query="picture=cat&colors=3&backend=spark-rdd") as visitor:
        while not list(temporary.rglob("blockmgr*")):
            found = await visitor.run()
            assert not found.errors
            await asyncio.sleep(0.5)
