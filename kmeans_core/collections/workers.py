"""Who works on collections."""

from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial

from kmeans_core.backends import load_backend
from kmeans_core.backends.distributed import Item, Result, Results, ThreadWorkers, Workers

_BACKENDS = {"spark": "spark-rdd", "dask": "dask"}


def workers_on(on: str) -> Workers:
    """Those of an engine: "threads" of this process, "spark" or "dask".

    Raises BackendUnavailableError or BackendFailedError if it is not there.
    """
    return load_backend(_BACKENDS[on]).workers() if on in _BACKENDS else ThreadWorkers()


class TellingWorkers:
    """The same workers, whose OSError comes back as it is: Spark and Dask take one for their own."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers

    @property
    def count(self) -> int:
        return self.workers.count

    def describe(self) -> str:
        return self.workers.describe()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        with closing(self.workers.map(partial(_without_raising, function), items)) as answers:
            for answer in answers:
                if isinstance(answer, OSError):
                    raise answer
                yield answer


def _without_raising(function: Callable[[Item], Result], item: Item) -> Result | OSError:
    try:
        return function(item)
    except OSError as error:
        return OSError(error.errno, error.strerror or str(error))
