"""Tables of strangers, read by a process with limits, see `kmeans_core.readers`."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import pandas as pd

from kmeans_core.errors import TableError
from kmeans_core.readers.pool import readers
from kmeans_core.tables.load import Table, load_table
from kmeans_core.tables.model import TableModel
from kmeans_core.tables.packed_frames import pack_frame, unpack_frame, unpacked_bytes
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.wording import bytes_text

_HERE = __name__


def load_table_apart(
    data: bytes,
    name: str,
    options: ReadOptions,
    *,
    max_bytes: int,
    on_wait: Callable[[int], None] = lambda before: None,
) -> Table:
    """As `load_table()`, by a reader.

    Parameters
    ----------
    data, name : bytes, str
        The file, and its name.
    options : ReadOptions
    max_bytes : int
        Memory that its rows may take here.
    on_wait : callable
        See `ReaderPool.read()`.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        Also for a file that takes more memory or time than one may have.
    """
    given = {"data": data, "name": name, "options": asdict(options)}
    read = partial(readers().read, name=name, error=TableError, advice="use a part of it")
    found = read(f"{_HERE}:_table", given, on_wait=on_wait)
    frame = found.pop("frame")
    _check_size(frame, name, max_bytes)

    def spelled(columns: Sequence[str]) -> pd.DataFrame:
        cells = read(f"{_HERE}:_spelled", {**given, "columns": list(columns)})
        _check_size(cells, name, max_bytes)
        return unpack_frame(cells)

    return Table(unpack_frame(frame), name, **found, spelled=spelled)


def read_model_apart(data: bytes, name: str) -> TableModel:
    """As `TableModel.from_json()`, by a reader."""
    text = readers().read(f"{_HERE}:_model", {"data": data, "name": name}, name=name, error=TableError)
    return TableModel.from_json(text, name)


def _check_size(frame: dict[str, Any], name: str, max_bytes: int) -> None:
    size = unpacked_bytes(frame)
    if size > max_bytes:
        raise TableError(
            f"{name} has {frame['n_rows']:,} rows that take {bytes_text(size)} of memory, and one table may "
            f"have {bytes_text(max_bytes)} here; use a part of it, or cluster it from file to file with "
            "`kmeans-studio table`."
        )


def _model(data: bytes, name: str) -> bytes:
    return TableModel.from_json(data, name).to_json().encode()


def warm_table_readers() -> None:
    """Starts a reader in the background, so that the first table need not wait for it."""
    readers().warm(_HERE)


def _table(data: bytes, name: str, options: dict[str, Any]) -> dict[str, Any]:
    table = load_table(data, name, ReadOptions(**options))
    about = {field: getattr(table, field) for field in ("notes", "sheets", "restyled", "is_text")}
    return {**about, "frame": pack_frame(table.frame)}


def _spelled(data: bytes, name: str, options: dict[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    table = load_table(data, name, ReadOptions(**options))
    cells = table.frame[list(columns)] if table.spelled is None else table.spelled(columns)
    return pack_frame(cells)
