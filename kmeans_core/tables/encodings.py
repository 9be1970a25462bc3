"""Which letters the bytes of a text file stand for."""

import codecs
import re
from typing import NamedTuple

from kmeans_core.errors import OptionError, TableError

# Python's name → what people call it; those that can be chosen on the page, and that are guessed.
ENCODINGS = {
    "utf_8": "UTF-8",
    "utf_16": "UTF-16",
    "cp1252": "Windows-1252 (Western)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "mac_roman": "Mac Roman",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "EUC-KR (Korean)",
}
# With words that have no letter of ASCII at all.
_ALPHABETS = ["cp1251", "koi8_r", "cp1253"]
_OTHER_SCRIPTS = [*_ALPHABETS, "cp932", "euc_jp", "gb18030", "big5", "cp949"]
# Their letters are here, from first to last; of what stands for Chinese, about half of the bytes are.
_FIRST_LETTER, _NEARLY_ALL = 0xC0, 0.95
_SAMPLE_BYTES = 200_000
# As much of a file as its first lines may take.
HEAD_BYTES = 4 * 2**20
# With or without a byte-order mark.
UTF_8 = "utf-8-sig"


class Decoded(NamedTuple):
    """text: of a file; of one in UTF-8 only its beginning. encoding: of that text, by Python's name.
    notes: what was guessed, as sentences."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, name: str, encoding: str | None = None) -> Decoded:
    """The text of a file.

    Parameters
    ----------
    data : bytes
    name : str
        Of the file, for messages.
    encoding : str, optional
        Any that Python knows; by default UTF-8 or UTF-16 where it is one, else a guess.

    Returns
    -------
    Decoded

    Raises
    ------
    OptionError
        For an unknown encoding.
    TableError
        For a file that is no text, or not in that encoding.
    """
    if encoding is not None:
        return Decoded(_decoded(data, name, encoding), known_encoding(encoding))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return Decoded(data.decode("utf-16"), "utf-16", ("Read as UTF-16.",))
        except UnicodeDecodeError:
            raise TableError(
                f"{name} is damaged: it starts like UTF-16, but is not; save it again."
            ) from None
    if b"\0" in data[:4096]:
        raise TableError(f"{name} is not a table; use CSV, TSV, Parquet or Excel.")
    try:
        # Ten times as fast as decoding it all, which is needed of others only to know what they are.
        text = data[:HEAD_BYTES].decode("ascii") if data.isascii() else data.decode(UTF_8)
        return Decoded(text[:HEAD_BYTES], UTF_8)
    except UnicodeDecodeError as error:
        if any(_is_utf8(letters) for letters in re.findall(rb"[\x80-\xff]{2,8}", data)):
            line = data.count(b"\n", 0, error.start) + 1
            raise TableError(
                f"{name} mixes encodings: line {line:,} is not UTF-8, and others are. Save it as UTF-8."
            ) from None
    guessed = _guess(data[:_SAMPLE_BYTES])
    title = ENCODINGS[guessed].partition(" (")[0]
    note = f"Read as {title}, because it is not UTF-8; choose another encoding if letters are wrong."
    return Decoded(data.decode(guessed, errors="replace"), guessed, (note,))


def known_encoding(encoding: str) -> str:
    """Python's name of an encoding. Raises OptionError for one that it does not know."""
    try:
        found = codecs.lookup(encoding)
        "".encode(found.name)  # some turn bytes into bytes
    except (LookupError, ValueError):
        raise OptionError(
            f"encoding={encoding!r} is unknown; use one that Python knows, such as {', '.join(ENCODINGS)}."
        ) from None
    return UTF_8 if found.name == "utf-8" else found.name


def _decoded(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(known_encoding(encoding))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"{name} is not in the encoding {encoding}: line {line:,} has other bytes; choose another one."
        ) from None


def _is_utf8(letters: bytes) -> bool:
    try:
        letters.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(data: bytes) -> str:
    """The encoding of a text that is not UTF-8.

    In the scripts of the West, letters beyond ASCII stand between others; in other scripts whole words
    consist of them. Which of these it is, charset-normalizer tells by the frequencies of letters; in a few
    words, it takes pairs of Cyrillic letters for Chinese.
    """
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", data)]
    if sum(run for run in runs if run > 2) <= sum(runs) / 2:
        return "cp1252"
    from charset_normalizer import from_bytes

    high = [byte for byte in data if byte >= 0x80]
    n_letters = sum(byte >= _FIRST_LETTER for byte in high)
    scripts = _ALPHABETS if n_letters >= _NEARLY_ALL * len(high) else _OTHER_SCRIPTS
    best = from_bytes(data, cp_isolation=scripts).best()
    if best is not None:
        return best.encoding
    # Too short for that: the most frequent encoding in which a letter is one byte.
    return "cp1251"
