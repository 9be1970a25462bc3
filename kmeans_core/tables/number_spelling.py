"""How people write numbers, and what they write where they have none."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kmeans_core.tables.texts import Pattern, Texts, chosen, few_or_many, trimmed

# What people write where they have no value, whatever the column holds. Those of pandas are among them.
MISSING_MARKS = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "null", "NULL", "None", "<NA>", "?", "-"),
    *("#N/A", "#N/A N/A", "#NA", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
# What stands for a missing number among numbers, in small letters; among words, most of it is one.
NUMBER_MARKS = frozenset(
    (
        *{mark.lower() for mark in MISSING_MARKS},
        *("na", "nil", "none", ".", "..", "--", "---", "–", "—", "…", "*"),
        *("#num!", "#div/0!", "#value!", "#ref!", "#name?", "#null!", "#error!"),
    )
)
_MINUS = "[\u2212\u2012\u2013\ufe63\uff0d]"
_SPACES = " \u00a0\u2009\u202f"
_SIGNS = "$€£¥₹₽₩₺₴₫₪฿¢"
_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|INR|CAD|AUD|NZD|BRL|MXN|HKD|SGD|KRW|TRY|ZAR|RUB|UAH|"
    "kr|zł"
)
_CURRENCY = f"(?:[{_SIGNS}]|(?:{_CODES}))"


def _number(decimal: str, thousands: str) -> str:
    """What numbers look like: digits, or groups of three (of two, in India), and a fraction."""
    by_mark = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{2,3}})*{thousands}[0-9]{{3}}"
    by_space = rf"[0-9]{{1,3}}(?:[{_SPACES}'’][0-9]{{3}})+"
    whole = rf"(?:[0-9]+|{by_mark}|{by_space})"
    fraction = rf"(?:{decimal}[0-9]*)?(?:[eE][+-]?[0-9]+)?"
    return rf"^[+-]?(?:{whole}{fraction}|{decimal}[0-9]+(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity))\z"


LEADING_ZERO = Pattern(r"^0[0-9]+\z|^0[xX][0-9a-fA-F]+\z")
WHOLE = Pattern(r"^[0-9]{1,20}\z")
# How a number may begin, blanks and currency included.
MAY_BE_NUMBER = Pattern(rf"^[\s{_SPACES}]*(?:[-+(.,0-9{_SIGNS}]|{_MINUS}|{_CODES}|(?i:inf))")
LONGEST_MARK = max(len(mark.encode()) for mark in NUMBER_MARKS) + 2
# Decimal mark → what a number with it looks like.
NUMBERS = {".": Pattern(_number(r"\.", ",")), ",": Pattern(_number(",", r"\."))}
GROUPED = tuple(Pattern(f"[0-9][{mark}{_SPACES}'’][0-9]") for mark in ",.")
FRACTION = (Pattern(r"\."), Pattern(","))
# Decimal mark → what a number with it has besides digits.
_SEPARATORS = {".": Pattern(f"[,{_SPACES}'’+]"), ",": Pattern(f"[.{_SPACES}'’+]")}
# What is written differently from what computers read, and as what they read it.
_ODD = (
    (Pattern(_MINUS), "-"),
    (Pattern(r"^\(([^()0-9]*[0-9][^()]*)\)\z"), r"-\1"),
    (Pattern(rf"^([+-]?)\s*{_CURRENCY}\s*([+-]?)([0-9.,])"), r"\1\2\3"),
    (Pattern(rf"([0-9.,])\s*(?:{_CURRENCY}|%)\z"), r"\1"),
)
# Almost all cells of almost all tables; nothing in them is odd.
_EVERYDAY = Pattern(r"^-?[0-9]*(?:[.,][0-9]*)?\z")
# What is left out of a number, as a note calls it → how it is recognized.
FEATURES = {
    "currency": Pattern(_CURRENCY),
    "percent signs": Pattern("%"),
    "parentheses for negatives": Pattern(r"^\(.*\)\z"),
}


def plain_numbers(texts: Texts) -> Texts:
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
    plain = plain_numbers(trimmed(few_or_many(cells)))
    is_number = NUMBERS[decimal].found_in(plain)
    if isinstance(plain, list):
        digits = _SEPARATORS[decimal].replaced_in(chosen(plain, is_number), "")
        numbers = np.full(len(plain), np.nan)
        numbers[is_number] = [float(text.replace(decimal, ".")) for text in digits]
        return pa.array(numbers, mask=~is_number)
    plain = pc.if_else(pa.array(is_number), plain, pa.scalar(None, pa.string()))
    plain = _SEPARATORS[decimal].replaced_in(plain, "")
    if decimal == ",":
        plain = pc.replace_substring(plain, ",", ".")
    # An exponent keeps its sign: a plus says nothing there either.
    return plain.cast(pa.float64())
