"""What readers are asked to do in tests."""

import ctypes
import os
import time
from pathlib import Path

import numpy as np

from kmeans_core.errors import TableError
from kmeans_core.readers.reader import is_reader


def give_back(value):
    return value


def about_itself():
    return {
        "is_reader": is_reader(),
        "pid": os.getpid(),
        "variables": list(os.environ),
        "victim": int(Path("/proc/self/oom_score_adj").read_text()),
    }


def megabytes(count):
    return np.ones((count, 1_000_000), np.uint8)


def take_memory():
    kept = []
    while True:
        kept.append(bytearray(10_000_000))


def take_time():
    time.sleep(600)


def spin():
    while True:
        pass


def crash():
    ctypes.string_at(0)


def refuse():
    raise TableError("t.csv has no rows; choose another.")


def break_down():
    raise RuntimeError("a bug")
