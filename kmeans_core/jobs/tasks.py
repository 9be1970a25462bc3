"""The tasks of the worker process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmeans_core.errors import JobStoppedError, OptionError
from kmeans_core.images.batch import Archive, BatchRow, quantize_all
from kmeans_core.images.choosing import FoundNumber, find_n_colors
from kmeans_core.images.encoding import EncodedPicture, encode
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import Palette
from kmeans_core.images.picture import Picture
from kmeans_core.images.preview import original_preview, thumbnail
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.images.reading_apart import load_picture_apart
from kmeans_core.images.report import QuantizeReport
from kmeans_core.jobs.job import Part
from kmeans_core.model_selection import SweepPoint, sweep
from kmeans_core.types import FloatArray, KMeansResult

if TYPE_CHECKING:  # a worker that never reads a table need not load the code for it
    from kmeans_core.tables.load import Table
    from kmeans_core.tables.options import TableOptions
    from kmeans_core.tables.preparation import Preparation

# Of a thumbnail, in pixels.
_SIDE = 192


def quantize_loaded(
    picture: Picture, options: QuantizeOptions, on_progress: Callable[[Any], None]
) -> EncodedPicture:
    """Reduces a picture and encodes the result.

    Parameters
    ----------
    picture : Picture
    options : QuantizeOptions
    on_progress : callable
        Called with "starting" and then with each `Iteration`.

    Returns
    -------
    EncodedPicture
    """
    on_progress("starting")
    return encode(picture, quantize_picture(picture, options, on_iteration=on_progress))


@dataclass(frozen=True)
class BatchProgress:
    """Progress of a batch.

    Attributes
    ----------
    done, total : int
        Files.
    name : str
        Of the current one.
    """

    done: int
    total: int
    name: str


@dataclass(frozen=True, eq=False)
class BatchResultRow:
    """One result as a page lists it.

    Attributes
    ----------
    name, n_colors : str, int
        Of the file; asked for.
    report : QuantizeReport or None
        As of `encode()`; None where `error` says why.
    before, after : bytes
        Thumbnails; empty without a report.
    error : str or None
    """

    name: str
    n_colors: int
    report: QuantizeReport | None
    before: bytes
    after: bytes
    error: str | None


@dataclass(frozen=True, eq=False)
class BatchResult:
    """What `quantize_files()` returns.

    Attributes
    ----------
    lines : sequence of BatchResultRow
    archive : bytes
        All results as one ZIP file.
    palettes : mapping of int to Palette
        With one palette for all pictures: number of colors asked for → that palette; else empty.
    is_whole : bool
        Whether it was not stopped before its end.
    """

    lines: Sequence[BatchResultRow]
    archive: bytes
    palettes: Mapping[int, Palette]
    is_whole: bool


def quantize_files(
    files: Sequence[tuple[str, bytes]],
    color_counts: Sequence[int],
    shared: bool,
    file_format: str,
    options: QuantizeOptions,
    on_progress: Callable[[Any], None],
) -> BatchResult:
    """Reduces many pictures to several numbers of colors, see `quantize_all()`, reporting each
    `BatchProgress`, and each row as a `Part`. What is there when it is stopped is its result.

    file_format: of the files in the archive.
    """
    on_progress("starting")
    total = len(files) * (2 if shared else 1)
    now = BatchProgress(-1, total, "")

    def report(name: str) -> None:
        nonlocal now
        now = BatchProgress(now.done + 1, total, name)
        on_progress(now)

    archive, lines, is_whole = Archive(file_format), _Lines(), True
    palettes: dict[int, Palette] = {}
    try:
        for row in quantize_all(
            files,
            color_counts,
            options,
            shared=shared,
            on_file=report,
            on_iteration=lambda _: on_progress(now),  # which ends it soon when it is to be stopped
            load=load_picture_apart,
        ):
            if row.shared is not None:
                palettes[row.n_colors] = row.shared
            on_progress(Part(lines.add(row, archive)))
    except JobStoppedError:
        if not lines.all:
            raise
        is_whole = False
    archive.add_palettes(palettes)
    return BatchResult(lines.all, archive.close(), palettes, is_whole)


class _Lines:
    """The rows of a batch as a page lists them."""

    def __init__(self) -> None:
        self.all: list[BatchResultRow] = []
        self._picture: Picture | None = None
        self._before = b""

    def add(self, row: BatchRow, archive: Archive) -> BatchResultRow:
        """Puts a row into the archive, and makes its line."""
        if row.picture is not None and row.picture is not self._picture:
            self._picture, self._before = row.picture, thumbnail(original_preview(row.picture), _SIDE)
        try:
            archive.add(row)
        except OptionError as error:  # too large for this kind of file
            row = replace(row, encoded=None, error=str(error))
            archive.add(row)
        before = b"" if row.picture is None else self._before
        encoded = row.encoded
        report, after = (None, b"") if encoded is None else (encoded.report, thumbnail(encoded.png, _SIDE))
        self.all.append(BatchResultRow(row.name, row.n_colors, report, before, after, row.error))
        return self.all[-1]


def find_n_colors_of_picture(
    picture: Picture,
    target: str,
    value: float,
    min_colors: int,
    options: QuantizeOptions,
    on_progress: Callable[[Any], None],
) -> FoundNumber:
    """Finds how many colors reach a target, see `choosing.find_n_colors()`, reporting each number before it
    is tried.
    """
    on_progress("starting")
    return find_n_colors(
        picture,
        target,
        value,
        options,
        fewest=min_colors,
        on_try=lambda number: on_progress(f"trying {number} colors"),
    )


def cluster_rows(
    table: "Table", preparation: "Preparation", options: "TableOptions", on_progress: Callable[[Any], None]
) -> tuple[KMeansResult, dict[str, float], float | None]:
    """Clusters a table. Returns the result, the timings, and the silhouette of all rows if asked for."""
    from kmeans_core.tables.clustered import cluster_table

    on_progress("starting")
    clustered = cluster_table(table, preparation, options, on_iteration=on_progress)
    return clustered.result, clustered.seconds, clustered.exact_silhouette


def sweep_points(
    points: FloatArray, ks: Sequence[int], on_progress: Callable[[Any], None]
) -> list[SweepPoint]:
    """Clusters the same points with each k, reporting each `SweepPoint`."""
    on_progress("starting")
    return sweep(points, ks, on_point=on_progress)
