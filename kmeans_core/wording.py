"""Numbers as people read them: three significant digits, thousands separated, always with a unit."""

import math
import re
from collections.abc import Sequence

# What makes a spreadsheet take a text for a formula.
FORMULA_SIGNS = "=+-@\t\r"
# What Windows has names for devices.
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(1, 10)),
}


def spreadsheet_text(text: str) -> str:
    """A text that a spreadsheet does not run: with an apostrophe, which it does not show, where it would."""
    return f"'{text}" if len(text) > 1 and text[0] in FORMULA_SIGNS else text


def portable_name(name: str) -> str:
    """The name of a file as every system takes it: "C:\\x\\a?.png" → "a_.png", "../aux.png" → "_aux.png"."""
    last = name.replace("\\", "/").rpartition("/")[2]
    safe = re.sub(r'[<>:"|?*\x00-\x1f]', "_", last).rstrip(". ") or "picture"
    return f"_{safe}" if safe.partition(".")[0].lower() in _DEVICES else safe


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


def duration_text(seconds: float) -> str:
    """As people speak of waiting: "8 s", "2 min 30 s", "1 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        tens = whole % 60 // 10 * 10
        return f"{whole // 60} min {tens} s" if tens else f"{whole // 60} min"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def times_text(factor: float) -> str:
    """352.4 → "352 times"."""
    return f"{_three_digits(factor)} times"


def megapixels_text(megapixels: float) -> str:
    """0.786432 → "0.79 megapixels", 12.0 → "12 megapixels"."""
    return f"{megapixels:.2g} megapixels"


def count_text(count: int, noun: str) -> str:
    """(1, "row") → "1 row", (1500, "row") → "1,500 rows"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(names: Sequence[str], last: str = "and") -> str:
    """["a", "b", "c"] → "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def number_text(value: float) -> str:
    """1164.97 → "1,165", 26.37 → "26.4"."""
    return "∞" if math.isinf(value) else _three_digits(value)


def psnr_text(psnr: float) -> str:
    """22.2 → "22.2 dB"; infinite for an exact copy."""
    return "exact" if math.isinf(psnr) else f"{number_text(psnr)} dB"


def significant(value: float) -> str:
    """Three significant digits, all of them shown: 1.6 → "1.60", 295.9 → "296"."""
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:#.3g}".rstrip(".")


def _three_digits(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
