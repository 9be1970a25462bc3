"""A picture of a gigapixel, made, reduced by the command, and timed, with the memory of all its processes.

python -m tests.collections.gigapixel
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pyvips

from kmeans_core.bench.measuring.large import mosaic
from tests.conftest import ASSETS

_COPIES = 4


def main() -> None:
    with TemporaryDirectory() as name:
        source, target = Path(name) / "in.tif", Path(name) / "out.tif"
        part = mosaic(sorted((ASSETS / "samples").glob("*.??g")), 64).pixels
        image = pyvips.Image.new_from_array(part, interpretation="srgb").replicate(_COPIES, _COPIES)
        image.tiffsave(str(source), tile=True, tile_width=256, tile_height=256, compression="jpeg", Q=90)
        command = ["collection", "--huge", str(source), "--colors", "32", "--output", str(target)]
        began, most = time.monotonic(), 0
        process = subprocess.Popen([sys.executable, "-m", "kmeans_core", *command])
        while process.poll() is None:
            most = max(most, _resident(process.pid))
            time.sleep(0.1)
        seconds = time.monotonic() - began
        megapixels = image.width * image.height / 1e6
        print(
            f"{megapixels:,.0f} megapixels in {seconds:.1f} s, {megapixels / seconds:.0f} a second, with "
            f"{most / 1e9:.2f} GB"
        )


def _resident(pid: int) -> int:
    try:
        first = psutil.Process(pid)
        return sum(one.memory_info().rss for one in (first, *first.children(recursive=True)))
    except psutil.Error:
        return 0


if __name__ == "__main__":
    main()
