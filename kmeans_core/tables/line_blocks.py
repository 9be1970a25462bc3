"""Whether a text can be read in blocks that are cut at line ends, whatever is in quotes.

PyArrow cuts blocks after their first and after their last line end, and is a fifth faster where it does not
look whether that is within quotes. It does not notice either when it was.
"""

import numpy as np
from numpy.typing import NDArray

_QUOTE, _LINE_ENDS = ord('"'), (b"\n", b"\r")
_CACHED_BYTES = 2**17


def are_blocks_whole(text: bytes, start: int, block_bytes: int) -> bool:
    """Whether none of the cuts is within quotes.

    Parameters
    ----------
    text : bytes
        In an encoding in which ASCII is itself.
    start : int
        Where the first block begins.
    block_bytes : int
        Of a block, at least 1.

    Returns
    -------
    bool
        False as well for a block without a line end.
    """
    if text.find(b'"', start) < 0:
        return True
    letters = np.frombuffer(text, np.uint8)
    n_quotes, counted = 0, start
    for first in range(start, len(text), block_bytes):
        last = min(first + block_bytes, len(text))
        ends = [place for mark in _LINE_ENDS if (place := text.find(mark, first, last)) >= 0]
        ends += [place for mark in _LINE_ENDS if (place := text.rfind(mark, first, last)) >= 0]
        if not ends and last < len(text):
            return False
        for cut in (min(ends), max(ends)) if ends else ():
            n_quotes += _count_quotes(letters[counted:cut])
            counted = cut
            if n_quotes % 2:
                return False
    return True


def _count_quotes(letters: NDArray[np.uint8]) -> int:
    parts = range(0, len(letters), _CACHED_BYTES)
    return sum(int(np.count_nonzero(letters[at : at + _CACHED_BYTES] == _QUOTE)) for at in parts)
