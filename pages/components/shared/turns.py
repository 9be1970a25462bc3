"""Work of visitors in the server's own process: at most as much at once as there are processors, in turns.

Light work goes before heavy work, and a visitor who had few turns goes before one who had many. So a page of
one visitor waits for one piece of another's work at most, and not for all that another has asked for.
"""

import itertools
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from pages.components.shared.presence import leave_check, visitor_id

_LOOK_SECONDS = 0.1
# A wait that is shorter is not worth a word.
_SILENT_LOOKS = 4


@dataclass(frozen=True, order=True)
class _Ticket:
    """heavy: waits behind all that is not. n_served: how often its visitor has had a turn lately."""

    heavy: bool
    n_served: int
    number: int


class Turns:
    """size: how many work at once."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._changed = threading.Condition()
        self._waiting: list[_Ticket] = []
        self._n_working = 0
        self._served: Counter[str] = Counter()
        self._numbers = itertools.count()

    def enter(self, visitor: str, *, heavy: bool) -> _Ticket:
        """Queues up; then asks `place()` until it is 0."""
        with self._changed:
            if not self._waiting and not self._n_working:
                self._served.clear()  # a quiet moment: what was before counts no more
            ticket = _Ticket(heavy, self._served[visitor], next(self._numbers))
            self._served[visitor] += 1
            self._waiting.append(ticket)
            self._waiting.sort()
            return ticket

    def place(self, ticket: _Ticket) -> int:
        """How many come before this one; 0 if it may begin, which it thereby does."""
        with self._changed:
            before = self._waiting.index(ticket)
            if self._n_working < self.size and before == 0:
                self._waiting.remove(ticket)
                self._n_working += 1
                return 0
            return before + 1

    def wait(self, seconds: float) -> None:
        """Until something changes."""
        with self._changed:
            self._changed.wait(seconds)

    def give_up(self, ticket: _Ticket) -> None:
        with self._changed:
            self._waiting.remove(ticket)
            self._changed.notify_all()

    def leave(self) -> None:
        with self._changed:
            self._n_working -= 1
            self._changed.notify_all()


_TURNS = Turns(max(1, os.cpu_count() or 1))


@contextmanager
def turn(*, heavy: bool = False) -> Iterator[None]:
    """Work in here has its turn. Says so on the page while it waits, and ends if the visitor leaves.

    heavy: what takes more than a moment, such as curves over many numbers of colors.
    """
    check, message = leave_check(), None
    ticket = _TURNS.enter(visitor_id(), heavy=heavy)
    looks = 0
    try:
        while before := _TURNS.place(ticket):
            _TURNS.wait(_LOOK_SECONDS)
            check()
            looks += 1
            if looks >= _SILENT_LOOKS:
                message = message or st.empty()
                message.caption(f":material/hourglass: Waiting for its turn: {before} before it.")
    except BaseException:
        _TURNS.give_up(ticket)
        raise
    finally:
        if message is not None:
            message.empty()
    try:
        yield
    finally:
        _TURNS.leave()
