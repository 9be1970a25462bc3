"""Data frames as arrays and plain values, to be handed from one process to another without pickle."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# What a text takes in Python beside its letters, and what a cell that points to it takes.
_TEXT_BYTES, _POINTER_BYTES = 49, 8
# Kinds of cells beside those of JSON → into text and back.
_CELLS: dict[Any, tuple[str, Any]] = {
    pd.Timestamp: ("timestamp", pd.Timestamp),
    datetime: ("datetime", datetime.fromisoformat),
    date: ("date", date.fromisoformat),
    time: ("time", time.fromisoformat),
}
_READERS = dict(_CELLS.values())


def pack_frame(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame as what `readers.values.pack()` takes. Its index is left out."""
    names = [str(name) for name in frame.columns]
    columns = [_packed(frame.iloc[:, place]) for place in range(len(names))]
    return {"n_rows": len(frame), "names": names, "columns": columns}


def unpack_frame(packed: dict[str, Any]) -> pd.DataFrame:
    """The frame again, with rows counted from 0."""
    columns = {place: _unpacked(column) for place, column in enumerate(packed["columns"])}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(packed["n_rows"]), copy=False)
    frame.columns = pd.Index(packed["names"], dtype=object)
    return frame


def unpacked_bytes(packed: dict[str, Any]) -> int:
    """About how much memory the frame takes once it is unpacked."""
    return sum(_size(column) for column in packed["columns"])


def frame_bytes(frame: pd.DataFrame) -> int:
    """About how much memory a frame takes, without a look at every text in it."""
    sizes = frame.memory_usage(index=False)
    objects = [name for name in frame.columns if frame[name].dtype == object]
    return int(sizes.sum()) + len(frame) * len(objects) * _TEXT_BYTES


def _packed(column: pd.Series) -> dict[str, Any]:
    if isinstance(column.dtype, np.dtype) and not column.dtype.hasobject:
        return {"values": column.to_numpy()}
    if isinstance(column.dtype, pd.Int64Dtype | pd.UInt64Dtype):
        plain = np.uint64 if isinstance(column.dtype, pd.UInt64Dtype) else np.int64
        return {"values": column.to_numpy(plain, na_value=0), "missing": column.isna().to_numpy()}
    cells = column.to_numpy(object)
    try:
        return _packed_texts(pa.array(cells, pa.large_string(), from_pandas=True))
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return {"cells": [_packed_cell(cell) for cell in cells]}


def _packed_texts(texts: pa.Array) -> dict[str, Any]:
    missing = np.asarray(texts.is_null())
    filled = texts.fill_null("") if missing.any() else texts
    _, offsets, letters = filled.buffers()
    ends = np.frombuffer(offsets, np.int64)[filled.offset : filled.offset + len(filled) + 1]
    return {
        "ends": ends,
        "letters": np.frombuffer(letters, np.uint8) if letters is not None else np.empty(0, np.uint8),
        "missing": missing,
    }


def _packed_cell(cell: Any) -> Any:
    if cell is None or (isinstance(cell, float) and cell != cell) or cell is pd.NaT:
        return None
    if isinstance(cell, bool | int | float | str):
        return cell
    if isinstance(cell, timedelta):
        return ("timedelta", str(cell // timedelta(microseconds=1)))
    for kind, (name, _) in _CELLS.items():
        if isinstance(cell, kind):
            return (name, cell.isoformat())
    if isinstance(cell, bytes):
        return cell
    return str(cell)


def _unpacked(column: dict[str, Any]) -> Any:
    if "cells" in column:
        return pd.Series([_unpacked_cell(cell) for cell in column["cells"]], dtype=object)
    if "letters" in column:
        buffers = [pa.py_buffer(np.ascontiguousarray(column[name])) for name in ("ends", "letters")]
        texts = pa.LargeStringArray.from_buffers(len(column["missing"]), *buffers)
        texts.validate(full=True)  # it comes from another process
        texts = pc.if_else(pa.array(column["missing"]), pa.scalar(None, pa.large_string()), texts)
        return texts.to_pandas(deduplicate_objects=True).astype(object)
    if "missing" in column:
        kind = pd.UInt64Dtype() if column["values"].dtype.kind == "u" else pd.Int64Dtype()
        array = pd.array(column["values"], dtype=kind)
        array[column["missing"]] = pd.NA
        return array
    return column["values"]


def _unpacked_cell(cell: Any) -> Any:
    if not isinstance(cell, tuple):
        return cell
    kind, text = cell
    return timedelta(microseconds=int(text)) if kind == "timedelta" else _READERS[kind](text)


def _size(column: dict[str, Any]) -> int:
    if "cells" in column:
        return len(column["cells"]) * (_TEXT_BYTES + _POINTER_BYTES)
    if "letters" not in column:
        return cast(int, column["values"].nbytes)
    return len(column["missing"]) * (_TEXT_BYTES + _POINTER_BYTES) + len(column["letters"])
