"""Workers: results in order, as soon as they are there, of items taken as needed; an end when nobody asks."""

import itertools
import time
from functools import partial
from pathlib import Path

import pytest

from kmeans_core.backends import load_backend
from kmeans_core.backends.distributed import SequentialWorkers, ThreadWorkers
from kmeans_core.errors import BackendFailedError
from tests.conftest import require

ENGINES = {"dask": "dask", "spark": "spark-rdd"}


def workers_on(engine):
    if engine not in ENGINES:
        return SequentialWorkers() if engine == "sequential" else ThreadWorkers(2)
    require(ENGINES[engine])
    return load_backend(ENGINES[engine]).workers()


def touch(folder, number):
    Path(folder, str(number)).touch()
    time.sleep(0.02)
    return number * number


def broken(number):
    if number == 5:
        raise ZeroDivisionError
    return number


every_engine = pytest.mark.parametrize(
    "engine", ["sequential", "threads", "dask", pytest.param("spark", marks=pytest.mark.spark)]
)


@every_engine
def test_in_order_from_an_endless_supply(engine, tmp_path):
    workers = workers_on(engine)
    assert workers.count >= 1
    results = workers.map(partial(touch, str(tmp_path)), itertools.count())
    assert list(itertools.islice(results, 30)) == [number * number for number in range(30)]
    results.close()
    time.sleep(0.5)  # what had begun ends
    touched = len(list(tmp_path.iterdir()))
    assert 30 <= touched < 100
    time.sleep(0.5)
    assert len(list(tmp_path.iterdir())) == touched


@every_engine
def test_the_first_error_ends_it(engine):
    results = workers_on(engine).map(broken, range(100))
    with pytest.raises((ZeroDivisionError, BackendFailedError)):
        list(results)
    assert list(workers_on(engine).map(broken, range(3))) == [0, 1, 2]


@every_engine
def test_who_they_are(engine):
    said = workers_on(engine).describe()
    assert {"sequential": "one after the other", "threads": "2 threads of this process"}.get(
        engine, ""
    ) in said
    if engine == "dask":
        assert said.startswith("Dask: ")
    if engine == "spark":
        assert said.startswith("Spark at local")
