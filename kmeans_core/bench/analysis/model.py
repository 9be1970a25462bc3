"""A cost model for each backend, fitted to measurements.

    seconds = overhead + per_pixel · pixels + iterations · (per_iteration + per_distance · points · clusters)

`points` are distinct colors, or pixels for an algorithm that works pixel by pixel. The four costs are found
by non-negative least squares (Lawson and Hanson, *Solving Least Squares Problems*, 1974) on relative errors,
so that a run of 10 ms counts as much as one of a minute. Start-up stands beside it: the median of the cold
runs.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

import numpy as np

from kmeans_core.bench.described import described
from kmeans_core.bench.records.results import Cell


@dataclass(frozen=True)
class Residual:
    """A cell's measured and predicted seconds."""

    cell: Cell
    measured: float
    predicted: float

    @property
    def error(self) -> float:
        """Relative: 0.1 if the prediction is 10 % too high."""
        return self.predicted / self.measured - 1.0


@dataclass(frozen=True)
class CostModel:
    """Costs of one backend in seconds; the head of this module has the formula.

    Attributes
    ----------
    backend : str
    start, overhead, per_pixel, per_iteration, per_distance : float
        Seconds, each 0 or more; `start` is the median of the cold runs.
    residuals : tuple of Residual
        The cells that it was fitted to, and its errors there.
    """

    backend: str
    start: float
    overhead: float
    per_pixel: float
    per_iteration: float
    per_distance: float
    residuals: tuple[Residual, ...] = ()

    def predict(
        self, *, pixels: float, points: float, n_clusters: int, rounds: int, workers: float = 1.0
    ) -> float:
        """Seconds of a warm run.

        Parameters
        ----------
        pixels, points : float
            Of the source; points are its distinct colors.
        n_clusters, rounds : int
            Clusters and iterations.
        workers : float, default 1.0
            How many times more cores share the distances. The cost per pixel stays with the driver, and the
            fixed cost per iteration does not shrink either.

        Returns
        -------
        float
        """
        n_points = _work(self.backend, pixels, points)
        distances = self.per_distance * n_points * n_clusters / workers
        return self.overhead + self.per_pixel * pixels + rounds * (self.per_iteration + distances)

    @property
    def typical_error(self) -> float:
        """Median of the absolute relative errors."""
        return median(abs(residual.error) for residual in self.residuals)


def fit_cost_models(cells: Iterable[Cell]) -> dict[str, CostModel]:
    """backend → its model, from the done cells, which should have the same number of cores."""
    by_backend: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.seconds is not None:
            by_backend[cell.case.backend].append(cell)
    return {backend: _fit(backend, found) for backend, found in by_backend.items()}


def _fit(backend: str, cells: list[Cell]) -> CostModel:
    from scipy.optimize import nnls

    seconds = np.array([cell.seconds for cell in cells], dtype=float)
    features = np.array([_features(backend, cell) for cell in cells], dtype=float)
    # Columns of like size, rows by their time: relative errors, well conditioned.
    scale = features.max(axis=0)
    scale[scale == 0] = 1.0
    costs, _ = nnls(features / scale / seconds[:, None], np.ones(len(cells)))
    overhead, per_pixel, per_iteration, per_distance = (float(cost) for cost in costs / scale)
    predicted = features @ (costs / scale)
    starts = [cell.cold.start for cell in cells if cell.cold is not None]
    return CostModel(
        backend,
        median(starts) if starts else 0.0,
        overhead,
        per_pixel,
        per_iteration,
        per_distance,
        tuple(
            Residual(cell, float(measured), float(model))
            for cell, measured, model in zip(cells, seconds, predicted, strict=True)
        ),
    )


def _features(backend: str, cell: Cell) -> tuple[float, float, float, float]:
    row = cell.sample
    n_points = _work(backend, row.pixels, row.points)
    return 1.0, float(row.pixels), float(row.rounds), float(row.rounds * n_points * cell.case.n_clusters)


def _work(backend: str, pixels: float, points: float) -> float:
    """How many points the backend handles in an iteration."""
    return pixels if described(backend).traits.per_pixel else points
