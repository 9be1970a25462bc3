"""Collections of pictures: how fast this process, Spark and Dask read and write them, with how many workers.

The pictures are those of `many_pictures.py`. Each way is measured in a process of its own, after a small
collection that starts and compiles everything, so start-up is apart.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from kmeans_core.backends import spark_settings
from kmeans_core.backends.distributed import SequentialWorkers, ThreadWorkers, Workers
from kmeans_core.bench.measuring import memory
from kmeans_core.bench.measuring.many_pictures import make_pictures
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.collections.collection import quantize_collection
from kmeans_core.collections.files import PictureAt, find_pictures
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.collections.reading import Reading, read_picture
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.temporary import new_folder

N_COLORS = 32
_WARM_UP = 16
# Ways that no option has: one picture after the other; and only reading them, in threads.
LOOP, DECODING = "loop", "decoding"


@dataclass(frozen=True)
class CollectionTime:
    """What a collection took.

    on: "threads", "spark", "dask", or one of the above. n_workers: processes or threads. seconds: by stage,
    start-up left out, of each repetition. driver_bytes: the most memory of the process that asked; 0 where
    the system does not report it.
    """

    on: str
    n_workers: int
    n_pictures: int
    megapixels: float
    n_unique: int
    seconds: tuple[Mapping[str, float], ...]
    driver_bytes: int

    def stage(self, name: str) -> float:
        """Seconds of a stage, the median of the repetitions; 0 where it has none."""
        return median(one.get(name, 0.0) for one in self.seconds)

    @property
    def total(self) -> float:
        """Seconds, the median of the repetitions."""
        return median(sum(one.values()) for one in self.seconds)


def measure_collection(
    photographs: Sequence[Path],
    folder: Path,
    n_pictures: int,
    on: str,
    n_workers: int,
    repeat: int,
    on_progress: Callable[[Any], None],
) -> CollectionTime:
    """Measures one way, in a process of its own. folder: where the pictures are made, and stay."""
    sources = folder / str(n_pictures)
    make_pictures(photographs, sources, n_pictures, lambda number: on_progress(f"making picture {number:,}"))
    _use(n_workers)
    pictures = list(find_pictures([str(sources)], ""))
    on_progress("reading sizes")
    megapixels = sum(map(_megapixels, pictures))
    with_output = new_folder("measured")
    try:
        _run(on, n_workers, pictures[:_WARM_UP], with_output / "warm", on_progress)
        memory.forget_peak()
        runs = []
        for number in range(repeat):
            runs.append(_run(on, n_workers, pictures, with_output / str(number), on_progress))
            shutil.rmtree(with_output / str(number), ignore_errors=True)
    finally:
        shutil.rmtree(with_output, ignore_errors=True)
    return CollectionTime(
        on=on,
        n_workers=n_workers,
        n_pictures=len(pictures),
        megapixels=megapixels,
        n_unique=runs[0][1],
        seconds=tuple(seconds for seconds, _ in runs),
        driver_bytes=memory.peak(),
    )


def _run(
    on: str, n_workers: int, pictures: Sequence[PictureAt], output: Path, on_progress: Callable[[Any], None]
) -> tuple[dict[str, float], int]:
    """Seconds by stage, and the distinct colors."""
    if on == DECODING:
        clock = perf_counter()
        for number, _ in enumerate(ThreadWorkers(n_workers).map(_decode, pictures)):
            on_progress(f"decoding picture {number:,}")
        return {"count": perf_counter() - clock}, 0
    workers: dict[str, Workers] = {"threads": ThreadWorkers(n_workers), LOOP: SequentialWorkers()}
    report = quantize_collection(
        [picture.url for picture in pictures] if len(pictures) <= _WARM_UP else str(_root(pictures)),
        str(output),
        QuantizeOptions(n_colors=N_COLORS),
        CollectionOptions(on=on if on not in workers else "threads"),
        workers=workers.get(on),
        on_progress=lambda progress: on_progress(f"{progress.stage} {progress.done:,} of {progress.total:,}"),
    )
    seconds = dict(report.seconds)
    del seconds["start"]
    return seconds, report.n_colors


def _root(pictures: Sequence[PictureAt]) -> Path:
    return Path(pictures[0].url.removeprefix("file://").removesuffix(pictures[0].name))


def _decode(file: PictureAt) -> int:
    return read_picture(file, Reading(CollectionOptions().max_megapixels)).width


def _megapixels(file: PictureAt) -> float:
    from PIL import Image

    with Image.open(file.url.removeprefix("file://")) as image:
        return image.width * image.height / 1e6


def _use(n_workers: int) -> None:
    """Gives this process, and all it starts, so many cores."""
    if spark_settings.is_local():
        os.environ["KMEANS_SPARK_MASTER"] = f"local[{n_workers}]"
    if n_workers < usable_cores():
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n_workers])
