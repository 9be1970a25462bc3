"""`cluster_table()`: a table in, its rows with their clusters out, with everything people ask about them."""

from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kmeans_core.backends import capable_backends, get_backend
from kmeans_core.backends.base import Backend
from kmeans_core.backends.numba_ import for_same_points
from kmeans_core.clustering.seeding import DETERMINISTIC_METHODS
from kmeans_core.errors import TableError, UnsupportedOptionError
from kmeans_core.fitting import fit_points
from kmeans_core.model_selection import MAX_SILHOUETTE_POINTS, silhouette
from kmeans_core.tables.load import Table
from kmeans_core.tables.model import TableModel, free_name, label_column
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.preparation import Preparation, Prepared
from kmeans_core.types import FloatArray, KMeansResult, OnIteration
from kmeans_core.validation import checked
from kmeans_core.wording import listed

_N_SEEDS = 2**63


@dataclass(frozen=True, eq=False)
class ClusteredTable:
    """What `cluster_table()` returns.

    Attributes
    ----------
    table, preparation, prepared
        What came in, and how its rows became points.
    result : KMeansResult
        Of `cluster()`, with centers in the coordinates of the points.
    seconds : dict of str to float
        Phase → wall seconds, of all starts together.
    exact_silhouette : float or None, default None
        Of all rows by squared distances, if it was asked for.
    """

    table: Table
    preparation: Preparation
    prepared: Prepared
    result: KMeansResult
    seconds: dict[str, float]
    exact_silhouette: float | None = None

    @property
    def labels(self) -> pd.Series:
        """The cluster of each row of the table, from 0; missing for rows that were dropped."""
        return label_column(self.result.labels, self.prepared.rows, len(self.table.frame))

    @property
    def label_name(self) -> str:
        """Name of the column with the clusters; the table's own are not overwritten."""
        return free_name(self.table.frame.columns)

    def labelled(self, *, as_text: bool = False) -> pd.DataFrame:
        """The table with the cluster of each row as its last column, as `Table.with_labels()` has it."""
        return self.table.with_labels(self.label_name, self.labels, as_text=as_text)

    @cached_property
    def centers(self) -> pd.DataFrame:
        """Centers in the units of the table, one row per cluster."""
        return self.preparation.to_original(self.result.centers)

    @cached_property
    def sizes(self) -> pd.Series:
        """Rows in each cluster."""
        counts = np.bincount(self.result.labels, minlength=len(self.result.centers))
        return pd.Series(counts, name="rows").rename_axis("cluster")

    @cached_property
    def silhouette(self) -> float:
        """Mean silhouette coefficient on `n_silhouette_rows` rows; nan for one cluster."""
        if self.exact_silhouette is not None:
            return self.exact_silhouette
        return silhouette(self.prepared.points, self.result.labels)

    @property
    def n_silhouette_rows(self) -> int:
        n_points = len(self.prepared.points)
        return n_points if self.exact_silhouette is not None else min(n_points, MAX_SILHOUETTE_POINTS)

    @cached_property
    def profile(self) -> pd.DataFrame:
        """What sets each cluster apart: its mean in each coordinate minus that of all rows, in standard
        deviations.
        """
        points = self.prepared.points
        spreads = points.std(axis=0)
        differences = (self._means() - points.mean(axis=0)) / np.where(spreads > 0, spreads, 1.0)
        return pd.DataFrame(differences, columns=self.preparation.names).rename_axis("cluster")

    @cached_property
    def principal_components(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Points and centers on the first two principal components, (n, 2) and (k, 2), and the share of the
        variance that each explains, (2,)."""
        from sklearn.decomposition import PCA

        points = self.prepared.points
        if points.shape[1] == 1:
            centers = self.result.centers
            return (
                np.hstack([points, np.zeros_like(points)]),
                np.hstack([centers, np.zeros_like(centers)]),
                np.array([1.0, 0]),
            )
        if len(points) < 2:
            return points[:, :2], self.result.centers[:, :2], np.array([1.0, 0])
        model = PCA(2, random_state=0)
        flat = model.fit_transform(points)
        shares = np.nan_to_num(model.explained_variance_ratio_)
        return flat, model.transform(self.result.centers), shares

    def model(self) -> TableModel:
        """A model that labels new rows as these were labelled."""
        about = {
            "table": self.table.name,
            "rows": len(self.prepared.rows),
            "backend": self.result.backend,
            "inertia": self.result.inertia,
            "iterations": self.result.n_iter,
            "converged": self.result.converged,
        }
        return TableModel(self.preparation, self.result.centers, about)

    def report(self) -> dict[str, Any]:
        """All values, ready for JSON. Centers are in the units of the table."""
        return {
            "table": self.table.name,
            "rows": len(self.table.frame),
            "clustered_rows": len(self.prepared.rows),
            "dropped_missing": self.prepared.missing,
            "dropped_outliers": self.prepared.outliers,
            "columns": self.preparation.names,
            "backend": self.result.backend,
            "n_clusters": len(self.result.centers),
            "inertia": self.result.inertia,
            "silhouette": None if np.isnan(self.silhouette) else self.silhouette,
            "silhouette_rows": self.n_silhouette_rows,
            "silhouette_distance": "euclidean" if self.exact_silhouette is None else "squared euclidean",
            "n_iter": self.result.n_iter,
            "converged": self.result.converged,
            "sizes": self.sizes.tolist(),
            "centers": self.centers.to_dict("records"),
            "seconds": self.seconds,
            "notes": [*self.table.notes, *self.preparation.notes, *self.result.notes],
        }

    def _means(self) -> FloatArray:
        """Mean of the points of each cluster, (k, d); the center where it has none."""
        sums = np.zeros_like(self.result.centers)
        np.add.at(sums, self.result.labels, self.prepared.points)
        sizes = self.sizes.to_numpy()[:, None]
        return np.where(sizes > 0, sums / np.maximum(sizes, 1), self.result.centers)


def cluster_table(
    table: Table,
    preparation: Preparation,
    options: TableOptions | None = None,
    *,
    backend: Backend | None = None,
    init: ArrayLike | None = None,
    prepared: Prepared | None = None,
    on_iteration: OnIteration | None = None,
) -> ClusteredTable:
    """Clusters the rows of a table.

    Parameters
    ----------
    table : Table
    preparation : Preparation
        From `fit_preparation()`; what the options say of that is not looked at.
    options : TableOptions, optional
        Starts without chance are run once.
    backend, init : Backend and array_like, optional
        One made by hand, and the (k, d) centers to start from, instead of those of the options.
    prepared : Prepared, optional
        What `preparation` makes of the table, if known.
    on_iteration : OnIteration, optional
        As of `cluster()`.

    Returns
    -------
    ClusteredTable

    Raises
    ------
    TableError
        If the table does not fit the preparation, has fewer rows than clusters, or values beyond the
        precision.
    OptionError
        And the others of `cluster()`.
    """
    options = checked(options or TableOptions(), skipping=("init", "backend"))
    asked = options.fit
    runner = backend or get_backend(asked.backend)
    check_silhouette(options, runner)
    clock = perf_counter()
    prepared = prepared or preparation.apply(table.frame)
    seconds = {"prepare": perf_counter() - clock}
    if asked.n_clusters > len(prepared.rows):
        raise TableError(
            f"n_clusters={asked.n_clusters:,} is more than the {len(prepared.rows):,} rows to cluster; use "
            "fewer clusters, or drop fewer rows."
        )
    with np.errstate(over="ignore"):  # reported below
        points = prepared.points.astype(options.precision, copy=False)
    if not np.isfinite(points).all():
        raise too_large_for(options.precision)
    n_starts = _n_starts(runner, options, has_centers=init is not None)
    shared = for_same_points(runner) if n_starts > 1 else runner
    results = [
        fit_points(
            points,
            replace(asked, seed=(asked.seed + number) % _N_SEEDS),
            backend=shared,
            init=init,
            on_iteration=on_iteration,
        )
        for number in range(n_starts)
    ]
    result = min(results, key=lambda one: one.inertia)
    for phase in result.seconds:
        seconds[phase] = sum(one.seconds.get(phase, 0.0) for one in results)
    exact = None
    if options.silhouette == "all":
        from kmeans_core.backends.spark_silhouette import spark_silhouette

        clock = perf_counter()
        exact = spark_silhouette(points, result.labels)
        seconds["silhouette"] = perf_counter() - clock
    return ClusteredTable(table, preparation, prepared, result, seconds, exact)


def check_silhouette(options: TableOptions, runner: Backend) -> None:
    """Raises UnsupportedOptionError for all rows on a backend that measures only a sample."""
    if options.silhouette == "all" and not runner.traits.full_silhouette:
        able = [other.name for other in capable_backends(lambda traits: traits.full_silhouette)]
        raise UnsupportedOptionError(
            f"silhouette='all' is computed by Spark, not with the backend {runner.name}; use "
            f"{listed(able, 'or')}, or silhouette='sample'."
        )


def too_large_for(precision: str) -> TableError:
    return TableError(f"Some values are too large for {precision}; use float64, or scale the columns.")


def _n_starts(backend: Backend, options: TableOptions, *, has_centers: bool) -> int:
    if has_centers or options.fit.init in DETERMINISTIC_METHODS:
        return 1
    return options.starts or (1 if backend.traits.distributed else 8)
