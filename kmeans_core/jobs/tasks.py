"""The tasks of the worker process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmeans_core.errors import OptionError
from kmeans_core.images.batch import Archive, quantize_all
from kmeans_core.images.choosing import FoundNumber, find_n_colors
from kmeans_core.images.encoding import EncodedPicture, encode
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import Picture
from kmeans_core.images.preview import original_preview, thumbnail
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.images.reading_apart import load_picture_apart
from kmeans_core.images.report import QuantizeReport
from kmeans_core.model_selection import SweepPoint, sweep
from kmeans_core.types import FloatArray, KMeansResult

if TYPE_CHECKING:  # a worker that never reads a table need not load the code for it
    from kmeans_core.tables.load import Table
    from kmeans_core.tables.options import TableOptions
    from kmeans_core.tables.preparation import Preparation


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
    """

    lines: Sequence[BatchResultRow]
    archive: bytes


def quantize_files(
    files: Sequence[tuple[str, bytes]],
    color_counts: Sequence[int],
    shared: bool,
    file_format: str,
    options: QuantizeOptions,
    on_progress: Callable[[Any], None],
) -> BatchResult:
    """Reduces many pictures to several numbers of colors, see `quantize_all()`, reporting each
    `BatchProgress`.

    file_format: of the files in the archive.
    """
    on_progress("starting")
    n_read, total = 0, len(files) * (2 if shared else 1)

    def report(name: str) -> None:
        nonlocal n_read
        on_progress(BatchProgress(n_read, total, name))
        n_read += 1

    archive, lines = Archive(file_format), []
    last, before = None, b""
    for row in quantize_all(
        files, color_counts, options, shared=shared, on_file=report, load=load_picture_apart
    ):
        if row.picture is None or row.encoded is None:
            archive.add(row)
            lines.append(BatchResultRow(row.name, row.n_colors, None, b"", b"", row.error))
            continue
        if row.picture is not last:
            last, before = row.picture, thumbnail(original_preview(row.picture))
        try:
            archive.add(row)
        except OptionError as error:  # too large for this kind of file
            archive.add(failed := replace(row, encoded=None, error=str(error)))
            lines.append(BatchResultRow(row.name, row.n_colors, None, before, b"", failed.error))
            continue
        after = thumbnail(row.encoded.png)
        lines.append(BatchResultRow(row.name, row.n_colors, row.encoded.report, before, after, None))
    return BatchResult(lines, archive.close())


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
