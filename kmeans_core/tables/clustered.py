"""`cluster_table()`: a table in, its rows with their clusters out, with everything people ask about them."""

import io
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kmeans_core.backends import capable_backends, load_backend
from kmeans_core.backends.base import Backend
from kmeans_core.clustering.seeding import WITHOUT_CHANCE
from kmeans_core.errors import OptionError, TableError, UnsupportedOptionError
from kmeans_core.fitting import cluster
from kmeans_core.model_selection import MOST_SILHOUETTE_POINTS, silhouette
from kmeans_core.tables.load import Table
from kmeans_core.tables.model import TableModel, free_name, spread
from kmeans_core.tables.preparation import Preparation, Prepared
from kmeans_core.types import FloatArray, KMeansResult, OnIteration
from kmeans_core.wording import listed

PRECISIONS = ("float64", "float32")
SILHOUETTES = ("sample", "all")
MOST_STARTS = 100
_SEEDS = 2**63


@dataclass(frozen=True, eq=False)
class ClusteredTable:
    """table: what came in. preparation, prepared: how its rows became points. result: of `cluster()`, with
    centers in the coordinates of the points. seconds: phase → wall seconds. exact_silhouette: of all rows by
    squared distances, if it was asked for."""

    table: Table
    preparation: Preparation
    prepared: Prepared
    result: KMeansResult
    seconds: dict[str, float]
    exact_silhouette: float | None = None

    @property
    def labels(self) -> pd.Series:
        """The cluster of each row of the table, from 0; missing for rows that were dropped."""
        return spread(self.result.labels, self.prepared.rows, len(self.table.frame))

    @property
    def label_name(self) -> str:
        """Name of the column with the clusters; the table's own are not overwritten."""
        return free_name(self.table.frame.columns)

    def labelled(self) -> pd.DataFrame:
        """The table with the cluster of each row as its last column."""
        return self.table.frame.assign(**{self.label_name: self.labels})

    @cached_property
    def centers(self) -> pd.DataFrame:
        """Centers in the units of the table, one row a cluster."""
        return self.preparation.to_original(self.result.centers)

    @cached_property
    def sizes(self) -> pd.Series:
        """Rows in each cluster."""
        counts = np.bincount(self.result.labels, minlength=len(self.result.centers))
        return pd.Series(counts, name="rows").rename_axis("cluster")

    @cached_property
    def silhouette(self) -> float:
        """Mean silhouette coefficient on `silhouette_points` of the rows; nan for one cluster."""
        if self.exact_silhouette is not None:
            return self.exact_silhouette
        return silhouette(self.prepared.points, self.result.labels)

    @property
    def silhouette_points(self) -> int:
        n_points = len(self.prepared.points)
        return n_points if self.exact_silhouette is not None else min(n_points, MOST_SILHOUETTE_POINTS)

    @cached_property
    def profile(self) -> pd.DataFrame:
        """What sets each cluster apart: its mean in each coordinate less that of all rows, in standard
        deviations of all rows."""
        points = self.prepared.points
        spreads = points.std(axis=0)
        apart = (self._means() - points.mean(axis=0)) / np.where(spreads > 0, spreads, 1.0)
        return pd.DataFrame(apart, columns=self.preparation.names).rename_axis("cluster")

    @cached_property
    def flat(self) -> tuple[FloatArray, FloatArray, FloatArray]:
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
        """What labels new rows as these were."""
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
        """All figures, ready for JSON. Centers are in the units of the table."""
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
            "silhouette_rows": self.silhouette_points,
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
    n_clusters: int,
    *,
    backend: str | Backend = "numba",
    init: str | ArrayLike = "k-means++",
    max_iter: int = 100,
    tol: float = 0.0,
    seed: int = 0,
    starts: int | None = None,
    precision: str = "float64",
    silhouette_of: str = "sample",
    prepared: Prepared | None = None,
    on_iteration: OnIteration | None = None,
) -> ClusteredTable:
    """Clusters the rows of a table.

    preparation: from `fit_preparation()`. n_clusters: at most the rows that remain.
    starts: runs with so many seeds from `seed` on, and the one with the least inertia counts; None: 8, or
    1 on a distributed backend. Starts without chance are run once.
    precision: "float64", or "float32" for half the memory on the way to the workers; all arithmetic is in
    float64. silhouette_of: "sample", or "all" rows, which Spark's evaluator measures by squared distances,
    on the Spark backends only. prepared: what `preparation` makes of the table, if known. The others are
    those of `cluster()`.

    Raises TableError if the table does not fit the preparation, OptionError and the others of `cluster()`.
    """
    checked_precision(precision)
    check_silhouette(silhouette_of, backend)
    clock = perf_counter()
    prepared = prepared or preparation.apply(table.frame)
    seconds = {"prepare": perf_counter() - clock}
    if isinstance(n_clusters, int) and n_clusters > len(prepared.rows):
        raise TableError(
            f"n_clusters={n_clusters:,} is more than the {len(prepared.rows):,} rows to cluster; use "
            "fewer clusters, or drop fewer rows."
        )
    with np.errstate(over="ignore"):  # said below
        points = prepared.points.astype(precision, copy=False)
    if not np.isfinite(points).all():
        raise too_large_for(precision)
    results = [
        cluster(
            points,
            n_clusters,
            backend=backend,
            init=init,
            max_iter=max_iter,
            tol=tol,
            seed=(seed + number) % _SEEDS,
            on_iteration=on_iteration,
        )
        for number in range(_n_starts(backend, init, starts))
    ]
    result = min(results, key=lambda one: one.inertia)
    for phase in result.seconds:
        seconds[phase] = sum(one.seconds.get(phase, 0.0) for one in results)
    exact = None
    if silhouette_of == "all":
        from kmeans_core.backends.spark_silhouette import spark_silhouette

        clock = perf_counter()
        exact = spark_silhouette(points, result.labels)
        seconds["silhouette"] = perf_counter() - clock
    return ClusteredTable(table, preparation, prepared, result, seconds, exact)


def checked_precision(precision: str) -> None:
    """Raises OptionError for a type of numbers that is not offered."""
    if precision not in PRECISIONS:
        raise OptionError(f"precision={precision!r} is unknown; use one of: {', '.join(PRECISIONS)}.")


def check_silhouette(silhouette_of: str, backend: str | Backend) -> None:
    """Raises OptionError for rows that are not offered, UnsupportedOptionError without Spark."""
    if silhouette_of not in SILHOUETTES:
        raise OptionError(f"silhouette={silhouette_of!r} is unknown; use one of: {', '.join(SILHOUETTES)}.")
    runner = load_backend(backend) if isinstance(backend, str) else backend
    if silhouette_of == "all" and not runner.traits.full_silhouette:
        able = [other.name for other in capable_backends(lambda traits: traits.full_silhouette)]
        raise UnsupportedOptionError(
            f"silhouette='all' is measured by Spark, and not with the backend {runner.name}; use "
            f"{listed(able, 'or')}, or a sample."
        )


def too_large_for(precision: str) -> TableError:
    return TableError(f"Some values are too large for {precision}; use float64, or scale the columns.")


def _n_starts(backend: str | Backend, init: str | ArrayLike, starts: int | None) -> int:
    if starts is not None and (isinstance(starts, bool) or not 1 <= starts <= MOST_STARTS):
        raise OptionError(f"starts={starts!r} is not allowed; give a whole number from 1 to {MOST_STARTS}.")
    if not isinstance(init, str) or init in WITHOUT_CHANCE:
        return 1
    runner = load_backend(backend) if isinstance(backend, str) else backend
    return starts or (1 if runner.traits.distributed else 8)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Columns that mix words and numbers, as spreadsheets may have, become words."""
    plain = frame.copy(deep=False)
    for name in frame.select_dtypes(object).columns:
        if frame[name].dropna().map(type).nunique() > 1:
            plain[name] = frame[name].map(str, na_action="ignore")
    target = io.BytesIO()
    plain.to_parquet(target, index=False)
    return target.getvalue()
