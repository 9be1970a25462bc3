"""`quantize_huge()`: one picture that is larger than memory, in bands, by the workers of a collection."""

import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from kmeans_core.backends.distributed import Workers
from kmeans_core.collections.counting import add_up
from kmeans_core.collections.files import STATE_FOLDER
from kmeans_core.collections.lookup import Lookup
from kmeans_core.collections.pyramid import write_pyramid
from kmeans_core.collections.regions import (
    TILE,
    Huge,
    bands,
    count_band,
    open_huge,
    paint_band,
    with_tiles,
)
from kmeans_core.collections.report import CollectionProgress
from kmeans_core.collections.state import OutputFolder
from kmeans_core.collections.workers import TellingWorkers, workers_on
from kmeans_core.errors import OptionError, OutputError, PictureError
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import Palette
from kmeans_core.images.quality import measure_quality
from kmeans_core.images.shared_palette import fit_palette
from kmeans_core.images.stages import check_quantize_options
from kmeans_core.types import ByteArray


@dataclass(frozen=True, eq=False)
class HugeReport:
    """What a huge picture came to.

    Attributes
    ----------
    width, height, unique_colors : int
    palette : Palette
    mse, psnr : float
    output_bytes : int
    seconds : dict of str to float
        By stage, wall time.
    """

    width: int
    height: int
    unique_colors: int
    palette: Palette
    mse: float
    psnr: float
    output_bytes: int
    seconds: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """As `collection --huge --json` prints it."""
        return {
            "width": self.width,
            "height": self.height,
            "unique_colors": self.unique_colors,
            "palette": [entry.hex for entry in self.palette.entries],
            "mse": self.mse,
            "psnr": self.psnr,
            "output_bytes": self.output_bytes,
            "seconds": self.seconds,
        }


def quantize_huge(
    source: str,
    output: str,
    options: QuantizeOptions | None = None,
    *,
    on: str = "threads",
    workers: Workers | None = None,
    on_progress: Callable[[CollectionProgress], None] | None = None,
) -> HugeReport:
    """Reduces one picture of any size to a palette, without ever holding all of it.

    The result is that of `quantize()`, color for color. A file whose parts cannot be read alone, which is any
    but a tiled TIFF, is first laid out anew beside the output, which takes 3 bytes of disk a pixel.

    Parameters
    ----------
    source : str
        Path of a file that libvips reads, which every worker can reach.
    output : str
        Path of a TIFF file, which is written tiled, with smaller copies in it, and a palette.
    options : QuantizeOptions, optional
        Without dithering, which looks beyond a band.
    on : {"threads", "spark", "dask"}, default "threads"
        Who works.
    workers : Workers, optional
        Who works, instead.
    on_progress : callable, optional
        Called with a `CollectionProgress`, of bands instead of pictures.

    Returns
    -------
    HugeReport

    Raises
    ------
    OptionError
        For dithering, an output that is no TIFF, and what is wrong with the options.
    PictureError
        For a file that cannot be read, or has no visible pixel.
    OutputError
        If the output cannot be written; nothing is left of it then.
    BackendUnavailableError
        Without pyvips and tifffile, the extra `huge`.
    """
    options = check_quantize_options(options or QuantizeOptions())
    if options.dither != "none":
        raise OptionError(
            "Dithering does not go with huge pictures, which are written in parts; leave it out."
        )
    target = Path(output)
    if target.suffix.lower() not in (".tif", ".tiff"):
        raise OptionError(f"{output} is no TIFF file; huge pictures are written as one, give a name.tif.")
    huge = open_huge(source)
    if target.exists() and target.samefile(huge.path):
        raise OptionError(f"{output} would replace the picture itself; name another file.")
    scratch = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.resolve().parent))
        (scratch / STATE_FOLDER).mkdir()
        tiled, telling = with_tiles(huge, scratch), TellingWorkers(workers or workers_on(on))
        work = _Work(tiled, scratch, telling, on_progress)
        return work.done(options, target)
    except OSError as error:
        raise OutputError(f"{output} cannot be written ({error.strerror or error}); make room.") from None
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


class _Work:
    """huge: with tiles. scratch: a folder that the workers reach."""

    def __init__(
        self,
        huge: Huge,
        scratch: Path,
        workers: Workers,
        on_progress: Callable[[CollectionProgress], None] | None,
    ) -> None:
        self.huge, self.scratch, self.workers = huge, scratch, workers
        self.say = on_progress or (lambda _: None)
        self.bands = bands(huge)
        self.seconds: dict[str, float] = {}
        self.began = perf_counter()

    def done(self, options: QuantizeOptions, target: Path) -> HugeReport:
        folder = OutputFolder(str(self.scratch))
        counted = list(self._each("counting", partial(count_band, self.huge, str(self.scratch))))
        self._stage("count")
        counts = add_up(self.workers, folder, counted)
        if not len(counts.codes):
            raise PictureError(f"{self.huge.path} has no visible pixel.")
        histogram, hidden = counts.histogram(), any(one.hidden for one in counted)
        del counts
        self._stage("merge")
        options = replace(options, n_colors=min(options.n_colors, MAX_COLORS - hidden))
        palette, labels = fit_palette(histogram, options)
        quality = measure_quality(histogram, palette.colors, labels)
        lookup = Lookup.from_labels(histogram.colors, labels).save(folder)
        n_unique = len(histogram.colors)
        del histogram, labels
        self._stage("fit")
        unfinished = self.scratch / "unfinished.tif"
        paint = partial(paint_band, self.huge, str(self.scratch), lookup, len(palette))
        parts = self._each("writing", paint)
        size = (self.huge.width, self.huge.height)
        with closing(parts):
            write_pyramid(unfinished, self.scratch, size, _with_hidden(palette, hidden), parts, TILE)
        unfinished.replace(target)
        self._stage("write")
        return HugeReport(
            *size,
            unique_colors=n_unique,
            palette=palette,
            mse=quality.mse,
            psnr=quality.psnr,
            output_bytes=target.stat().st_size,
            seconds=self.seconds,
        )

    def _each(self, stage: str, function: Callable[[Any], Any]) -> Generator[Any, None, None]:
        self.say(CollectionProgress(stage, 0, len(self.bands)))
        with closing(self.workers.map(function, self.bands)) as answers:
            for number, answer in enumerate(answers, 1):
                self.say(CollectionProgress(stage, number, len(self.bands)))
                yield answer

    def _stage(self, name: str) -> None:
        now = perf_counter()
        self.seconds[name], self.began = now - self.began, now


def _with_hidden(palette: Palette, hidden: bool) -> ByteArray:
    """The colors of the file's table, which has no transparency: hidden pixels are black."""
    return np.vstack([palette.colors, np.zeros((1, 3), np.uint8)]) if hidden else palette.colors
