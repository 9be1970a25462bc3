"""A short, fixed run of `python -m tests.fuzz`, and every bomb that is quick to make."""

import pytest

from kmeans_core.errors import InputError
from tests.fuzz.bombs import bombs
from tests.fuzz.seeds import seeds
from tests.fuzz.trying import Outcome, Trial

MEGABYTES, SECONDS = 500, 12
SMALL = [bomb for bomb in bombs() if not bomb.is_large]


@pytest.fixture(scope="module")
def trial():
    trial = Trial(MEGABYTES, SECONDS)
    yield trial
    trial.close()


@pytest.mark.parametrize("kind", seeds())
def test_nothing_unforeseen_in_damaged_files(trial, kind):
    reads, sound = seeds()[kind]
    trial.read(reads, sound, f"sound.{kind}")
    outcome = trial.run(kind, 25, seed=0)
    assert outcome.unforeseen == {}
    assert outcome.n_read + outcome.n_refused == 25


@pytest.mark.parametrize("bomb", SMALL, ids=[bomb.name for bomb in SMALL])
def test_bombs_are_read_or_refused_within_bounds(trial, bomb):
    outcome = Outcome("bombs")
    trial.note(outcome, bomb.reads, bomb.make(), bomb.name, may_end=True)
    assert outcome.unforeseen == {}
    assert outcome.seconds < SECONDS + 5
    assert outcome.n_bytes < 2 * MEGABYTES * 1_000_000


def test_after_all_of_that_a_sound_file_is_read(trial):
    reads, sound = seeds()["png"]
    trial.read(reads, sound, "sound.png")
    with pytest.raises(InputError):
        trial.read(reads, b"no picture", "damaged.png")
