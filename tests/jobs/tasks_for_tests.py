"""Tasks that the worker process is asked to do in tests."""

import os
import sys
import time

from kmeans_core.errors import OptionError


def add(a, b, on_progress):
    on_progress("adding")
    return a + b


def print_noise(on_progress):
    print("noise on standard output")
    os.write(1, b"more noise")
    sys.stdout.flush()
    return "done"


def process_id(on_progress):
    return os.getpid()


def count_slowly(on_progress):
    for number in range(10_000):
        on_progress(number)
        time.sleep(0.01)


def nap(seconds, on_progress):
    on_progress("napping")
    time.sleep(seconds)


def hang(on_progress):
    on_progress("hanging")
    time.sleep(3600)


def hang_with_child(on_progress):
    import subprocess

    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    on_progress(child.pid)
    child.wait()


def refuse(on_progress):
    raise OptionError("n=3 is too many; use 2.")


def break_down(on_progress):
    raise RuntimeError("a defect")


def run_out_of_memory(on_progress):
    raise MemoryError


def die(on_progress):
    os._exit(9)
