"""What grows with the pictures: time, and memory of the driver, for 100, 1,000 and 10,000 small ones.

    python -m tests.collections.growth [threads|spark|dask]

And whether what the first two project for the last is what that takes.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from kmeans_core.bench.measuring import memory
from kmeans_core.collections.collection import quantize_collection
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.collections.projection import Measured, project
from kmeans_core.images.options import QuantizeOptions
from tests.conftest import ASSETS

COUNTS = (100, 1000, 10_000)
_DIFFERENT = 250


def make(folder: Path) -> None:
    """Crops of the samples of some 300 pixels, each several times among many."""
    rng = np.random.default_rng(0)
    samples = [Image.open(path).convert("RGB") for path in sorted((ASSETS / "samples").glob("*.??g"))]
    files = []
    for number in range(_DIFFERENT):
        image = samples[number % len(samples)]
        width, height = (int(rng.integers(120, min(450, side))) for side in image.size)
        left, top = (
            int(rng.integers(0, a - b + 1)) for a, b in zip(image.size, (width, height), strict=True)
        )
        path = folder / "different" / f"{number:03}.{'png' if number % 4 == 3 else 'jpg'}"
        path.parent.mkdir(exist_ok=True)
        image.crop((left, top, left + width, top + height)).save(path)
        files.append(path)
    for count in COUNTS:
        for number in range(count):
            file = files[int(rng.integers(_DIFFERENT))]
            target = folder / str(count) / f"{number // 500:02}" / f"{number:05}{file.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target)


def main(on: str = "threads") -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        make(folder)

        def run(count: int, output: str) -> Measured:
            options, how = QuantizeOptions(n_colors=32), CollectionOptions(on=on)
            report = quantize_collection(str(folder / str(count)), str(folder / output), options, how)
            return Measured.of(report)

        run(COUNTS[0], "warm-up")
        runs = []
        print("| pictures | seconds | memory of the driver |\n|---:|---:|---:|")
        for count in COUNTS:
            memory.forget_peak()
            runs.append(run(count, f"out-{count}"))
            print(
                f"| {count:,} | {sum(runs[-1].seconds.values()):.1f} | {memory.peak() / 1e6:.0f} MB |",
                flush=True,
            )
        found = project(runs[:-1], COUNTS[-1], runs[-1].n_workers)
        hours = (found.hours, found.least, found.most)
        print("projected: {:.1f} s ({:.1f} to {:.1f})".format(*(3600 * one for one in hours)))


if __name__ == "__main__":
    main(*sys.argv[1:])
