"""The results that come with the project, so that a freshly hosted app has something to show."""

from functools import cache

from kmeans_core.bench.records.exchange import import_file
from kmeans_core.bench.records.results import Repetition
from kmeans_core.locations import ASSETS

# What `make bench` copies here.
FOLDER = ASSETS / "benchmarks"
PATH = FOLDER / "measured.parquet"
RACCOON = ASSETS / "raccoon.png"


@cache
def shipped_repetitions() -> tuple[Repetition, ...]:
    """All rows of the shipped set; none where the package was installed without it."""
    return tuple(import_file(PATH)) if PATH.exists() else ()
