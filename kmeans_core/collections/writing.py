"""The second pass: every picture with its palette, written by workers, a row of the manifest for each."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from kmeans_core.collections.files import STATE_FOLDER, PictureAt, output_name
from kmeans_core.collections.listing import Listing
from kmeans_core.collections.lookup import Lookup
from kmeans_core.collections.options import SHARED
from kmeans_core.collections.reading import Reading, read_picture
from kmeans_core.collections.state import OutputFolder
from kmeans_core.errors import InputError
from kmeans_core.images.encoding import IMAGE_FORMATS, encode, image_bytes
from kmeans_core.images.indexed_png import indexed_png
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import parse_colors
from kmeans_core.images.perceptual_quality import mean_difference
from kmeans_core.images.picture import Picture
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.types import ByteArray

_WRITTEN = "written-"
DONE, FAILED = "done", "failed"
_MEASURED = ("width", "height", "unique_colors", "n_colors", "mse", "psnr", "input_bytes", "output_bytes")


class WriteTask(NamedTuple):
    """What all workers are told.

    output: its URL. options: by kind of palette, "shared" or "own". file_format: one of `IMAGE_FORMATS`.
    delta_e: of `CollectionOptions`. lookup: the name of that of the shared palette, "" to do without.
    """

    output: str
    options: dict[str, QuantizeOptions]
    file_format: str
    reading: Reading
    delta_e: bool = False
    lookup: str = ""

    @property
    def key(self) -> str:
        """The same for work that makes the same files."""
        options = {kind: options.values() for kind, options in self.options.items()}
        said = [options, self.file_format, self.reading.max_megapixels, self.delta_e]
        text = json.dumps(said, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def outputs_of(self, name: str) -> list[str]:
        """Where a picture goes, with the palette of each kind."""
        return [self.output_of(name, kind) for kind in self.options]

    def output_of(self, name: str, kind: str) -> str:
        """Where a picture goes: with palettes of both kinds, in a folder of each."""
        folder = f"{kind}/" if len(self.options) > 1 else ""
        return folder + output_name(name, IMAGE_FORMATS[self.file_format].suffix)


class Written(NamedTuple):
    """rows: of the manifest, by the name of each picture. seconds: of the worker."""

    rows: list[tuple[str, list[dict[str, Any]]]]
    seconds: float


def find_written(output: OutputFolder, listing: Listing, task: WriteTask) -> None:
    """Notes in the listing what earlier runs have written and is still there, and forgets the rest before
    anything is written: what is overwritten now must not be taken for what it was, should it be wanted
    again. Raises OSError."""
    listing.note_present(output.outputs())
    for file in output.state_files(_WRITTEN):
        kept, is_whole = [], False
        with suppress(ValueError, KeyError, TypeError, IndexError):
            said = json.loads(output.read(file))
            if said["key"] == task.key:
                pictures = [(PictureAt(*member), rows) for member, rows in said["pictures"]]
                kept = [(member, rows) for member, rows in pictures if _is_there(listing, member, rows)]
                is_whole = len(kept) == len(pictures)
        for member, rows in kept:
            listing.put_written(member.name, json.dumps(rows))
        if not is_whole:
            if kept:
                _keep_record(output, task, kept)
            output.remove(file)


def _is_there(listing: Listing, member: PictureAt, rows: list[dict[str, Any]]) -> bool:
    is_done = all(row["status"] == DONE and listing.is_present(row["output"]) for row in rows)
    return is_done and listing.has(member)


def _keep_record(
    output: OutputFolder, task: WriteTask, pictures: Sequence[tuple[PictureAt, list[dict[str, Any]]]]
) -> None:
    """Writes what was said of some pictures. Raises OSError."""
    text = json.dumps({"key": task.key, "pictures": pictures}, sort_keys=True)
    digest = hashlib.sha256(json.dumps([task.key, [member for member, _ in pictures]]).encode()).hexdigest()
    output.write(f"{STATE_FOLDER}/{_WRITTEN}{digest[:32]}.json", text.encode())


# From here on: what runs on the workers.


def write_group(task: WriteTask, group: Sequence[PictureAt]) -> Written:
    """Writes some pictures, and what was said of them. Raises OSError if they cannot be written."""
    clock = perf_counter()
    output = OutputFolder(task.output)
    pictures = [(file, _write_picture(task, output, file)) for file in group]
    _keep_record(output, task, pictures)
    return Written([(file.name, rows) for file, rows in pictures], perf_counter() - clock)


def _write_picture(task: WriteTask, output: OutputFolder, file: PictureAt) -> list[dict[str, Any]]:
    try:
        picture = read_picture(file, task.reading)
    except InputError as error:
        for place in task.outputs_of(file.name):  # of another version
            output.remove(place)
        return [_row(file, kind, error=str(error)) for kind in task.options]
    rows = []
    for kind, options in task.options.items():
        try:
            made = _painted(task, picture, kind) or _quantized(picture, options)
            data = image_bytes(made.png, task.file_format)
        except InputError as error:
            output.remove(task.output_of(file.name, kind))
            rows.append(_row(file, kind, error=str(error)))
            continue
        name = task.output_of(file.name, kind)
        output.write(name, data)
        measured = made.measured | {"output_bytes": len(data)}
        if task.delta_e:
            measured["delta_e"] = mean_difference(picture, made.palette, made.indices)
        rows.append(_row(file, kind, output=name, **measured))
    return rows


class _Made(NamedTuple):
    """png: the file. measured: for the manifest. palette: (k, 3). indices: (height, width) into it."""

    png: bytes
    measured: dict[str, Any]
    palette: ByteArray
    indices: ByteArray


def _quantized(picture: Picture, options: QuantizeOptions) -> _Made:
    made = quantize_picture(picture, options)
    encoded = encode(picture, made)
    known = encoded.report.to_json()
    return _Made(encoded.png, {name: known[name] for name in _MEASURED}, made.palette.colors, made.indices)


def _painted(task: WriteTask, picture: Picture, kind: str) -> _Made | None:
    """The same with a palette whose lookup is known, in less time; None where that does not do."""
    if not task.lookup or kind != SHARED:
        return None
    palette = parse_colors(task.options[kind].locked, "locked", distinct=False)
    painted = Lookup.of(task.output, task.lookup).paint(picture, palette)
    if painted is None:
        return None
    alpha = None if picture.visible is None else np.where(picture.visible, np.uint8(255), np.uint8(0))
    measured = {
        "width": picture.width,
        "height": picture.height,
        "unique_colors": painted.unique_colors,
        "n_colors": len(palette),
        "mse": painted.quality.mse,
        "psnr": painted.quality.psnr if painted.quality.mse else None,
        "input_bytes": picture.input_bytes,
    }
    return _Made(indexed_png(palette, painted.indices, alpha), measured, palette, painted.indices)


def _row(file: PictureAt, kind: str, *, error: str = "", **known: Any) -> dict[str, Any]:
    return {
        "path": file.url,
        "name": file.name,
        "modified": file.modified,
        "palette": kind,
        "status": FAILED if error else DONE,
        "error": error or None,
        "output": None,
        **dict.fromkeys((*_MEASURED, "delta_e")),
        "input_bytes": file.size,
        **known,
    }
