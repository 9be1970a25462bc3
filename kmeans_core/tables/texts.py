"""Columns of text, of few cells or many.

Arrow takes 10 to 50 µs for a step, however few the cells, and 30 ns a cell; plain Python takes some 300 ns a
cell. So few texts are a list, and many are Arrow's; what is done to them is written once for both.
"""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_FEW = 200

# A list of str and None, or an Array or ChunkedArray of string.
Texts = Any


def few_or_many(cells: Any) -> Texts:
    """The texts of an Array or ChunkedArray, as a list where they are few."""
    return cells.to_pylist() if len(cells) <= _FEW else cells


def trimmed(texts: Texts) -> Texts:
    """The texts without white space around them."""
    if isinstance(texts, list):
        return [text and text.strip() for text in texts]
    return pc.utf8_trim_whitespace(texts)


def in_small_letters(texts: Texts) -> Texts:
    """The texts with small letters for capitals of ASCII."""
    if isinstance(texts, list):
        return [text and text.encode().lower().decode() for text in texts]
    return pc.ascii_lower(texts)


def n_bytes(texts: Texts) -> NDArray[np.int64]:
    """How long each is in UTF-8, (n,). Of texts without nulls."""
    if isinstance(texts, list):
        return np.array([len(text.encode()) for text in texts], dtype=np.int64)
    return np.asarray(pc.binary_length(texts))


def are_in(texts: Texts, wanted: frozenset[str]) -> NDArray[np.bool_]:
    """Which texts are among the wanted ones, (n,); not a null."""
    if isinstance(texts, list):
        return np.array([text in wanted for text in texts], dtype=bool)
    return mask(pc.is_in(texts, pa.array(sorted(wanted), pa.string())))


def chosen(texts: Texts, are: NDArray[np.bool_]) -> Texts:
    """Those of the texts, in their order."""
    if isinstance(texts, list):
        return [text for text, one in zip(texts, are.tolist(), strict=True) if one]
    return texts.filter(pa.array(are))


def joined(first: Texts, second: Texts) -> Texts:
    """The first and the second ones, both few or both many."""
    return first + second if isinstance(first, list) else pa.concat_arrays([first, second])


def mask(found: Any) -> NDArray[np.bool_]:
    """An array of truth, with False for a null."""
    return np.asarray(found.fill_null(False), dtype=bool)


class Pattern:
    """A regular expression, for Arrow's engine (RE2) and for Python's.

    What is written means the same to both: no end of text but `\\z`, no class but those of ASCII.

    source: in the syntax that both engines have.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled = re.compile(source.replace(r"\z", r"\Z"), re.ASCII)

    def found_in(self, texts: Texts) -> NDArray[np.bool_]:
        """Which texts it is found in, (n,); not in a null."""
        if isinstance(texts, list):
            search = self._compiled.search
            return np.array([text is not None and search(text) is not None for text in texts], dtype=bool)
        return mask(pc.match_substring_regex(texts, self.source))

    def replaced_in(self, texts: Texts, replacement: str) -> Texts:
        """The texts with everything that it finds replaced. replacement: `\\1` is its first group."""
        if isinstance(texts, list):
            replace = self._compiled.sub
            return [None if text is None else replace(replacement, text) for text in texts]
        return pc.replace_substring_regex(texts, self.source, replacement)
