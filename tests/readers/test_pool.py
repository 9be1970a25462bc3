"""Readers that answer, that take too much, and that die."""

import threading
from time import monotonic

import numpy as np
import psutil
import pytest

from kmeans_core.errors import JobStoppedError, PictureError, TableError
from kmeans_core.readers.pool import ReaderPool
from tests.waiting import until

SECONDS = 3


@pytest.fixture(scope="module")
def pool():
    pool = ReaderPool(2, megabytes=200, seconds=SECONDS)
    yield pool
    pool.close()


def ask(pool, function, *, on_wait=lambda before: None, **arguments):
    return pool.read(
        f"tests.readers.tasks:{function}", arguments, name="f.bin", error=PictureError, on_wait=on_wait
    )


def test_a_value_and_an_array(pool):
    array = np.arange(12.0).reshape(3, 4)
    found = ask(pool, "give_back", value={"a": array, "b": (b"\0\xff", "é", None)})
    assert (found["a"] == array).all()
    assert found["b"] == (b"\0\xff", "é", None)
    assert found["a"].tolist() == array.tolist()  # also after the reader has been asked again
    ask(pool, "give_back", value=array + 1)
    assert found["a"].tolist() == array.tolist()


def test_it_knows_no_secrets_and_is_ended_first(pool, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    fresh = ReaderPool(1, megabytes=200, seconds=SECONDS)
    about = ask(fresh, "about_itself")
    fresh.close()
    assert about["is_reader"]
    assert about["victim"] > 0
    assert "AWS_SECRET_ACCESS_KEY" not in about["variables"]
    assert "PATH" in about["variables"]


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("take_memory", {}, r"^f\.bin needs more than 200 MB of memory, .*, to open; choose another file\.$"),
        ("megabytes", {"count": 2000}, r"^f\.bin needs more than 200 MB of memory"),
        ("take_time", {}, r"^f\.bin takes more than 3 seconds to open, the most that one file may; "),
        ("spin", {}, r"^f\.bin takes more than 3 seconds to open"),
        ("crash", {}, r"^f\.bin is damaged, or needs more than 200 MB"),
        ("break_down", {}, r"^f\.bin is damaged and cannot be read \(RuntimeError: a bug\); choose another"),
    ],
)
def test_what_takes_too_much_is_a_clear_error_and_hurts_nobody_else(pool, function, arguments, message):
    began = monotonic()
    with pytest.raises(PictureError, match=message):
        ask(pool, function, **arguments)
    assert monotonic() - began < SECONDS + 3
    assert ask(pool, "give_back", value=1) == 1


def test_errors_of_readers_keep_their_kind(pool):
    with pytest.raises(TableError, match=r"^t\.csv has no rows; choose another\.$"):
        ask(pool, "refuse")


def test_what_nobody_wants_any_more_ends_within_a_second(pool):
    left = threading.Event()
    threading.Timer(0.3, left.set).start()

    def look(before):
        if left.is_set():
            raise JobStoppedError("gone")

    began = monotonic()
    with pytest.raises(JobStoppedError, match="gone"):
        ask(pool, "spin", on_wait=look)
    assert monotonic() - began < 1.3
    assert ask(pool, "give_back", value=2) == 2


def test_what_waits_has_its_turn_in_order():
    pool = ReaderPool(1, megabytes=200, seconds=SECONDS)
    done: list[int] = []
    places: list[list[int]] = [[], [], [], []]

    def wait_and_note(number):
        ask(pool, "give_back", on_wait=places[number].append, value=b"x" * 1000)
        done.append(number)

    ask(pool, "give_back", value=0)

    def take_too_long():
        with pytest.raises(PictureError, match="takes more than 3 seconds"):
            ask(pool, "take_time")

    first = threading.Thread(target=take_too_long)
    first.start()
    until(lambda: pool._busy)
    threads = []
    for number in range(4):
        threads.append(threading.Thread(target=wait_and_note, args=(number,)))
        threads[-1].start()
        until(lambda wanted=number: pool.position() == wanted + 1)
    for thread in (first, *threads):
        thread.join()
    pool.close()
    assert done == [0, 1, 2, 3]
    assert [seen[0] for seen in places] == [1, 2, 3, 4]


def test_nothing_is_left_of_a_closed_pool():
    pool = ReaderPool(2, megabytes=200, seconds=SECONDS)
    pid = ask(pool, "about_itself")["pid"]
    assert psutil.pid_exists(pid)
    pool.close()
    assert not psutil.pid_exists(pid)


def test_a_spare_reader_is_started_ahead():
    pool = ReaderPool(1, megabytes=200, seconds=SECONDS)
    pool.warm("kmeans_core.images.picture")
    until(lambda: pool._idle)
    pid = ask(pool, "about_itself")["pid"]
    assert ask(pool, "about_itself")["pid"] == pid
    pool.close()
