"""What the worker process can be asked to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmeans_core.errors import OptionError
from kmeans_core.images.batch import Archive, quantize_all
from kmeans_core.images.choosing import Choice, choose_colors
from kmeans_core.images.encoding import EncodedPicture, encode
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import load_picture
from kmeans_core.images.preview import original_preview, thumbnail
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.images.report import QuantizeReport
from kmeans_core.model_selection import SweepPoint, sweep
from kmeans_core.types import FloatArray, KMeansResult

if TYPE_CHECKING:  # a worker that never sees a table has no use for what reads one
    from kmeans_core.tables.load import Table
    from kmeans_core.tables.options import TableOptions
    from kmeans_core.tables.preparation import Preparation


def quantize_file(
    data: bytes, name: str, options: QuantizeOptions, on_progress: Callable[[Any], None]
) -> EncodedPicture:
    """Reads a picture file, reduces it and encodes the result.

    on_progress: called with "starting" and then with each `Iteration`.
    """
    on_progress("starting")
    picture = load_picture(data, name=name)
    return encode(picture, quantize_picture(picture, options, on_iteration=on_progress))


@dataclass(frozen=True)
class Step:
    """How far a task is: `done` of `total`, working on `name`."""

    done: int
    total: int
    name: str


@dataclass(frozen=True, eq=False)
class BatchLine:
    """A picture in some colors, as a page lists it: figures of `encode()` and thumbnails, or the error."""

    name: str
    n_colors: int
    report: QuantizeReport | None
    before: bytes
    after: bytes
    error: str | None


@dataclass(frozen=True, eq=False)
class BatchResult:
    """archive: all results as one ZIP file."""

    lines: Sequence[BatchLine]
    archive: bytes


def quantize_files(
    files: Sequence[tuple[str, bytes]],
    numbers: Sequence[int],
    shared: bool,
    kind: str,
    options: QuantizeOptions,
    on_progress: Callable[[Any], None],
) -> BatchResult:
    """Reduces many pictures to several numbers of colors, see `quantize_all()`, telling each `Step`.

    kind: of the files in the archive.
    """
    on_progress("starting")
    looks, total = 0, len(files) * (2 if shared else 1)

    def tell(name: str) -> None:
        nonlocal looks
        on_progress(Step(looks, total, name))
        looks += 1

    archive, lines = Archive(kind), []
    last, before = None, b""
    for row in quantize_all(files, numbers, options, shared=shared, on_file=tell):
        if row.picture is None or row.encoded is None:
            archive.add(row)
            lines.append(BatchLine(row.name, row.n_colors, None, b"", b"", row.error))
            continue
        if row.picture is not last:
            last, before = row.picture, thumbnail(original_preview(row.picture))
        try:
            archive.add(row)
        except OptionError as error:  # too large for this kind of file
            archive.add(failed := replace(row, encoded=None, error=str(error)))
            lines.append(BatchLine(row.name, row.n_colors, None, before, b"", failed.error))
            continue
        after = thumbnail(row.encoded.png)
        lines.append(BatchLine(row.name, row.n_colors, row.encoded.report, before, after, None))
    return BatchResult(lines, archive.close())


def choose_number(
    data: bytes,
    name: str,
    target: str,
    value: float,
    fewest: int,
    options: QuantizeOptions,
    on_progress: Callable[[Any], None],
) -> Choice:
    """Finds how many colors reach a target, see `choose_colors()`, telling each number before it is tried."""
    on_progress("starting")
    return choose_colors(
        load_picture(data, name=name),
        target,
        value,
        options,
        fewest=fewest,
        on_try=lambda number: on_progress(f"trying {number} colors"),
    )


def cluster_rows(
    table: "Table",
    preparation: "Preparation",
    options: "TableOptions",
    on_progress: Callable[[Any], None],
) -> tuple[KMeansResult, dict[str, float], float | None]:
    """Clusters a table; the result, the seconds of each phase, and the silhouette of all rows if that is
    wanted."""
    from kmeans_core.tables.clustered import cluster_table

    on_progress("starting")
    clustered = cluster_table(table, preparation, options, on_iteration=on_progress)
    return clustered.result, clustered.seconds, clustered.exact_silhouette


def sweep_points(
    points: FloatArray, ks: Sequence[int], on_progress: Callable[[Any], None]
) -> list[SweepPoint]:
    """Clusters the same points with each k, telling each `SweepPoint`."""
    on_progress("starting")
    return sweep(points, ks, on_point=on_progress)
