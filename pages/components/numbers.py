"""Numbers as people read them: three significant digits, thousands separated, always with a unit."""

import math


def bytes_text(count: float) -> str:
    """1187825 → "1.19 MB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= size * 0.9995:
            return f"{_three_digits(count / size)} {unit}"
    return f"{count:.0f} B"


def seconds_text(seconds: float) -> str:
    """0.0641 → "64 ms"."""
    milliseconds = seconds * 1e3
    if milliseconds >= 999.5:
        return f"{_three_digits(seconds)} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 1 or milliseconds < 0.05 else f"{milliseconds:.1f} ms"


def number_text(value: float) -> str:
    """1164.97 → "1,165", 26.37 → "26.4"."""
    return "∞" if math.isinf(value) else _three_digits(value)


def _three_digits(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
