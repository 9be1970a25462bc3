"""What the cells of a column of text say: numbers as people write them, missing ones, or words.

Counts of them can be added up, so that a column in many chunks is judged as it would be in one.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kmeans_core.tables.number_spelling import (
    FEATURES,
    FRACTION,
    GROUPED,
    LEADING_ZERO,
    LONGEST_MARK,
    MAY_BE_NUMBER,
    MISSING_MARKS,
    NUMBER_MARKS,
    NUMBERS,
    WHOLE,
    plain_numbers,
)
from kmeans_core.tables.texts import (
    Pattern,
    Texts,
    are_in,
    chosen,
    few_or_many,
    in_small_letters,
    joined,
    mask,
    n_bytes,
    trimmed,
)

_MAX_WORDS = 3
# So many digits always fit 64 bits.
_SAFE_DIGITS = 18
# Words are looked for in so many rows first, for as a rule they are there; and so are equal cells.
_FIRST_ROWS = 10_000
_MANY = 10_000
# Of the cells of a column that are not missing. Up to this share, words among numbers are taken for slips.
MAX_SLIPS = 0.05


@dataclass(frozen=True)
class CellCounts:
    """What the cells of a column are.

    Attributes
    ----------
    n_rows, n_missing : int
        Cells, and those that stand for a missing number.
    n_numbers : tuple of int
        Those that are numbers with a decimal point, and with a decimal comma; most are both.
    n_zeros : int
        Whole numbers that begin with a needless zero, and hexadecimal ones.
    n_groups : tuple of int
        Numbers with separators of thousands, by decimal mark as above.
    n_fractions : tuple of int
        Numbers with a fraction, likewise.
    words : tuple of tuples of (int, str)
        For each decimal mark, the first cells that are no numbers, with their rows, counted from 1.
    features : frozenset of str
        What numbers have besides digits.
    is_unsigned : bool
        Whether every number is nothing but digits and fits 64 bits.
    """

    n_rows: int
    n_missing: int
    n_numbers: tuple[int, int]
    n_zeros: int
    n_groups: tuple[int, int]
    n_fractions: tuple[int, int]
    words: tuple[tuple[tuple[int, str], ...], ...]
    features: frozenset[str]
    is_unsigned: bool

    def __add__(self, other: "CellCounts") -> "CellCounts":
        """The counts of these cells and the next ones."""
        shifted = [[(row + self.n_rows, word) for row, word in words] for words in other.words]
        return CellCounts(
            self.n_rows + other.n_rows,
            self.n_missing + other.n_missing,
            _sums(self.n_numbers, other.n_numbers),
            self.n_zeros + other.n_zeros,
            _sums(self.n_groups, other.n_groups),
            _sums(self.n_fractions, other.n_fractions),
            tuple((*mine, *theirs)[:_MAX_WORDS] for mine, theirs in zip(self.words, shifted, strict=True)),
            self.features | other.features,
            self.is_unsigned and other.is_unsigned,
        )


def _sums(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def count_cells(cells: pa.ChunkedArray) -> CellCounts:
    """Counts what the cells of a column of text are.

    Parameters
    ----------
    cells : ChunkedArray of string
        As they stand in the file.

    Returns
    -------
    CellCounts
    """
    rows = few_or_many(cells)
    texts, counts, far = _near_texts(rows)
    bare = trimmed(texts)
    missing = are_in(in_small_letters(bare), NUMBER_MARKS)
    plain = plain_numbers(bare)
    is_number = [pattern.found_in(plain) & ~missing for pattern in NUMBERS.values()]
    is_any = is_number[0] | is_number[1]
    has_numbers = bool(is_any.any())

    def total(are: np.ndarray) -> int:
        return int(counts[are].sum())

    def totals(patterns: Iterable[Pattern]) -> tuple[int, int]:
        if not has_numbers:
            return 0, 0
        point, comma = (pattern.found_in(plain) for pattern in patterns)
        return total(point & is_number[0]), total(comma & is_number[1])

    def first_words(is_known: np.ndarray) -> tuple[tuple[int, str], ...]:
        near = chosen(texts, ~is_known)
        if len(near) + len(far) > _MANY:  # then some are soon found, and others need not be looked for
            return _first_rows(rows, chosen(texts, is_known), are_words=False)
        return _first_rows(rows, joined(near, far), are_words=True)

    words = first_words(is_number[0] | missing)
    are_alike = np.array_equal(is_number[0], is_number[1])
    whole = WHOLE.found_in(plain)
    is_unsigned = not len(far) and bool((whole | missing).all())
    return CellCounts(
        n_rows=len(cells),
        n_missing=total(missing) + cells.null_count,
        n_numbers=(total(is_number[0]), total(is_number[1])),
        n_zeros=total(LEADING_ZERO.found_in(plain)),
        n_groups=totals(GROUPED),
        n_fractions=totals(FRACTION),
        words=(words, words if are_alike else first_words(is_number[1] | missing)),
        features=frozenset(
            name
            for name, pattern in FEATURES.items()
            if has_numbers and (pattern.found_in(bare) & is_any).any()
        ),
        is_unsigned=is_unsigned and _fit_64_bits(chosen(plain, whole)),
    )


def _near_texts(rows: Texts) -> tuple[Texts, np.ndarray, Texts]:
    """Distinct cells that may be numbers or stand for one that is missing, how often each occurs, and the
    other cells, distinct or not. Most words are told from numbers by how they begin."""

    def is_near(texts: Texts) -> np.ndarray:
        return np.asarray(MAY_BE_NUMBER.found_in(texts) | (n_bytes(texts) <= LONGEST_MARK))

    if isinstance(rows, list):
        times = Counter(text for text in rows if text is not None)
        texts, counts = list(times), np.array(list(times.values()), dtype=np.int64)
        near = is_near(texts)
        return chosen(texts, near), counts[near], chosen(texts, ~near)
    cells = rows.drop_null()
    if len(cells) > _FIRST_ROWS and not is_repetitive(
        cells
    ):  # finding those that are equal would take longer than looking at all
        near = is_near(cells)
        far = pa.concat_arrays([pa.array([], pa.string()), *cells.filter(pa.array(~near)).chunks])
        distinct = pc.value_counts(cells.filter(pa.array(near)))
        return distinct.field(0), np.asarray(distinct.field(1)), far
    distinct = pc.value_counts(cells)
    texts, counts = distinct.field(0), np.asarray(distinct.field(1))
    near = is_near(texts)
    return chosen(texts, near), counts[near], chosen(texts, ~near)


def is_repetitive(cells: pa.ChunkedArray) -> bool:
    """Whether most of the first cells of a column of text stand there more than once."""
    first = cells[:_FIRST_ROWS]
    return bool(2 * pc.count_distinct(first).as_py() <= len(first))


def _first_rows(cells: Texts, texts: Texts, *, are_words: bool) -> tuple[tuple[int, str], ...]:
    """The first cells that are words, with their rows, counted from 1. texts: all that are, or all that are
    none."""
    found: list[tuple[int, str]] = []
    if not len(texts) and are_words:
        return ()
    if isinstance(cells, list):
        pool = set(texts)
        found = [(row, text) for row, text in enumerate(cells, 1) if text in pool]
        return tuple(found[:_MAX_WORDS])
    start, size = 0, _FIRST_ROWS
    while start < len(cells) and len(found) < _MAX_WORDS:
        part = cells.slice(start, size)
        is_word = pc.equal(pc.is_in(part, texts), are_words)
        is_word = pc.and_(is_word, pc.is_valid(part))
        rows = np.flatnonzero(mask(is_word))[: _MAX_WORDS - len(found)]
        found += [(start + int(row) + 1, part[int(row)].as_py()) for row in rows]
        start, size = start + size, 8 * size
    return tuple(found)


def _fit_64_bits(whole: Texts) -> bool:
    long = chosen(whole, n_bytes(whole) > _SAFE_DIGITS)
    return all(int(text) < 2**64 for text in (long if isinstance(long, list) else long.to_pylist()))


def without_marks(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of words with nulls where one stands for a missing value."""
    is_mark = pc.is_in(pc.utf8_trim_whitespace(cells), pa.array(MISSING_MARKS))
    return pc.if_else(is_mark, pa.scalar(None, pa.string()), cells)


def shown_cell(row: int, text: str) -> str:
    """As in "row 17 has 'abc'"."""
    text = re.sub(r"\s+", " ", text)
    return f"row {row:,} has {text[:40]!r}"
