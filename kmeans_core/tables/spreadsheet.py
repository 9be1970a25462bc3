"""Reads a sheet in a process of its own: `python -m kmeans_core.tables.spreadsheet`, started by `packed.py`.

Two cells in far corners make the reader ask for half a terabyte. When it does not get it, it kills its
process, which must not be the server's. Input: the name of the sheet and the file's bytes. Output: a `Sheet`,
or a sentence about what is wrong.
"""

import io
import pickle
import sys
from contextlib import suppress

import pandas as pd

from kmeans_core.errors import TableError
from kmeans_core.tables.cells import MISSING_MARKS
from kmeans_core.tables.reading import Sheet, join_names

# Of address space. Reading a table of 500 MB takes several times as much.
_MAX_BYTES = 6_000_000_000


def main() -> None:
    with suppress(ImportError):  # Windows has no such limits
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = _MAX_BYTES if hard == resource.RLIM_INFINITY else min(_MAX_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    sheet_name, data = pickle.load(sys.stdin.buffer)
    try:
        result: Sheet | str = _sheet(data, sheet_name)
    except TableError as error:
        result = str(error)
    except Exception as error:  # noqa: BLE001 - the reader has its own kinds for what is wrong with a file
        result = f"cannot be read as a spreadsheet ({str(error)[:150]}); save it as CSV."
    pickle.dump(result, sys.stdout.buffer)


def _sheet(data: bytes, sheet_name: str | None) -> Sheet:
    with pd.ExcelFile(io.BytesIO(data), engine="calamine") as book:
        titles = tuple(str(title) for title in book.sheet_names)
        if sheet_name is not None and sheet_name not in titles:
            raise TableError(f"has no sheet {sheet_name!r}; use one of: {join_names(titles, 20)}.")
        title = titles[0] if sheet_name is None else sheet_name
        return Sheet(book.parse(title, na_values=list(MISSING_MARKS)), title, titles)


if __name__ == "__main__":
    main()
