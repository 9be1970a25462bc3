"""Targets for speed and quality, and what was reached, each with its ratio.

Times are those of `repetition.py`, from pixels in memory to labels and centers, or of `peers.py`, from pixels
to a palette and one index per pixel; medians of warm repetitions. Only start-up is left out.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.measuring.cases import BlobsSource, PictureSource, Plan
from kmeans_core.bench.measuring.ceiling import Ceiling
from kmeans_core.bench.measuring.large import LargePicture
from kmeans_core.bench.measuring.machine import Environment, is_same_code, machine_id
from kmeans_core.bench.measuring.peers import REFERENCE, PeerResult, PeerSummary, summarize
from kmeans_core.bench.measuring.picture_work import PictureWork
from kmeans_core.bench.measuring.presets import (
    TABLE_CLUSTERS,
    TABLE_COLUMNS,
    TABLE_ITERATIONS,
    TABLE_ROWS,
    grid,
)
from kmeans_core.bench.records.json_file import save_json
from kmeans_core.wording import bytes_text, listed, seconds_text

# Sizes of photographs to try, in megapixels, and how they are reduced.
LARGE = (24.0, 100.0)
LARGE_COLORS, LARGE_SETTINGS = 256, {"effort": "balanced", "max_iter": 20}
# Numbers of colors, and how many times less than scikit-learn's the error should be.
_EFFORT_COLORS = {16: 1 / 0.975, 64: 1 / 0.98, 256: 1 / 0.99}
# What a fit starts from and how long it takes; what a visitor may ask for, and the longest to wait.
DISTINCT = {"n_clusters": 256, "n_iter": 100}
# Rows of a table from which on workers of this machine should cost so many times what one process does.
_LARGE_TABLE, _WORKERS_TIMES = 1_000_000, 1.5
CHANGES, _CHANGE_SECONDS = (5, 8, 16, 32, 64), 0.08


@dataclass(frozen=True)
class MachineMeasurements:
    """What was measured besides the cases and the peers."""

    environment: Environment
    large: tuple[LargePicture, ...]
    ceiling: Ceiling
    work: PictureWork

    def save(self, path: Path) -> None:
        """Raises StoreError if the file cannot be written."""
        save_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path, environment: Environment) -> "MachineMeasurements | None":
        """Those of this machine and these kernels; None if there are none."""
        try:
            data = json.loads(path.read_text("utf-8"))
            large = tuple(LargePicture(**row) for row in data["large"])
            machine = cls(data["environment"], large, Ceiling(**data["ceiling"]), PictureWork(**data["work"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        is_same = machine_id(machine.environment) == machine_id(environment)
        return machine if is_same and is_same_code(machine.environment) else None


@dataclass(frozen=True)
class TargetRow:
    """work, against: what was compared. ours, theirs: values with units. ratio: how many times better ours
    is. min_ratio: the target.
    """

    work: str
    ours: str
    against: str
    theirs: str
    ratio: float
    least: float

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.least


def target_plan(picture: PictureSource) -> Plan:
    """The cases that targets are about."""
    backends = ("paper-numpy", "numba", "sklearn", "paper-rdd", "spark-rdd", "dask")
    tables = [
        BlobsSource(n_rows, TABLE_COLUMNS, TABLE_CLUSTERS) for n_rows in TABLE_ROWS if n_rows >= _LARGE_TABLE
    ]
    return Plan.of(
        [
            *grid([picture], backends, [10], [50]),
            *grid([picture], ("numba", "sklearn"), [256], [100]),
            *grid(tables, ("numba", "spark-rdd", "dask"), [TABLE_CLUSTERS], [TABLE_ITERATIONS]),
        ]
    )


def target_rows(view: View, peers: Sequence[PeerResult], machine: MachineMeasurements) -> list[TargetRow]:
    """One row for each target that was measured."""
    rows = [
        _case_row(view, "numba", "paper-numpy", 10, 50, "the paper's NumPy algorithm", 1000),
        _case_row(view, "numba", "sklearn", 10, 50, "scikit-learn, distinct colors", 8),
        _case_row(view, "numba", "sklearn", 256, 100, "scikit-learn, distinct colors", 25),
        *_work_rows(machine.work),
        *_peer_rows(peers),
        *_large_rows(machine.large),
        _case_row(view, "spark-rdd", "paper-rdd", 10, 50, "the paper's RDD algorithm", 15),
        *_worker_rows(view, machine.ceiling),
    ]
    return [row for row in rows if row is not None]


def _case_row(
    view: View, ours: str, theirs: str, n_clusters: int, n_iter: int, against: str, least: float
) -> TargetRow | None:
    mine, other = view.seconds(ours, n_clusters, n_iter), view.seconds(theirs, n_clusters, n_iter)
    if mine is None or other is None:
        return None
    return TargetRow(
        f"Raccoon, {n_clusters} colors, {n_iter} iterations, pixels to labels, `{ours}`",
        seconds_text(mine),
        against,
        seconds_text(other),
        other / mine,
        least,
    )


def _peer_rows(results: Sequence[PeerResult]) -> list[TargetRow]:
    rows = []
    ours, libimagequant = _pairs(results, "quick", "libimagequant", (256,))
    if ours:
        lower = sum(mine.mse < other.mse for mine, other in zip(ours, libimagequant, strict=True))
        equal = sum(mine.mse == other.mse for mine, other in zip(ours, libimagequant, strict=True))
        alike = f", the same on {equal}" if equal else ""
        what = f"256 colors, 20 iterations, pixels to indices, {len(ours)} pictures"
        rows.append(
            TargetRow(
                f"{what}; error lower on {lower}{alike}",
                _total(ours),
                "libimagequant",
                _total(libimagequant),
                _ratio(libimagequant, ours),
                5,
            )
        )
    cells = {(row.peer, row.colors): row for row in summarize(results)}
    searched = [cells[key] for n_colors in _EFFORT_COLORS if (key := ("balanced", n_colors)) in cells]
    if len(searched) == len(_EFFORT_COLORS):
        rows += _balanced_rows(searched, [cells[REFERENCE, n_colors] for n_colors in _EFFORT_COLORS])
    best, of_ten = _pairs(results, "best", "sklearn-best-of-10", tuple(_EFFORT_COLORS))
    # Both keep a picture with no more colors than that exactly.
    errors = [(mine.mse, other.mse) for mine, other in zip(best, of_ten, strict=True) if other.mse > 0]
    if errors:
        lower = sum(mine < other for mine, other in errors)
        rows.append(
            TargetRow(
                "`effort=best`, 16, 64 and 256 colors: pictures with a lower error",
                f"{lower} of {len(errors)}",
                "scikit-learn's best of ten",
                f"{len(errors) - lower} of {len(errors)}",
                lower / len(errors),
                1,
            )
        )
    return rows


def _balanced_rows(searched: Sequence[PeerSummary], reference: Sequence[PeerSummary]) -> list[TargetRow]:
    mine, other = sum(row.seconds for row in searched), sum(row.seconds for row in reference)
    against = "scikit-learn's k-means++, distinct colors"
    errors = [
        TargetRow(
            f"Default search, {row.colors} colors, {row.pictures} pictures: mean squared error",
            f"{row.error:.4f}",
            against,
            "1",
            1 / row.error,
            _EFFORT_COLORS[row.colors],
        )
        for row in searched
    ]
    what = f"Default search, {listed([str(row.colors) for row in searched])} colors"
    time = TargetRow(
        f"{what}, {searched[0].pictures} pictures: time",
        seconds_text(mine),
        against,
        seconds_text(other),
        other / mine,
        10,
    )
    return [*errors, time]


def _worker_rows(view: View, ceiling: Ceiling) -> Iterator[TargetRow]:
    """What workers add to large tables, beside the jobs that they have to be asked with."""
    local = {cell.sample.points: cell.seconds for cell in view.tables if cell.case.backend == "numba"}
    for cell in view.tables:
        job = {"spark-rdd": ceiling.spark_job, "dask": ceiling.dask_job}.get(cell.case.backend)
        here = local.get(cell.sample.points)
        if job is None or here is None or cell.seconds is None or cell.sample.points < _LARGE_TABLE:
            continue
        n_jobs = cell.case.n_iter + 1  # the last one asks for the labels
        limit = _WORKERS_TIMES * here + n_jobs * job
        yield TargetRow(
            f"{cell.sample.points:,} rows × {cell.sample.dims}, {cell.case.n_clusters} clusters, "
            f"{cell.case.n_iter} iterations, `{cell.case.backend}` on this machine",
            seconds_text(cell.seconds),
            f"{_WORKERS_TIMES:g} times `numba` ({seconds_text(here)}) and {n_jobs} empty jobs "
            f"({seconds_text(job)} each)",
            seconds_text(limit),
            limit / cell.seconds,
            1,
        )


def _work_rows(work: PictureWork) -> list[TargetRow]:
    ours, theirs = work.fits["numba"], work.fits["sklearn"]
    slowest = max(work.changes, key=lambda colors: work.changes[colors])
    return [
        TargetRow(
            f"Raccoon, {work.n_clusters} distinct colors to start from, {work.n_iter} iterations, pixels to "
            "labels, `numba`",
            seconds_text(ours),
            "scikit-learn, distinct colors",
            seconds_text(theirs),
            theirs / ours,
            25,
        ),
        TargetRow(
            f"Raccoon, another number of colors, {', '.join(work.changes)}: the slowest, {slowest}, from "
            "settings to files",
            seconds_text(work.changes[slowest]),
            "a wait that is hardly felt",
            seconds_text(_CHANGE_SECONDS),
            _CHANGE_SECONDS / work.changes[slowest],
            1,
        ),
    ]


def _large_rows(large: Iterable[LargePicture]) -> list[TargetRow]:
    rows = []
    for picture in large:
        size = f"{picture.megapixels:.0f} megapixels, {picture.n_colors} colors, balanced, 20 iterations"
        decode = picture.decode_seconds
        if picture.megapixels < 1.01 * LARGE[0]:
            rows.append(
                TargetRow(
                    f"{size}: histogram to remap",
                    seconds_text(picture.quantize_seconds),
                    f"Pillow reading it as JPEG ({bytes_text(picture.jpeg_bytes)})",
                    seconds_text(decode),
                    decode / picture.quantize_seconds,
                    1,
                )
            )
        if picture.bytes_a_pixel:
            rows.append(
                TargetRow(
                    f"{size}: memory beyond the pixels",
                    f"{picture.bytes_a_pixel:.1f} B per pixel",
                    "6 B per pixel",
                    "6",
                    6 / picture.bytes_a_pixel,
                    1,
                )
            )
    return rows


def _pairs(
    results: Sequence[PeerResult], one: str, other: str, colors: Sequence[int]
) -> tuple[list[PeerResult], list[PeerResult]]:
    """Results of two peers for the same pictures, in the same order."""
    of_other = {(row.picture, row.colors): row for row in results if row.peer == other}
    mine = [
        row
        for row in results
        if row.peer == one and row.colors in colors and (row.picture, row.colors) in of_other
    ]
    return mine, [of_other[row.picture, row.colors] for row in mine]


def _total(results: Sequence[PeerResult]) -> str:
    return seconds_text(sum(row.seconds for row in results))


def _ratio(slow: Sequence[PeerResult], fast: Sequence[PeerResult]) -> float:
    return sum(row.seconds for row in slow) / sum(row.seconds for row in fast)
