"""Reads a sheet in a process of its own: `python -m kmeans_core.tables.spreadsheet`, started by `packed.py`.

Two cells in far corners make the reader ask for half a terabyte, and when it does not get it, it ends its
process on the spot. That must not be the server's. Input: the name of the sheet and the file's bytes. Output:
a `Sheet`, or a sentence about what is wrong.
"""

import io
import pickle
import sys
from contextlib import suppress

import pandas as pd

from kmeans_core.errors import TableError
from kmeans_core.tables.reading import MISSING, Sheet, listed

# Of address space. A table of 500 MB takes some times as much on its way.
_MAX_BYTES = 6_000_000_000


def main() -> None:
    with suppress(ImportError):  # Windows has no such limits
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = _MAX_BYTES if hard == resource.RLIM_INFINITY else min(_MAX_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    wanted, data = pickle.load(sys.stdin.buffer)
    try:
        answer: Sheet | str = _sheet(data, wanted)
    except TableError as error:
        answer = str(error)
    except Exception as error:  # noqa: BLE001 - the reader has its own kinds for what is wrong with a file
        answer = f"cannot be read as a spreadsheet ({str(error)[:150]}); save it as CSV."
    pickle.dump(answer, sys.stdout.buffer)


def _sheet(data: bytes, wanted: str | None) -> Sheet:
    with pd.ExcelFile(io.BytesIO(data), engine="calamine") as book:
        titles = tuple(str(title) for title in book.sheet_names)
        if wanted is not None and wanted not in titles:
            raise TableError(f"has no sheet {wanted!r}; use one of: {listed(titles, 20)}.")
        title = titles[0] if wanted is None else wanted
        return Sheet(book.parse(title, na_values=list(MISSING)), title, titles)


if __name__ == "__main__":
    main()
