"""Limits of readers, from the environment and the machine."""

import pytest

from kmeans_core.errors import OptionError
from kmeans_core.readers import limits


@pytest.fixture(autouse=True)
def _unset(monkeypatch):
    for name in (limits.MEGABYTES_VARIABLE, limits.SECONDS_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("gigabytes", "megabytes", "readers"), [(0.3, 256, 1), (1, 500, 1), (2, 600, 1), (64, 600, 2)]
)
def test_by_memory(monkeypatch, gigabytes, megabytes, readers):
    monkeypatch.setattr(limits, "memory_bytes", lambda: int(gigabytes * 1e9))
    monkeypatch.setattr(limits.os, "cpu_count", lambda: 2)
    assert limits.reader_megabytes() == megabytes
    assert limits.n_readers() == readers


def test_by_hand(monkeypatch):
    monkeypatch.setenv("KMEANS_READER_MB", "300")
    monkeypatch.setenv("KMEANS_READER_SECONDS", "5")
    assert (limits.reader_megabytes(), limits.reader_seconds()) == (300, 5)


@pytest.mark.parametrize("value", ["0", "-1", "1e3", "viele", "999999999999999999999", "١٢٣"])
def test_what_is_not_allowed(monkeypatch, value):
    monkeypatch.setenv("KMEANS_READER_MB", value)
    with pytest.raises(OptionError, match=r"KMEANS_READER_MB=.* is not allowed; give a whole number from 64"):
        limits.reader_megabytes()
