"""Many pictures, each in several numbers of colors, with palettes of their own or one for all."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from kmeans_core.errors import OptionError, PictureError
from kmeans_core.images.color_codes import codes, colors_of
from kmeans_core.images.encoding import IMAGE_FORMATS, EncodedPicture, encode, image_bytes
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import Palette, hex_of
from kmeans_core.images.picture import DEFAULT_MEGAPIXELS, Picture, load_picture
from kmeans_core.images.quantize import palette_of, quantize_picture
from kmeans_core.images.report import QuantizeReport
from kmeans_core.images.stages import check_quantize_options
from kmeans_core.options import FitOptions

# A picture file: its name, and its bytes or where they are.
PictureFile = tuple[str, bytes | Path]


@dataclass(frozen=True, eq=False)
class BatchRow:
    """One picture in one number of colors.

    name: of its file. n_colors: asked for. picture, encoded: before and after; None where `error` says why.
    """

    name: str
    n_colors: int
    picture: Picture | None
    encoded: EncodedPicture | None
    error: str | None = None


def quantize_all(
    files: Sequence[PictureFile],
    numbers: Sequence[int],
    options: QuantizeOptions | None = None,
    *,
    shared: bool = False,
    max_megapixels: float = DEFAULT_MEGAPIXELS,
    on_file: Callable[[str], None] | None = None,
) -> Iterator[BatchRow]:
    """Each picture in each number of colors, file by file; a file that cannot be used is one row with its
    error, and the others go on.

    numbers: of colors, each 1 to 256, instead of that of the options. shared: one palette a number for all
    pictures, in which each picture counts by its pixels, instead of one for each. on_file: called with the
    name of each file before it is read; what it raises ends the work.

    Raises OptionError for no files, no numbers, or options that no picture could be reduced with.
    """
    if not files or not numbers:
        raise OptionError("There is nothing to do: give at least one picture and one number of colors.")
    numbers = list(dict.fromkeys(numbers))
    options = options or QuantizeOptions()
    for number in numbers:  # what is wrong with the options is wrong for every picture
        check_quantize_options(replace(options, n_colors=number))
    look = on_file or (lambda name: None)

    def read(file: PictureFile) -> Picture:
        name, source = file
        look(name)
        return load_picture(source, name=name, max_megapixels=max_megapixels)

    palettes = _shared_palettes(map(_quietly(read), files), numbers, options) if shared else {}
    for file in files:
        try:
            picture = read(file)
        except PictureError as error:
            yield BatchRow(file[0], numbers[0], None, None, str(error))
            continue
        histogram = ColorHistogram.of(picture)
        for number in numbers:
            palette = palettes.get(number)
            wanted = replace(options, n_colors=number) if palette is None else _assigning(palette, options)
            try:
                made = quantize_picture(picture, wanted, histogram=histogram)
            except OptionError as error:
                yield BatchRow(file[0], number, None, None, str(error))
            else:
                yield BatchRow(file[0], number, picture, encode(picture, made))


class Names:
    """Names for the results, no two alike whatever the files are called."""

    def __init__(self, kind: str = "png") -> None:
        self.suffix = IMAGE_FORMATS[kind].suffix
        self.given: set[str] = set()

    def of(self, row: BatchRow) -> str:
        stem = f"{PurePath(row.name).stem}-{row.n_colors}-colors"
        name, number = f"{stem}{self.suffix}", 1
        while name.lower() in self.given:
            number += 1
            name = f"{stem}-{number}{self.suffix}"
        self.given.add(name.lower())
        return name


class Archive:
    """A ZIP file of results, with a table of their figures, `report.csv`. kind: one of `IMAGE_FORMATS`."""

    def __init__(self, kind: str = "png") -> None:
        self.kind, self.names = kind, Names(kind)
        self.file, self.table = io.BytesIO(), io.StringIO()
        self.archive = zipfile.ZipFile(self.file, "w", zipfile.ZIP_STORED)
        columns = list(_figures(BatchRow("", 0, None, None), None))
        self.writer = csv.DictWriter(self.table, columns, lineterminator="\n")
        self.writer.writeheader()

    def add(self, row: BatchRow) -> None:
        """Adds a result, or the line of one that failed."""
        report = None
        if row.encoded is not None:
            data = image_bytes(row.encoded.png, self.kind)
            self._write(self.names.of(row), data)
            report = row.encoded.report.with_size(len(data))
        self.writer.writerow(_figures(row, report))

    def close(self) -> bytes:
        """The finished file."""
        self._write("report.csv", self.table.getvalue().encode())
        self.archive.close()
        return self.file.getvalue()

    def _write(self, name: str, data: bytes) -> None:
        # The same results make the same file, whenever it is made.
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        self.archive.writestr(entry, data)


def _figures(row: BatchRow, report: QuantizeReport | None) -> dict[str, Any]:
    known = {} if report is None else report.to_json()
    names = ("width", "height", "input_bytes", "output_bytes", "compression_ratio", "mse", "psnr")
    return {
        "file": row.name,
        "colors": row.n_colors,
        "palette": known.get("n_colors", ""),
        **{name: known.get(name, "") for name in names},
        "error": row.error or "",
    }


def _quietly(read: Callable[[PictureFile], Picture]) -> Callable[[PictureFile], Picture | None]:
    """Without those that cannot be read: they are told of later."""

    def try_to_read(file: PictureFile) -> Picture | None:
        try:
            return read(file)
        except PictureError:
            return None

    return try_to_read


def _shared_palettes(
    pictures: Iterable[Picture | None], numbers: Sequence[int], options: QuantizeOptions
) -> dict[int, Palette]:
    """One for each number, from the colors of all pictures; none where nothing can be read."""
    known, counts = np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float64)
    hidden = False
    for picture in pictures:
        if picture is None:
            continue
        histogram = ColorHistogram.of(picture)
        hidden |= picture.visible is not None
        known, places = np.unique(np.concatenate([known, codes(histogram.colors)]), return_inverse=True)
        counts = np.bincount(places, np.concatenate([counts, histogram.counts])).astype(np.float64)
    if not len(known):
        return {}
    together = ColorHistogram(colors_of(known), counts.astype(np.int64))
    # Where pixels are hidden, one of the 256 entries of a file's table stands for them.
    most = MAX_COLORS - 1 if hidden else MAX_COLORS
    return {number: palette_of(together, replace(options, n_colors=min(number, most))) for number in numbers}


def _assigning(palette: Palette, options: QuantizeOptions) -> QuantizeOptions:
    """Options that only assign the colors of a given palette."""
    return QuantizeOptions(
        n_colors=len(palette),
        fit=FitOptions(max_iter=1, distance=options.fit.distance),
        dither=options.dither,
        dither_strength=options.dither_strength,
        locked=tuple(hex_of(color) for color in palette.colors),
        space=options.space,
    )
