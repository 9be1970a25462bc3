"""Results that are kept within a bound, and work in turns."""

import threading
import time

import pytest

from pages.components.shared import kept, turns
from pages.components.shared.kept import Kept
from pages.components.shared.turns import Turns
from tests.waiting import until


@pytest.fixture
def shelf(monkeypatch):
    shelf = kept._Shelf(100_000)
    monkeypatch.setattr(kept, "_shelf", shelf)
    return shelf


def test_what_is_kept_is_made_once(shelf):
    made, store = [], Kept[str](len)
    for _ in range(3):
        assert store.get("key", lambda: made.append(1) or "value") == "value"
    assert made == [1]
    assert store.find("other") is None
    assert Kept[str](len).find("key") is None  # another kind of results


def test_the_least_recently_used_goes_first_and_the_newest_stays(shelf):
    store = Kept[bytes](len)
    for name in "abc":
        store.get(name, lambda: bytes(30_000))
    store.find("a")
    store.get("d", lambda: bytes(30_000))
    assert [name for name in "abcd" if store.find(name) is not None] == ["a", "c", "d"]
    assert kept.kept_bytes() <= 100_000
    store.get("e", lambda: bytes(500_000))
    assert [name for name in "abcde" if store.find(name) is not None] == ["e"]


def test_what_nobody_asks_for_is_forgotten(shelf):
    store = Kept[bytes](len)
    store.get("a", lambda: bytes(1000))
    assert kept.forget_unused(60) == 0
    assert kept.forget_unused(-1) > 1000
    assert store.find("a") is None


def test_equal_requests_at_once_are_one_piece_of_work(shelf):
    made, store, found = [], Kept[str](len), []

    def make():
        made.append(1)
        time.sleep(0.2)
        return "value"

    threads = [threading.Thread(target=lambda: found.append(store.get("key", make))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made, found) == ([1], ["value"] * 5)


def test_if_the_one_who_works_fails_the_next_one_tries(shelf):
    store, began = Kept[str](len), threading.Event()

    def fail():
        began.set()
        time.sleep(0.1)
        raise ValueError("left")

    def first():
        with pytest.raises(ValueError, match="left"):
            store.get("key", fail)

    thread = threading.Thread(target=first)
    thread.start()
    began.wait()
    assert store.get("key", lambda: "value") == "value"
    thread.join()


def test_turns_light_before_heavy_and_visitors_alternate():
    order = Turns(1)
    working = order.enter("z", heavy=False)
    assert order.place(working) == 0
    asked = [
        (name, order.enter(name[0], heavy=name.endswith("heavy")))
        for name in ("a1", "a2", "a3", "b1 heavy", "b2", "c1")
    ]
    assert order.place(asked[-1][1]) > 1
    done = []
    while asked:
        order.leave()
        for name, ticket in list(asked):
            if order.place(ticket) == 0:
                done.append(name)
                asked.remove((name, ticket))
    assert done == ["a1", "c1", "a2", "b2", "a3", "b1 heavy"]


def test_no_more_work_at_once_than_there_are_processors(monkeypatch):
    monkeypatch.setattr(turns, "_TURNS", Turns(2))
    at_once, most, lock = 0, 0, threading.Lock()

    def work():
        nonlocal at_once, most
        with turns.turn():
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.05)
            with lock:
                at_once -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_who_leaves_gives_up_the_place(monkeypatch):
    order = Turns(1)
    monkeypatch.setattr(turns, "_TURNS", order)
    order.place(order.enter("other", heavy=False))

    def gone():
        raise KeyboardInterrupt

    monkeypatch.setattr(turns, "leave_check", lambda: gone)
    with pytest.raises(KeyboardInterrupt), turns.turn():
        pytest.fail("it was not its turn")
    order.leave()
    until(lambda: order.place(order.enter("next", heavy=False)) == 0)
