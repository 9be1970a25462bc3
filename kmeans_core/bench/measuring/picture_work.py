"""Work on one picture that the cases of a plan do not have: a fit from distinct colors, and what a page does
when somebody asks for another number of colors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from kmeans_core.backends import load_backend
from kmeans_core.fitting import cluster
from kmeans_core.images.compiling import compile_all
from kmeans_core.images.encoding import encode
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import load_picture
from kmeans_core.images.preview import quantized_preview
from kmeans_core.images.quantize import quantize_picture

_BACKENDS = ("numba", "sklearn")


@dataclass(frozen=True)
class PictureWork:
    """fits: backend → median seconds from pixels to labels, from the same distinct colors. changes: number of
    colors → median seconds from the settings to the files for a page, of a picture that has been read and
    counted."""

    n_clusters: int
    n_iter: int
    fits: Mapping[str, float]
    changes: Mapping[str, float]


def measure_picture_work(
    path: Path,
    n_clusters: int,
    n_iter: int,
    colors: Sequence[int],
    repeat: int,
    on_progress: Callable[[Any], None],
) -> PictureWork:
    """Medians of `repeat` repetitions after a first one."""
    picture = load_picture(path)
    histogram = ColorHistogram.of(picture)
    compile_all()
    chosen = np.random.default_rng(0).choice(len(histogram.colors), n_clusters, replace=False)
    start = histogram.colors[chosen].astype(np.float64)

    def fit(backend: str) -> None:
        counted = ColorHistogram.of(picture)
        cluster(
            counted.colors,
            n_clusters,
            weights=counted.counts,
            backend=backend,
            init=start,
            max_iter=n_iter,
            early_stop=not load_backend(backend).traits.fixed_iterations,
        )

    def change(n_colors: int) -> None:
        quantized = quantize_picture(picture, QuantizeOptions(n_colors), histogram=histogram)
        quantized_preview(encode(picture, quantized).png)

    fits, changes = {}, {}
    for backend in _BACKENDS:
        on_progress(f"fitting distinct colors by {backend}")
        fits[backend] = _median_seconds(partial(fit, backend), repeat)
    for n_colors in colors:
        on_progress(f"changing to {n_colors} colors")
        changes[str(n_colors)] = _median_seconds(partial(change, n_colors), repeat)
    return PictureWork(n_clusters, n_iter, fits, changes)


def _median_seconds(work: Callable[[], None], repeat: int) -> float:
    work()
    seconds = []
    for _ in range(repeat):
        clock = perf_counter()
        work()
        seconds.append(perf_counter() - clock)
    return median(seconds)
