"""Files that have to be unpacked, Parquet and Excel: checked first, for some kilobytes may hold gigabytes."""

import io
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from kmeans_core.errors import TableError
from kmeans_core.tables.reading import MISSING, as_frame, listed
from kmeans_core.wording import bytes_text

# What a laptop has room for, several times over.
_MOST_UNPACKED_BYTES = 2_000_000_000
# Numbers and words shrink to a tenth at best, a sheet of equal cells to a hundredth.
_MOST_RATIO = 200
_HARMLESS_BYTES = 100_000_000


def read_parquet(data: bytes, name: str) -> tuple[pd.DataFrame, list[str]]:
    """The table in the bytes of a Parquet file, and what was left out."""
    try:
        file = pa.parquet.ParquetFile(io.BytesIO(data))
        groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
        _check_unpacked(sum(group.total_byte_size for group in groups), len(data), name)
        # Equal values take no room in the file, but eight bytes each in memory.
        _check_unpacked(8 * file.metadata.num_rows * file.metadata.num_columns, _MOST_UNPACKED_BYTES, name)
        flat = [field.name for field in file.schema_arrow if not pa.types.is_nested(field.type)]
        nested = [field.name for field in file.schema_arrow if pa.types.is_nested(field.type)]
        if not flat:
            raise TableError(f"{name} has only nested columns; flatten them first.")
        table = file.read(columns=flat)
    except (pa.ArrowException, OSError) as error:
        first = (str(error) or type(error).__name__).splitlines()[0][:150]
        raise TableError(f"{name} is a damaged Parquet file ({first}); write it anew.") from None
    return as_frame(table), [f"Without the nested columns {listed(nested)}."] if nested else []


def read_excel(data: bytes, name: str, sheet: str | None) -> tuple[pd.DataFrame, list[str], tuple[str, ...]]:
    """A sheet of a spreadsheet's bytes, the first if `sheet` is None, which others there are, and all."""
    if data.startswith(b"PK"):
        _check_zip(data, name)
    try:
        with pd.ExcelFile(io.BytesIO(data), engine="calamine") as book:
            sheets = [str(title) for title in book.sheet_names]
            if sheet is not None and sheet not in sheets:
                raise TableError(f"{name} has no sheet {sheet!r}; use one of: {listed(sheets, 20)}.")
            chosen = sheets[0] if sheet is None else sheet
            frame = book.parse(chosen, na_values=list(MISSING))
    except TableError:
        raise
    except Exception as error:  # noqa: BLE001 - the reader has its own kinds for what is wrong with a file
        raise TableError(
            f"{name} cannot be read as a spreadsheet ({str(error)[:150]}); save it as CSV."
        ) from None
    if frame.empty:
        raise TableError(f"The sheet {chosen} of {name} is empty; choose another file or sheet.")
    others = [title for title in sheets if title != chosen]
    notes = [f"Sheet {chosen}; there are also {listed(others)}."] if others else []
    return frame, notes, tuple(sheets)


def _check_zip(data: bytes, name: str) -> None:
    """Unpacks a zip file without keeping anything: what its directory says of sizes may be a lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_unpacked(sum(member.file_size for member in archive.infolist()), len(data), name)
            total = 0
            for member in archive.infolist():
                with archive.open(member) as part:
                    while chunk := part.read(2**20):
                        total += len(chunk)
                        _check_unpacked(total, len(data), name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise TableError(f"{name} is a damaged or locked spreadsheet ({error}); save it as CSV.") from None


def _check_unpacked(size: int, packed: int, name: str) -> None:
    if size > _MOST_UNPACKED_BYTES or (size > _HARMLESS_BYTES and size > _MOST_RATIO * packed):
        raise TableError(
            f"{name} would unpack to {bytes_text(size)} or more, which is too much for a table here; use a "
            "part of it, saved as CSV."
        )
