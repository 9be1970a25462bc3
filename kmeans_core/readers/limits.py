"""How much memory and time a reader has, and how many there are."""

import os

from kmeans_core.errors import OptionError
from kmeans_core.host import memory_bytes

MEGABYTES_VARIABLE, SECONDS_VARIABLE = "KMEANS_READER_MB", "KMEANS_READER_SECONDS"
_ALLOWED_MEGABYTES, _ALLOWED_SECONDS = (64, 65_536), (1, 3600)
# Half of a small host, for the server has to live too; and what 50 megapixels need, with which
# a reader and the server are below a gigabyte together.
_SHARE, _MIN_MEGABYTES, _MAX_MEGABYTES = 0.5, 256, 600
_SECONDS = 12
_MAX_READERS = 4


def reader_megabytes() -> int:
    """Memory for one file in megabytes, above what a reader takes by itself: KMEANS_READER_MB, or half of the
    machine's or container's, from 256 to 600. Raises OptionError for a value that is not allowed."""
    by_machine = int(_SHARE * memory_bytes() / 1e6)
    return _from_environment(
        MEGABYTES_VARIABLE, _ALLOWED_MEGABYTES, min(max(by_machine, _MIN_MEGABYTES), _MAX_MEGABYTES)
    )


def reader_seconds() -> int:
    """Seconds for one file: KMEANS_READER_SECONDS, or 12. Raises OptionError for a value that is not
    allowed."""
    return _from_environment(SECONDS_VARIABLE, _ALLOWED_SECONDS, _SECONDS)


def n_readers() -> int:
    """How many files are read at once: as many as processors, as long as there is memory for all of them."""
    by_memory = int(_SHARE * memory_bytes() / 1e6) // reader_megabytes()
    return max(1, min(os.cpu_count() or 1, by_memory, _MAX_READERS))


def _from_environment(name: str, allowed: tuple[int, int], default: int) -> int:
    given = os.environ.get(name, "")
    if not given:
        return default
    least, most = allowed
    if given.isascii() and given.isdigit() and least <= int(given[:10]) <= most:
        return int(given)
    raise OptionError(f"{name}={given!r} is not allowed; give a whole number from {least:,} to {most:,}.")
