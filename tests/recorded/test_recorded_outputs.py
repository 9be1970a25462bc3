"""Command lines put out what they did when it was recorded, see `record.py`."""

import json

import pytest

from tests.conftest import require
from tests.images.test_encoding import needs
from tests.recorded.outcome import ENCODER, RECORDED, outcome_of

KNOWN = json.loads(RECORDED.read_text("utf-8"))
LINES = KNOWN["command_lines"]
IS_SAME_ENCODER = KNOWN["encoder"] == ENCODER


def comparable(recorded):
    """Without what depends on who compresses PNG, if that is another than when it was recorded."""
    digests = {
        name: value for name, value in recorded["digests"].items() if IS_SAME_ENCODER or "*" not in name
    }
    return {**recorded, "digests": digests}


@pytest.mark.parametrize("name", LINES)
def test_as_recorded(name, tmp_path, monkeypatch):
    command = LINES[name]["command"]
    if "bytes=" in command and not IS_SAME_ENCODER:
        pytest.skip(f"how many colors fit a size was recorded with {KNOWN['encoder']}")
    if "--optimize" in command:
        needs("optimized")
    monkeypatch.chdir(tmp_path)
    found = {"command": command, **outcome_of(command, tmp_path).recorded()}
    assert comparable(found) == comparable(LINES[name]), (
        f"compare what `python -m tests.recorded.record --show {name}` prints before and after"
    )


@pytest.mark.parametrize("backend", ["dask", pytest.param("spark-rdd", marks=pytest.mark.spark)])
def test_distributed_backends_put_out_what_numpy_does(backend, tmp_path, monkeypatch):
    require(backend)
    monkeypatch.chdir(tmp_path)
    recorded = LINES["numpy-cat-16"]
    outcome = outcome_of(recorded["command"].replace("numpy", backend), tmp_path)
    assert outcome.report["backend"] == backend
    outcome.report["backend"] = "numpy"
    # Where Dask's dashboard is, is another address each time, and all that is said in addition.
    notes = outcome.report["notes"]
    outcome.report["notes"] = [note for note in notes if not note.startswith("Dask's dashboard")]
    found = {"command": recorded["command"], **outcome.recorded()}
    assert comparable(found) == comparable(recorded)
