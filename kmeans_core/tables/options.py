"""The settings of a table's clustering."""

from dataclasses import dataclass

from kmeans_core.options import FitOptions, Record, nested, option
from kmeans_core.validation import checked

MISSING_METHODS = {"drop": "Drop the row", "mean": "Fill in the mean", "median": "Fill in the median"}
SCALINGS = {"standard": "Standard (mean 0, deviation 1)", "minmax": "0 to 1", "none": "As it is"}
PRECISIONS = {"float64": "float64", "float32": "float32"}
SILHOUETTES = {"sample": "Of a sample of 5,000", "all": "Of all rows, by Spark"}
MAX_STARTS = 100


@dataclass(frozen=True)
class PrepareOptions(Record):
    """What is done to rows before they are points.

    Attributes
    ----------
    missing : {"drop", "mean", "median"}
        To rows that lack a number.
    scaling : {"standard", "minmax", "none"}
        Of the columns of numbers: mean 0 and deviation 1, 0 to 1, or as they are.
    outliers : float or None, default None
        Rows with a value more than so many standard deviations, above 0, from the mean of its column are
        dropped; None keeps them.

    Raises
    ------
    OptionError
        When made with a value that is not allowed.
    """

    missing: str = option(
        "drop",
        title="Missing values",
        help="what to do with rows that have missing values",
        advice="A row with a missing value cannot be clustered, unless you fill it in.",
        choices=MISSING_METHODS,
    )
    scaling: str = option(
        "standard",
        title="Scaling",
        help="of the columns",
        advice="Without scaling, the column with the largest numbers decides alone.",
        choices=SCALINGS,
    )
    outliers: float | None = option(
        None,
        title="Standard deviations allowed",
        help="drop rows more than Z standard deviations from the mean",
        advice="Rows with a value farther from the mean of its column are dropped.",
        above=0,
        stops=(1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0),
        metavar="Z",
        slug="outlier_limit",
        unit="a number of standard deviations",
    )

    def __post_init__(self) -> None:
        checked(self)


@dataclass(frozen=True)
class TableOptions(Record):
    """Settings of `cluster_table()` and `cluster_files()`.

    Attributes
    ----------
    prepare : PrepareOptions
        How rows become points.
    fit : FitOptions
        Of the clustering, but for `early_stop`, `distance` and `effort`, which keep their defaults.
    starts : int or None, default None
        Fits with so many seeds from `fit.seed` on, 1 to 100, of which the best counts; None: 8, or 1 on a
        distributed backend.
    precision : {"float64", "float32"}
        Of the points on the way to the workers; all arithmetic is in float64.
    silhouette : {"sample", "all"}
        Rows it is measured on: a sample of at most 5,000, or all of them by Spark.
    """

    prepare: PrepareOptions = nested(PrepareOptions)
    fit: FitOptions = nested(FitOptions, without=("early_stop", "distance", "effort"))
    starts: int | None = option(
        None,
        title="Starts",
        help="number of starts, of which the best counts (default: 8, or 1 with Spark and Dask)",
        advice="How many different starts to run; the best one counts.",
        least=1,
        most=MAX_STARTS,
        metavar="N",
    )
    precision: str = option(
        "float64",
        title="Precision",
        help="of the points",
        advice="32 bits halve what travels to the workers; all arithmetic is in 64 bits.",
        choices=PRECISIONS,
    )
    silhouette: str = option(
        "sample",
        title="Silhouette",
        help="rows for the silhouette: at most 5,000, or all, by Spark",
        advice="For a sample, every two rows are compared. For all rows, Spark uses squared distances, which "
        "give larger values; that needs a Spark backend.",
        choices=SILHOUETTES,
    )
