"""What the commands share: numbers and lists from words, and progress on standard error."""

import argparse
import sys
from pathlib import Path
from time import monotonic

from kmeans_core.errors import OptionError
from kmeans_core.types import Iteration


def whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def whole_numbers(text: str) -> list[int]:
    """ "2,10" → [2, 10]"""
    return [whole_number(part.strip()) for part in text.split(",")]


def numbers(text: str) -> list[float]:
    """ "0.1,12" → [0.1, 12.0]"""
    return [number(part.strip()) for part in text.split(",")]


def split_list(text: str) -> list[str]:
    """ "ff0000, 0f0" → ["ff0000", "0f0"]"""
    return [part.strip() for part in text.split(",") if part.strip()]


def parse_target(text: str) -> tuple[str, float]:
    """ "psnr=35" → ("psnr", 35.0)"""
    name, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a target; write psnr=35, delta-e=2 or bytes=100000"
        )
    return name.strip(), number(value)


def read_file(path: str) -> bytes:
    """The bytes of a file that an option names."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror or error}; check the path.") from None


class ProgressLine:
    """One line on standard error: in place on a terminal, elsewhere as a new line every few seconds."""

    def __init__(self) -> None:
        self.in_place = sys.stderr.isatty()
        self.pause = 0.1 if self.in_place else 2.0
        self.last = monotonic()

    def show(self, text: str) -> None:
        if monotonic() - self.last < self.pause:
            return
        self.last = monotonic()
        print(
            f"\r\x1b[K{text}" if self.in_place else text, end="" if self.in_place else "\n", file=sys.stderr
        )
        sys.stderr.flush()

    def close(self) -> None:
        if self.in_place:
            print("\r\x1b[K", end="", file=sys.stderr)


class IterationLine(ProgressLine):
    """A progress line with the number of the iteration."""

    def __init__(self, max_iter: int) -> None:
        super().__init__()
        self.max_iter = max_iter

    def show_iteration(self, iteration: Iteration) -> None:
        if iteration.index == 0:
            self.show("searching for initial centers")
            return
        self.show(f"iteration {iteration.index} of at most {self.max_iter}")
