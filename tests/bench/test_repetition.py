"""One repetition: what is timed in which phase, and that it is the work it says."""

import time
from itertools import pairwise

import numpy as np
import pytest

from kmeans_core import cluster
from kmeans_core.backends.base import BackendBase, Fit, Traits
from kmeans_core.bench.measuring import repetition as module
from kmeans_core.bench.measuring.cases import BlobsSource, Case, PictureSource
from kmeans_core.bench.measuring.repetition import PHASES, Unavailable, measure_repetition
from kmeans_core.errors import BackendUnavailableError
from kmeans_core.types import Iteration
from tests.conftest import ASSETS, require

NAP = 0.15
# Everything else these backends do is over in a moment.
BLINK = 0.05


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch):
    """As in a child that has just begun; and this process keeps its cores and its Spark."""
    monkeypatch.setattr(module, "_started", set())
    monkeypatch.setattr(module, "_workloads", {})
    monkeypatch.setattr(module, "_limit_cores", lambda case: None)


class Sleepy(BackendBase):
    """Three iterations that do nothing, and a nap in one place."""

    name = title = summary = "sleepy"
    traits = Traits(own=False)

    def __init__(self, where):
        self.where = where
        self.started = False

    def nap(self, where):
        if where == self.where:
            time.sleep(NAP)

    def start(self):
        if not self.started:  # as every backend, it starts once
            self.nap("start")
        self.started = True

    def seed_centers(self, points, weights, options):
        self.nap("seed")
        return super().seed_centers(points, weights, options)

    def fit(self, points, weights, centers, options, on_iteration):
        clock = time.perf_counter()
        self.nap("transfer")
        transfer = time.perf_counter() - clock
        self.nap("prepare")
        history = []
        for index in range(1, 4):
            clock = time.perf_counter()
            if index == 2:
                self.nap("iterate")
            history.append(Iteration(index, 0.0, 0.0, 0, time.perf_counter() - clock))
            if on_iteration is not None:
                on_iteration(history[-1])
        self.nap("result")
        return Fit(centers, None, 3, True, tuple(history), {"transfer": transfer})


def measured(backend, monkeypatch):
    source = BlobsSource(200)
    monkeypatch.setattr(module, "get_backend", lambda name: backend)
    return measure_repetition(Case(source.key, "numpy", 2, 3, 1), source, lambda value: None)


@pytest.mark.alone
@pytest.mark.parametrize("where", ["start", "seed", "transfer", "prepare", "iterate", "result"])
def test_a_planted_sleep_shows_in_its_phase_and_only_there(where, monkeypatch):
    found = measured(Sleepy(where), monkeypatch)
    times = {"start": found.start, **found.phases}
    assert set(times) == {"start", *PHASES}
    for phase, seconds in times.items():
        if phase == where:
            assert NAP <= seconds < NAP + BLINK
        else:
            assert seconds < BLINK, phase
    assert sum(found.phases.values()) == pytest.approx(found.seconds)
    slow = [index for index, seconds in enumerate(found.iterations) if seconds >= NAP]
    assert slow == ([1] if where == "iterate" else [])


@pytest.mark.alone
def test_a_planted_sleep_in_counting_colors(monkeypatch):
    source = BlobsSource(200)

    class SlowToCount(type(source.load())):
        def points(self):
            time.sleep(NAP)
            return super().points()

    monkeypatch.setattr(BlobsSource, "load", lambda self: SlowToCount(np.zeros((200, 3))))
    monkeypatch.setattr(module, "get_backend", lambda name: Sleepy(""))
    found = measure_repetition(Case(source.key, "numpy", 1, 3, 1), source, lambda value: None)
    assert found.phases["histogram"] >= NAP
    assert found.seconds - found.phases["histogram"] < BLINK


@pytest.mark.alone
def test_a_backend_without_history_has_one_phase_for_its_iterations(monkeypatch):
    class Opaque(Sleepy):
        traits = Traits(own=False, history=False)

        def fit(self, *arguments):
            fit = super().fit(*arguments)
            return Fit(fit.centers, None, 3, True, (), fit.seconds)

    found = measured(Opaque("iterate"), monkeypatch)
    assert found.phases["iterate"] >= NAP
    assert found.iterations == ()


@pytest.mark.alone
def test_only_the_first_is_cold(monkeypatch):
    backend = Sleepy("start")
    first, second = measured(backend, monkeypatch), measured(backend, monkeypatch)
    assert (first.cold, second.cold) == (True, False)
    assert first.start >= NAP
    assert second.start == 0.0
    assert second.seconds < BLINK


def test_what_cannot_run_here_says_why(monkeypatch):
    def missing(name):
        raise BackendUnavailableError("No Java.")

    monkeypatch.setattr(module, "get_backend", missing)
    source = BlobsSource(10)
    case = Case(source.key, "numpy", 2, 3, 1)
    assert measure_repetition(case, source, lambda value: None) == Unavailable("No Java.")


@pytest.mark.parametrize("backend", ["numpy", "numba", "paper-numpy", "sklearn"])
def test_the_result_is_that_of_cluster(backend):
    require(backend)
    source = PictureSource.of(ASSETS / "samples" / "cat.png")
    reported = []
    found = measure_repetition(Case(source.key, backend, 5, 4, 1), source, reported.append)
    colors, counts = source.load().points()
    expected = cluster(
        colors, 5, weights=counts, backend="numpy", init="random", max_iter=4, early_stop=False, seed=0
    )
    # scikit-learn breaks ties by its own rounding, which shows before the end.
    assert found.inertia == pytest.approx(expected.inertia, rel=1e-2 if backend == "sklearn" else 1e-9)
    assert found.rounds == 4
    assert (found.pixels, found.points, found.dims) == (source.pixels, len(colors), 3)
    assert len(found.iterations) == (0 if backend == "sklearn" else 4)
    assert reported[:3] == ["starting", "reading", "running"]
    assert found.own_peak_memory > 10_000_000


def test_iterations_are_reported_but_seldom(monkeypatch):
    monkeypatch.setattr(module, "_REPORT_SECONDS", 0.0)
    reported = []
    source = BlobsSource(100)
    measure_repetition(Case(source.key, "numpy", 3, 5, 1), source, reported.append)
    assert reported[3:] == [1, 2, 3, 4, 5]
    assert all(a < b for a, b in pairwise(reported[3:]))
