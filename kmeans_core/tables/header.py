"""Whether the first row of a table names its columns."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from kmeans_core.tables.number_spelling import to_numbers

_SAMPLE_ROWS = 50
_MAY_BE = re.compile("[0-9]|inf", re.IGNORECASE)
_YEARS = range(1800, 2101)
NO_HEADER = "The first row has values, so it was read as data, and the columns are numbered."
NUMBERS_AS_NAMES = "The first row has numbers that count up, so it was taken for the names of the columns."


def is_header(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether the first row names the columns.

    It does not if it has numbers where the rows below have numbers, and no word above a column of numbers;
    unless its numbers are years, or count up by one, as names do.

    Parameters
    ----------
    rows : sequence of rows
        The first ones of a table, of texts or of values.

    Returns
    -------
    bool
    """
    first, below = rows[0], rows[1 : 1 + _SAMPLE_ROWS]
    numbers = _numbers(first)
    if all(number is None for number in numbers):
        return True
    if names_are_numbers(first):
        return True
    if not below:
        return False
    columns = [[row[place] for row in below if place < len(row)] for place in range(len(first))]
    are_numbers = [_are_numbers(column) for column in columns]
    for cell, number, are in zip(first, numbers, are_numbers, strict=True):
        if number is None and str(cell).strip() and are:
            return True
    return not any(number is not None and are for number, are in zip(numbers, are_numbers, strict=True))


def names_are_numbers(first: Sequence[Any]) -> bool:
    """Whether the numbers of a first row look like names: years, or a count as pandas writes it, from 0; from
    1 only where it is long."""
    numbers = [number for number in _numbers(first) if number is not None]
    if len(numbers) < 2 or any(not number.is_integer() for number in numbers):
        return False
    if {after - before for before, after in itertools.pairwise(numbers)} != {1.0}:
        return False
    is_count = numbers[0] == 0 or (numbers[0] == 1 and len(numbers) > 3)
    return is_count or all(int(number) in _YEARS for number in numbers)


def _numbers(cells: Sequence[Any]) -> list[float | None]:
    """Each cell as a number, or None."""
    found = [
        float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
        for cell in cells
    ]
    # Only these can be numbers; names of columns seldom are.
    texts = [(at, cell) for at, cell in enumerate(cells) if isinstance(cell, str) and _MAY_BE.search(cell)]
    for decimal in ",." if texts else "":
        read = to_numbers(pa.array([cell for _, cell in texts], pa.string()), decimal).to_pylist()
        for (at, _), number in zip(texts, read, strict=True):
            found[at] = found[at] if number is None else number
    return found


def _are_numbers(cells: Sequence[Any]) -> bool:
    """Whether more than half of the cells that are not empty are numbers."""
    present = [cell for cell in cells if not (isinstance(cell, str) and not cell.strip())]
    return 2 * sum(number is not None for number in _numbers(present)) > len(present)
