"""How close times come to what the machine, Spark or Dask could do at most."""

from dataclasses import dataclass
from statistics import median

from kmeans_core.bench.analysis.targets import MachineMeasurements
from kmeans_core.bench.analysis.view import View
from kmeans_core.wording import seconds_text


@dataclass(frozen=True)
class CeilingRow:
    """work: what takes time. measured: its rate. limit: the most that the machine, Spark or Dask could do.
    share: of the limit; above 1 if work is avoided rather than done.
    """

    work: str
    measured: str
    limit: str
    share: float


def ceiling_rows(view: View, machine: MachineMeasurements) -> list[CeilingRow]:
    """How close times come to the ceiling."""
    ceiling = machine.ceiling
    rows = []
    for picture in machine.large:
        read = picture.megapixels * 1e6 * 3 / picture.seconds["histogram"]
        rows.append(
            CeilingRow(
                f"Histogram of {picture.megapixels:.0f} megapixels, its 3 bytes per pixel read once",
                f"{read / 1e9:.2f} GB/s",
                f"{ceiling.bytes_a_second / 1e9:.1f} GB/s copied",
                read / ceiling.bytes_a_second,
            )
        )
    for n_clusters, n_iter in ((10, 50), (256, 100)):
        cell = view.cell("numba", n_clusters, n_iter)
        if cell is None or cell.seconds is None or not cell.sample.points:
            continue
        fit_seconds = cell.phase("prepare") + cell.phase("iterate") + cell.phase("result")
        replaced = cell.sample.points * n_clusters * (cell.sample.rounds or n_iter) / fit_seconds
        rows.append(
            CeilingRow(
                f"Fit with {n_clusters} colors, distances of a brute-force fit",
                f"{replaced / 1e9:.1f}·10⁹/s",
                f"{ceiling.distances_a_second / 1e9:.1f}·10⁹/s computed",
                replaced / ceiling.distances_a_second,
            )
        )
    for backend, empty_job in (("spark-rdd", ceiling.spark_job), ("dask", ceiling.dask_job)):
        cell = view.cell(backend, 10, 50)
        iteration_seconds = [step for row in cell.warm for step in row.iterations] if cell is not None else []
        if empty_job is None or not iteration_seconds:
            continue
        seconds = median(iteration_seconds)
        rows.append(
            CeilingRow(
                f"An iteration of `{backend}`",
                seconds_text(seconds),
                f"{seconds_text(empty_job)} for an empty job",
                empty_job / seconds,
            )
        )
    return rows
