"""Files that have to be unpacked, Parquet and Excel: checked first, because kilobytes may unpack to
gigabytes.
"""

import io
import zipfile
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from kmeans_core.errors import TableError
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.tables.reading import Sheet, as_frame, join_names
from kmeans_core.tables.spreadsheet import read_sheet
from kmeans_core.wording import bytes_text

# What a laptop has room for, several times over.
_MAX_UNPACKED_BYTES = 2_000_000_000
# Numbers and words shrink to a tenth at best, a sheet of equal cells to a hundredth.
_MAX_RATIO = 200
_MIN_SUSPECT_BYTES = 100_000_000
# Decoded at a time.
_BATCH_BYTES = 64_000_000
_FIXED_BYTES = "FIXED_LEN_BYTE_ARRAY"


def read_parquet(data: bytes, name: str) -> tuple[pd.DataFrame, list[str]]:
    """The table in the bytes of a Parquet file, and what was left out."""
    try:
        schema = pa.parquet.read_schema(io.BytesIO(data))
        flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
        nested = [field.name for field in schema if pa.types.is_nested(field.type)]
        if not flat:
            raise TableError(f"{name} has only nested columns; flatten them first.")
        batches = list(_batches(data, schema, flat, name))
        if not batches:
            raise TableError(f"{name} has columns but no rows; choose a file with rows.")
        frame = as_frame(pa.Table.from_batches(batches))
    except (TableError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - a damaged file can raise anything
        first = (str(error) or type(error).__name__).splitlines()[0][:150]
        raise TableError(f"{name} is a damaged Parquet file ({first}); write it again.") from None
    return frame, [f"Left out the nested columns {join_names(nested)}."] if nested else []


def _batches(data: bytes, schema: pa.Schema, columns: list[str], name: str) -> Iterator[pa.RecordBatch]:
    """The file in batches, as long as it stays within bounds.

    Words and bytes, whatever they stand for, stay as numbers in a list of distinct ones: a long one may stand
    in a million rows and take no room at all. All other values have a known width, so a batch has as many
    rows as take `_BATCH_BYTES`.
    """
    meta = pa.parquet.read_metadata(io.BytesIO(data))
    leaves = [meta.schema.column(place) for place in range(meta.num_columns)]
    string_columns = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    width = 8 * len(columns) + sum(leaf.length for leaf in leaves if leaf.physical_type == _FIXED_BYTES)
    _check_unpacked(width * meta.num_rows, len(data), name)
    groups = [meta.row_group(place) for place in range(meta.num_row_groups)]
    _check_unpacked(sum(group.total_byte_size for group in groups), len(data), name)
    # What the file itself says of its longest rows, list of words included.
    width += max((group.total_byte_size // max(group.num_rows, 1) for group in groups), default=0)
    file = pa.parquet.ParquetFile(io.BytesIO(data), read_dictionary=string_columns)
    total = 0
    for batch in file.iter_batches(max(1, min(10_000, _BATCH_BYTES // width)), columns=columns):
        total += sum(_size(column) for column in batch.columns)
        _check_unpacked(total, len(data), name)
        # A column "a.b" is asked for by the same name as the field b of a nested column a, which comes too.
        yield batch.select(columns)


def _size(column: pa.Array) -> int:
    """Bytes with every string written out."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(pc.sum(lengths).as_py() or 0) + 8 * len(column)


def read_excel(data: bytes, name: str, options: ReadOptions) -> Sheet:
    """A sheet of a spreadsheet's bytes, the first that is not hidden if the options name none."""
    if data.startswith(b"PK"):
        _check_zip(data, name)
    read = read_sheet(data, name, options)
    if read.frame.empty:
        raise TableError(f"The sheet {read.title} of {name} is empty; choose another file or sheet.")
    return read


def _check_zip(data: bytes, name: str) -> None:
    """Unpacks a zip file without keeping anything: the sizes in its directory may be false."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_unpacked(sum(member.file_size for member in archive.infolist()), len(data), name)
            total = 0
            for member in archive.infolist():
                with archive.open(member) as file:
                    while chunk := file.read(2**20):
                        total += len(chunk)
                        _check_unpacked(total, len(data), name)
    except (TableError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - a damaged file can raise anything
        raise TableError(f"{name} is a damaged or locked spreadsheet ({error}); save it as CSV.") from None


def _check_unpacked(size: int, packed: int, name: str) -> None:
    if size > _MAX_UNPACKED_BYTES or (size > _MIN_SUSPECT_BYTES and size > _MAX_RATIO * packed):
        raise TableError(
            f"{name} would unpack to {bytes_text(size)} or more, which is too much here; use a "
            "part of it, saved as CSV."
        )
