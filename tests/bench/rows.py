"""Rows as a benchmark run would store them, made up for tests."""

import itertools
import uuid

from kmeans_core.bench.measuring.cases import Case
from kmeans_core.bench.measuring.own_code import own_code
from kmeans_core.bench.records.results import DONE, Repetition

SOURCE = "raccoon.png#0621d3b7"
PIXELS, POINTS = 786_432, 134_105
ENVIRONMENT = {
    "cpu": "Test CPU",
    "cores": 2,
    "memory_gb": 8,
    "system": "Linux",
    "os": "Linux-6",
    "python": "3.11.7",
    "commit": "abc",
    "code": own_code(),
}
_clock = itertools.count()


def case(backend="numpy", n_clusters=10, n_iter=10, *, source=SOURCE, cores=2, tol=None):
    return Case(source, backend, n_clusters, n_iter, cores, tol=tol)


def row(of=None, seconds=1.0, *, status=DONE, cold=False, run="run", number=1, wanted=1, **values):
    """One repetition; later calls are later in time."""
    of = of or case()
    done = status == DONE
    moment = next(_clock)
    return Repetition(
        uid=uuid.uuid4().hex,
        run=run,
        measured_at=f"2026-01-01T{moment // 3600:02}:{moment // 60 % 60:02}:{moment % 60:02}.000000+00:00",
        environment=values.pop("environment", ENVIRONMENT),
        case=of,
        wanted=wanted,
        number=number,
        cold=cold,
        status=status,
        message=values.pop("message", "" if done else "It did not work."),
        start=values.pop("start", 2.0 if cold else 0.0),
        seconds=seconds if done else None,
        phases=values.pop("phases", {"histogram": 0.1, "iterate": seconds - 0.1} if done else {}),
        iterations=values.pop("iterations", ()),
        rounds=values.pop("rounds", of.n_iter if done else 0),
        inertia=values.pop("inertia", 123.5 if done else None),
        pixels=values.pop("pixels", PIXELS),
        points=values.pop("points", POINTS),
        dims=values.pop("dims", 3),
        peak_memory=values.pop("peak_memory", 50_000_000 if done else None),
        **values,
    )


def rows(of, *times, run="run", **values):
    """A finished cell: one warm repetition a time."""
    return [
        row(of, seconds, run=run, number=number, wanted=len(times), **values)
        for number, seconds in enumerate(times, 1)
    ]
