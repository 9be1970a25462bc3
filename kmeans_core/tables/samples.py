"""Sample tables: classics that come with scikit-learn, and blobs of any size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kmeans_core.errors import OptionError
from kmeans_core.tables.load import Table

MAX_BLOB_CELLS = 20_000_000


@dataclass(frozen=True)
class Sample:
    """A table that comes with scikit-learn.

    Attributes
    ----------
    title, credit : str
        For a list; where the data come from.
    load : callable
        Makes the frame.
    k : int
        Number of groups that is known.
    """

    title: str
    credit: str
    load: Callable[[], pd.DataFrame]
    k: int


def _bundled(name: str) -> Callable[[], pd.DataFrame]:
    def load() -> pd.DataFrame:
        from sklearn import datasets

        bunch = getattr(datasets, f"load_{name}")(as_frame=True)
        frame: pd.DataFrame = bunch.frame.drop(columns="target")
        names = np.array([str(target) for target in bunch.target_names])
        # The known groups are for comparison, not for clustering.
        return frame.assign(known=names[bunch.target.to_numpy()])

    return load


SAMPLES = {
    "iris": Sample("Iris flowers", "Fisher 1936, in scikit-learn", _bundled("iris"), 3),
    "wine": Sample("Wines", "Forina et al. 1991, UCI, in scikit-learn", _bundled("wine"), 3),
    "cancer": Sample(
        "Breast tumors", "Wolberg et al. 1995, UCI, in scikit-learn", _bundled("breast_cancer"), 2
    ),
}


def sample_table(name: str) -> Table:
    """A sample table.

    Parameters
    ----------
    name : {"iris", "wine", "cancer"}

    Returns
    -------
    Table
        With the true groups in the column "known".

    Raises
    ------
    OptionError
        For an unknown name.
    """
    if name not in SAMPLES:
        raise OptionError(f"sample={name!r} is unknown; use one of: {', '.join(SAMPLES)}.")
    return Table(SAMPLES[name].load(), f"{name}.csv")


def blobs_table(n_rows: int, n_columns: int, n_centers: int, *, seed: int = 0) -> Table:
    """Rows around centers drawn at random.

    Parameters
    ----------
    n_rows, n_columns, n_centers : int
        1 or more each, at most `MAX_BLOB_CELLS` rows times columns, and no more centers than rows.
    seed : int, default 0

    Returns
    -------
    Table
        With the number of a row's center in the column "known".

    Raises
    ------
    OptionError
        Beyond these numbers.
    """
    from sklearn.datasets import make_blobs

    if min(n_rows, n_columns, n_centers) < 1 or n_rows * n_columns > MAX_BLOB_CELLS or n_centers > n_rows:
        raise OptionError(
            f"{n_rows:,} rows × {n_columns:,} columns around {n_centers:,} centers are not allowed; give 1 "
            f"or more of each, at most {MAX_BLOB_CELLS:,} cells, and no more centers than rows."
        )
    points, groups = make_blobs(n_rows, n_columns, centers=n_centers, random_state=seed)
    frame = pd.DataFrame(points, columns=[f"x{place}" for place in range(1, n_columns + 1)])
    known = np.array([f"blob {number}" for number in range(n_centers)])[groups]
    return Table(frame.assign(known=known), f"blobs-{n_rows}x{n_columns}.csv")
