"""Measures how fast text files are read: `python -m tests.tables.speed`, in `make bench`.

Against `pyarrow.csv` alone, which parses the same bytes and does nothing else: no look at cells, no pandas.
"""

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.csv

from kmeans_core.bench.measuring.machine import describe_machine
from kmeans_core.tables.load import load_table

_REPEAT = 9
_BYTES = 100_000_000
_SAMPLE_ROWS = 20_000


def main() -> None:
    machine = describe_machine()
    print(f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}\n")
    print("| 100 MB of CSV | pyarrow.csv | ours | ratio |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        for title, has_words in (("numbers", False), ("numbers and words", True)):
            _write(path, has_words)
            alone, ours = _times(path)
            rates = " | ".join(f"{_BYTES / 1e6 / seconds:,.0f} MB/s" for seconds in (alone, ours))
            print(f"| {title} | {rates} | {alone / ours:.2f} |")


def _write(path: Path, has_words: bool) -> None:
    rng = np.random.default_rng(0)
    columns = {f"x{place}": np.round(rng.normal(size=_SAMPLE_ROWS) * 100, 3) for place in range(6)}
    columns["id"] = np.arange(1000, 1000 + _SAMPLE_ROWS)
    if has_words:
        columns["city"] = np.array(["Rome", "Oslo", "New York", "Santiago"])[rng.integers(0, 4, _SAMPLE_ROWS)]
        columns["item"] = np.array([f"item {number}" for number in range(5000)])[
            rng.integers(0, 5000, _SAMPLE_ROWS)
        ]
    target = pa.BufferOutputStream()
    pa.csv.write_csv(pa.table(columns), target)
    header, _, rows = target.getvalue().to_pybytes().partition(b"\n")
    path.write_bytes(header + b"\n" + rows * (_BYTES // len(rows)))


def _times(path: Path) -> tuple[float, float]:
    """Medians, in turns."""
    found: list[tuple[float, float]] = []
    for _ in range(_REPEAT):
        began = perf_counter()
        pa.csv.read_csv(path)
        between = perf_counter()
        load_table(path)
        found.append((between - began, perf_counter() - between))
    return median(one for one, _ in found), median(one for _, one in found)


if __name__ == "__main__":
    main()
