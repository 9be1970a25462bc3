"""Results as files: CSV, Parquet and JSON, written and read back without loss.

One row per repetition, one column per value. Columns of the environment begin with `environment.`, those of
the phases with `phase.`; the seconds of the iterations are a JSON list.
"""

import io
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kmeans_core.bench.measuring.cases import Case
from kmeans_core.bench.measuring.machine import IDENTITY
from kmeans_core.bench.records.results import DONE, STATUSES, Repetition
from kmeans_core.errors import KMeansError, OutputError, StoreError

RESULT_FORMATS = ("csv", "parquet", "json")

_ENVIRONMENT, _PHASE = "environment.", "phase."
_CASE = tuple(column.name for column in fields(Case))
_PLAIN = tuple(
    column.name
    for column in fields(Repetition)
    if column.name not in ("case", "environment", "phases", "iterations")
)


def export_rows(rows: Iterable[Repetition], file_format: str) -> bytes:
    """The rows as a file of one of `FORMATS`."""
    flat = [_flatten(row) for row in rows]
    if file_format == "json":
        return json.dumps(flat, indent=1).encode()
    frame = pd.DataFrame(flat)
    if file_format == "csv":
        return frame.to_csv(index=False).encode()
    target = io.BytesIO()
    frame.to_parquet(target, index=False, compression="zstd")
    return target.getvalue()


def import_rows(data: bytes, file_format: str, name: str) -> list[Repetition]:
    """The rows of a file that `export_rows` made. name: of the file, for messages.

    Raises StoreError if it is not such a file.
    """
    try:
        if file_format == "json":
            flat = json.loads(data)
        elif file_format == "csv":
            # As text: the type of a column follows from its name.
            flat = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False).to_dict("records")
        else:
            flat = pd.read_parquet(io.BytesIO(data)).to_dict("records")
        if not isinstance(flat, list) or not all(isinstance(row, dict) for row in flat):
            raise TypeError("it is not a list of rows")
    except MemoryError:
        raise
    except Exception as error:  # damaged files surface as almost any exception
        cause = (str(error) or type(error).__name__).splitlines()[0][:120]
        raise StoreError(
            f"{name} cannot be read as {file_format.upper()} ({cause}); give a "
            "file that `results --export` or the Benchmark page wrote."
        ) from error
    if not flat:
        raise StoreError(f"{name} has no rows; choose a file with rows.")
    return [_row(values, number, name) for number, values in enumerate(flat, 1)]


def export_file(rows: Iterable[Repetition], path: Path) -> None:
    """Writes a file in the format of its ending. Raises OutputError if that is not possible."""
    file_format = kind_of(path)
    try:
        path.write_bytes(export_rows(rows, file_format))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


def import_file(path: Path) -> list[Repetition]:
    """Reads a file by its ending. Raises StoreError if that is not possible."""
    file_format = kind_of(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}.") from error
    return import_rows(data, file_format, path.name)


def kind_of(path: Path) -> str:
    """The format that a file name stands for. Raises StoreError for another ending."""
    file_format = path.suffix.lower().removeprefix(".")
    if file_format not in RESULT_FORMATS:
        raise StoreError(f"{path} does not end in .csv, .parquet or .json; use one of these endings.")
    return file_format


def _flatten(row: Repetition) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _PLAIN},
        **asdict(row.case),
        "iterations": json.dumps(list(row.iterations)),
        **{_PHASE + name: seconds for name, seconds in row.phases.items()},
        **{_ENVIRONMENT + name: value for name, value in row.environment.items()},
    }


def _row(values: dict[str, Any], number: int, name: str) -> Repetition:
    missing = {*_PLAIN, *_CASE, "iterations"} - set(values)
    if missing:
        raise StoreError(
            f"{name} lacks the columns {', '.join(sorted(missing))}; give a file that `results --export` or "
            "the Benchmark page wrote."
        )
    try:
        row = Repetition(
            **{key: _PARSE.get(key, str)(values[key]) for key in _PLAIN},
            case=Case(**{key: _PARSE.get(key, str)(values[key]) for key in _CASE}),
            iterations=tuple(float(seconds) for seconds in json.loads(values["iterations"])),
            phases={name: float(value) for name, value in _with_prefix(values, _PHASE).items()},
            environment={
                name: _whole(value) if name in ("cores", "memory_gb") else str(value)
                for name, value in _with_prefix(values, _ENVIRONMENT).items()
            },
        )
    except (ValueError, TypeError, OverflowError) as error:
        reason = str(error) if isinstance(error, KMeansError) else f"a value cannot be read ({error})"
        raise StoreError(f"{name}, row {number}: {reason} Nothing was imported.") from error
    problem = _problem(row)
    if problem:
        raise StoreError(f"{name}, row {number}: {problem} Nothing was imported.")
    return row


def _problem(row: Repetition) -> str:
    """Why a row is not a valid repetition, as a sentence; empty if it is. The store keeps rows for good, and
    every page reads them.
    """
    if row.status not in STATUSES:
        return f"status={row.status!r} is unknown; it is one of: {', '.join(STATUSES)}."
    missing = [name for name in IDENTITY if not row.environment.get(name)]
    if missing:
        return f"the environment lacks {', '.join(missing)}."
    try:
        datetime.fromisoformat(row.measured_at)
    except ValueError:
        return f"measured_at={row.measured_at!r} is not an ISO time."
    if row.status == DONE:
        values = {
            "seconds": row.seconds,
            "inertia": row.inertia,
            "pixels": row.pixels,
            "points": row.points,
            "rounds": row.rounds,
        }
        for name, value in values.items():
            # An inertia of 0 is an exact answer, and Spark ML may return a result without an iteration.
            min_value = 0 if name in ("inertia", "rounds") else 1e-9
            if value is None or not min_value <= value < math.inf:
                return f"{name}={value!r} is not possible for a repetition that is done."
    return ""


def _with_prefix(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The columns that begin with a prefix, without it, and without the empty ones."""
    return {
        key.removeprefix(prefix): value
        for key, value in values.items()
        if key.startswith(prefix) and not _is_missing(value)
    }


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _whole(value: Any) -> int:
    number = float(value)
    if not number.is_integer() or abs(number) >= 2**63:
        raise ValueError(f"{value!r} is not a whole number of 64 bits")
    return int(value) if isinstance(value, str) and value.lstrip("-").isdecimal() else int(number)


def _optional(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if _is_missing(value) else parse(value)


def _truth(value: Any) -> bool:
    if str(value) not in ("True", "False", "1", "0"):
        raise ValueError(f"{value!r} is neither True nor False")
    return str(value) in ("True", "1")


_PARSE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("n_clusters", "n_iter", "cores", "seed", "wanted", "number", "rounds", "pixels", "points", "dims"),
        _whole,
    ),
    "start": float,
    **dict.fromkeys(("tol", "seconds", "inertia"), _optional(float)),
    "peak_memory": _optional(_whole),
    "cold": _truth,
}
