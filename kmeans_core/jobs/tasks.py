"""What the worker process can be asked to do."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kmeans_core.images.choosing import Choice, choose_colors
from kmeans_core.images.encoding import EncodedPicture, encode
from kmeans_core.images.picture import load_picture
from kmeans_core.images.quantize import quantize
from kmeans_core.model_selection import SweepPoint, sweep
from kmeans_core.types import FloatArray, KMeansResult

if TYPE_CHECKING:  # a worker that never sees a table has no use for what reads one
    from kmeans_core.tables.load import Table
    from kmeans_core.tables.preparation import Preparation


def quantize_file(
    data: bytes,
    name: str,
    n_colors: int,
    settings: Mapping[str, Any],
    on_progress: Callable[[Any], None],
) -> EncodedPicture:
    """Reads a picture file, reduces it and encodes the result.

    settings: further arguments of `quantize()`. on_progress: called with "starting" and then with each
    `Iteration`.
    """
    on_progress("starting")
    picture = load_picture(data, name=name)
    return encode(picture, quantize(picture, n_colors, **settings, on_iteration=on_progress))


def choose_number(
    data: bytes,
    name: str,
    target: str,
    value: float,
    settings: Mapping[str, Any],
    on_progress: Callable[[Any], None],
) -> Choice:
    """Finds how many colors reach a target, see `choose_colors()`, telling each number before it is tried.

    settings: further arguments of `quantize()`.
    """
    on_progress("starting")
    return choose_colors(
        load_picture(data, name=name),
        target,
        value,
        on_try=lambda number: on_progress(f"trying {number} colors"),
        **settings,
    )


def cluster_rows(
    table: "Table",
    preparation: "Preparation",
    n_clusters: int,
    settings: Mapping[str, Any],
    on_progress: Callable[[Any], None],
) -> tuple[KMeansResult, dict[str, float], float | None]:
    """Clusters a table; the result, the seconds of each phase, and the silhouette of all rows if that is
    wanted.

    settings: further arguments of `cluster_table()`.
    """
    from kmeans_core.tables.clustered import cluster_table

    on_progress("starting")
    clustered = cluster_table(table, preparation, n_clusters, **settings, on_iteration=on_progress)
    return clustered.result, clustered.seconds, clustered.exact_silhouette


def sweep_points(
    points: FloatArray, ks: Sequence[int], settings: Mapping[str, Any], on_progress: Callable[[Any], None]
) -> list[SweepPoint]:
    """Clusters the same points with each k, telling each `SweepPoint`."""
    on_progress("starting")
    return sweep(points, ks, **settings, on_point=on_progress)
