"""What the cells of a column of text say: numbers as people write them, missing ones, or words.

Counts of them can be added up, so that a column in many chunks is judged as it would be in one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kmeans_core.tables.patterns import Pattern

# What people write where they have no value, whatever the column holds. Those of pandas are among them.
MISSING_MARKS = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "null", "NULL", "None", "<NA>", "?", "-"),
    *("#N/A", "#N/A N/A", "#NA", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
# What stands for a missing number among numbers, in small letters; among words, most of it is one.
_NUMBER_MARKS = (
    *{mark.lower() for mark in MISSING_MARKS},
    *("na", "nil", "none", ".", "..", "--", "---", "–", "—", "…", "*"),
    *("#num!", "#div/0!", "#value!", "#ref!", "#name?", "#null!", "#error!"),
)
_MARKS_ARRAY = pa.array(sorted(set(_NUMBER_MARKS)))
_MINUS = "[\u2212\u2012\u2013\ufe63\uff0d]"
_SPACES = " \u00a0\u2009\u202f"
_SIGNS = "$€£¥₹₽₩₺₴₫₪฿¢"
_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|INR|CAD|AUD|NZD|BRL|MXN|HKD|SGD|KRW|TRY|ZAR|RUB|UAH|"
    "kr|zł"
)
_CURRENCY = f"(?:[{_SIGNS}]|(?:{_CODES}))"
_LEADING_ZERO = Pattern(r"^0[0-9]+\z|^0[xX][0-9a-fA-F]+\z")
_WHOLE = Pattern(r"^[0-9]{1,20}\z")
_MAX_WORDS = 3
# Words are looked for in so many rows first, for as a rule they are there; and so are equal cells.
_FIRST_ROWS = 10_000
_MANY = 10_000
# Of the cells of a column that are not missing. Up to this share, words among numbers are taken for slips.
MAX_SLIPS = 0.05


def _number(decimal: str, thousands: str) -> str:
    """What numbers look like: digits, or groups of three (of two, in India), and a fraction."""
    by_mark = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{2,3}})*{thousands}[0-9]{{3}}"
    by_space = rf"[0-9]{{1,3}}(?:[{_SPACES}'’][0-9]{{3}})+"
    whole = rf"(?:[0-9]+|{by_mark}|{by_space})"
    fraction = rf"(?:{decimal}[0-9]*)?(?:[eE][+-]?[0-9]+)?"
    return rf"^[+-]?(?:{whole}{fraction}|{decimal}[0-9]+(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity))\z"


# How a number may begin, blanks and currency included.
_MAY_BE = Pattern(rf"^[\s{_SPACES}]*(?:[-+(.,0-9{_SIGNS}]|{_MINUS}|{_CODES}|(?i:inf))")
_MAX_MARK = max(len(mark.encode()) for mark in _NUMBER_MARKS) + 2
# Decimal mark → what a number with it looks like.
_NUMBERS = {".": Pattern(_number(r"\.", ",")), ",": Pattern(_number(",", r"\."))}
_GROUPED = tuple(Pattern(f"[0-9][{mark}{_SPACES}'’][0-9]") for mark in ",.")
_FRACTION = (Pattern(r"\."), Pattern(","))
# Decimal mark → what a number with it has besides digits.
_SEPARATORS = {".": Pattern(f"[,{_SPACES}'’+]"), ",": Pattern(f"[.{_SPACES}'’+]")}
# What is written differently from what computers read, and as what they read it.
_ODD = (
    (Pattern(_MINUS), "-"),
    (Pattern(r"^\(([^()]*[0-9][^()]*)\)\z"), r"-\1"),
    (Pattern(rf"^([+-]?)\s*{_CURRENCY}\s*([+-]?)([0-9.,])"), r"\1\2\3"),
    (Pattern(rf"([0-9.,])\s*(?:{_CURRENCY}|%)\z"), r"\1"),
)
# Almost all cells of almost all tables; nothing in them is odd.
_EVERYDAY = Pattern(r"^-?[0-9]*[.,]?[0-9]*\z")
# What is left out of a number, as a note calls it → how it is recognized.
_FEATURES = {
    "currency": Pattern(_CURRENCY),
    "percent signs": Pattern("%"),
    "parentheses for negatives": Pattern(r"^\(.*\)\z"),
}


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
    texts, counts, far = _near_texts(cells.drop_null())
    trimmed = pc.utf8_trim_whitespace(texts)
    missing = _mask(pc.is_in(pc.utf8_lower(trimmed), _MARKS_ARRAY))
    plain = _plain(trimmed)
    is_number = [pattern.found_in(plain) & ~missing for pattern in _NUMBERS.values()]
    is_any = is_number[0] | is_number[1]
    has_numbers = bool(is_any.any())

    def total(chosen: np.ndarray) -> int:
        return int(counts[chosen].sum())

    def totals(patterns: Iterable[Pattern]) -> tuple[int, int]:
        if not has_numbers:
            return 0, 0
        point, comma = (pattern.found_in(plain) for pattern in patterns)
        return total(point & is_number[0]), total(comma & is_number[1])

    def first_words(is_known: np.ndarray) -> tuple[tuple[int, str], ...]:
        words = pa.concat_arrays([texts.filter(pa.array(~is_known)), far])
        if not len(words):
            return ()
        if len(words) > _MANY:  # then some are soon found, and others need not be looked for
            return _first_rows(cells, texts.filter(pa.array(is_known)), are_words=False)
        return _first_rows(cells, words, are_words=True)

    words = first_words(is_number[0] | missing)
    are_alike = np.array_equal(*is_number)
    whole = _WHOLE.found_in(plain)
    is_unsigned = not len(far) and bool((whole | missing).all())
    return CellCounts(
        n_rows=len(cells),
        n_missing=total(missing) + cells.null_count,
        n_numbers=(total(is_number[0]), total(is_number[1])),
        n_zeros=total(_LEADING_ZERO.found_in(plain)),
        n_groups=totals(_GROUPED),
        n_fractions=totals(_FRACTION),
        words=(words, words if are_alike else first_words(is_number[1] | missing)),
        features=frozenset(
            name
            for name, pattern in _FEATURES.items()
            if has_numbers and (pattern.found_in(trimmed) & is_any).any()
        ),
        is_unsigned=is_unsigned and _fit_64_bits(plain.filter(pa.array(whole))),
    )


def _near_texts(cells: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray, pa.Array]:
    """Distinct cells that may be numbers or stand for one that is missing, how often each occurs, and the
    other cells, distinct or not. Most words are told from numbers by how they begin."""

    def is_near(texts: Any) -> np.ndarray:
        is_short = np.asarray(pc.less_equal(pc.binary_length(texts), _MAX_MARK))
        return np.asarray(_MAY_BE.found_in(texts) | is_short)

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
    return texts.filter(pa.array(near)), counts[near], texts.filter(pa.array(~near))


def is_repetitive(cells: pa.ChunkedArray) -> bool:
    """Whether most of the first cells of a column of text stand there more than once."""
    first = cells[:_FIRST_ROWS]
    return bool(2 * pc.count_distinct(first).as_py() <= len(first))


def _first_rows(cells: pa.ChunkedArray, texts: pa.Array, *, are_words: bool) -> tuple[tuple[int, str], ...]:
    """The first cells that are words, with their rows, counted from 1. texts: all that are, or all that are
    none."""
    found: list[tuple[int, str]] = []
    start, size = 0, _FIRST_ROWS
    while start < len(cells) and len(found) < _MAX_WORDS:
        part = cells.slice(start, size)
        is_word = pc.equal(pc.is_in(part, texts), are_words)
        is_word = pc.and_(is_word, pc.is_valid(part))
        rows = np.flatnonzero(_mask(is_word))[: _MAX_WORDS - len(found)]
        found += [(start + int(row) + 1, part[int(row)].as_py()) for row in rows]
        start, size = start + size, 8 * size
    return tuple(found)


def _mask(found: Any) -> np.ndarray:
    return np.asarray(found.fill_null(False), dtype=bool)


def _fit_64_bits(whole: pa.Array) -> bool:
    return all(int(text) < 2**64 for text in whole.filter(pc.greater(pc.utf8_length(whole), 18)).to_pylist())


def _plain(texts: pa.Array) -> pa.Array:
    """Without currency, percent signs and odd signs: digits, separators, and one sign in front."""
    if _EVERYDAY.found_in(texts).all():
        return texts
    for pattern, replacement in _ODD:
        texts = pattern.replaced_in(texts, replacement)
    return texts


def to_numbers(cells: pa.ChunkedArray | pa.Array, decimal: str) -> Any:
    """The numbers in the cells of a column of text; null for everything else.

    Parameters
    ----------
    cells : ChunkedArray or Array of string
    decimal : {".", ","}

    Returns
    -------
    ChunkedArray or Array of float64
    """
    plain = _plain(pc.utf8_trim_whitespace(cells))
    is_number = pa.array(_NUMBERS[decimal].found_in(plain))
    plain = pc.if_else(is_number, plain, pa.scalar(None, pa.string()))
    plain = _SEPARATORS[decimal].replaced_in(plain, "")
    if decimal == ",":
        plain = pc.replace_substring(plain, ",", ".")
    # An exponent keeps its sign: a plus says nothing there either.
    return plain.cast(pa.float64())


def without_marks(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of words with nulls where one stands for a missing value."""
    is_mark = pc.is_in(pc.utf8_trim_whitespace(cells), pa.array(MISSING_MARKS))
    return pc.if_else(is_mark, pa.scalar(None, pa.string()), cells)


def shown_cell(row: int, text: str) -> str:
    """As in "row 17 has 'abc'"."""
    text = re.sub(r"\s+", " ", text)
    return f"row {row:,} has {text[:40]!r}"
