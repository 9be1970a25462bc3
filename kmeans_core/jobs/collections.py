"""A collection as a job for a page: reduced, and what the page shows of it."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet

from kmeans_core.collections.collection import quantize_collection
from kmeans_core.collections.contact_sheet import contact_sheet
from kmeans_core.collections.manifest import MANIFEST
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.collections.report import CollectionReport
from kmeans_core.collections.run import PALETTE_FILE, SHEETS
from kmeans_core.errors import PictureError
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.preview import original_preview, thumbnail
from kmeans_core.images.reading_apart import load_picture_apart

_ON_A_SHEET, _MAX_LISTED, _MAX_FAILED = 24, 40, 100
_MAX_ARCHIVE_BYTES = 200_000_000


@dataclass(frozen=True, eq=False)
class ListedPicture:
    """A row of the manifest for a page. values: of the manifest. before, after: small PNGs, or empty."""

    values: dict[str, Any]
    before: bytes
    after: bytes


@dataclass(frozen=True, eq=False)
class CollectionResult:
    """What `quantize_folder()` returns.

    Attributes
    ----------
    report : CollectionReport
    worst : sequence of ListedPicture
        Those with the largest error, the worst first.
    failed : sequence of dict
        Rows of the manifest, at most 100.
    before, after : bytes
        Contact sheets of the same pictures.
    groups : sequence of bytes
        A contact sheet of each.
    input_bytes, output_bytes : int
        Of all that were written.
    archive : bytes
        Everything as a ZIP file; empty if that would be larger than 200 MB.
    """

    report: CollectionReport
    worst: Sequence[ListedPicture]
    failed: Sequence[dict[str, Any]]
    before: bytes
    after: bytes
    groups: Sequence[bytes]
    input_bytes: int
    output_bytes: int
    archive: bytes


def quantize_folder(
    source: str,
    output: str,
    options: QuantizeOptions,
    how: CollectionOptions,
    on_progress: Callable[[Any], None],
) -> CollectionResult:
    """Reduces the pictures in a folder and below, as files of strangers, and none that links lead out of it
    to, reporting each `CollectionProgress`."""
    on_progress("starting")
    report = quantize_collection(
        source, output, options, how, within=[source], apart=True, on_progress=on_progress
    )
    on_progress("making contact sheets")
    out = Path(output)
    rows = pyarrow.parquet.read_table(out / MANIFEST).to_pylist()
    done = [row for row in rows if row["status"] == "done"]
    # With palettes of both kinds, those of all are shown.
    shown = [row for row in done if row["palette"] == done[0]["palette"]] if done else []
    some = [_listed(row, out) for row in shown[:: -(-len(shown) // _ON_A_SHEET) or 1]]
    worst = sorted(shown, key=lambda row: -row["mse"])[:_MAX_LISTED]
    n_bytes = sum(row["output_bytes"] for row in done)
    return CollectionResult(
        report=report,
        worst=[_listed(row, out) for row in worst],
        failed=[row for row in rows if row["status"] != "done"][:_MAX_FAILED],
        before=contact_sheet([one.before for one in some]) if some else b"",
        after=contact_sheet([one.after for one in some]) if some else b"",
        groups=[path.read_bytes() for path in sorted((out / SHEETS).glob("*.png"))] if how.groups else [],
        input_bytes=sum(row["input_bytes"] for row in shown),
        output_bytes=sum(row["output_bytes"] for row in shown),
        archive=_archive(out, done, how) if done and n_bytes <= _MAX_ARCHIVE_BYTES else b"",
    )


def _listed(row: dict[str, Any], output: Path) -> ListedPicture:
    try:
        data = Path(row["path"].removeprefix("file://")).read_bytes()
        before = thumbnail(original_preview(load_picture_apart(data, row["name"])))
    except (OSError, PictureError):  # it has gone meanwhile
        before = b""
    return ListedPicture(row, before, thumbnail((output / row["output"]).read_bytes()))


def _archive(output: Path, done: Sequence[dict[str, Any]], how: CollectionOptions) -> bytes:
    names = [MANIFEST, *(row["output"] for row in done)]
    names += [PALETTE_FILE] if (output / PALETTE_FILE).exists() and how.palettes != "own" else []
    if how.groups:
        names += [f"{SHEETS}/{path.name}" for path in sorted((output / SHEETS).glob("*.png"))]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (output / name).read_bytes())
    return file.getvalue()
