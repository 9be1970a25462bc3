"""Many pictures, each in several numbers of colors, with palettes of their own or one for all."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from kmeans_core.errors import OptionError, PictureError
from kmeans_core.images.encoding import IMAGE_FORMATS, EncodedPicture, encode, image_bytes
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import DEFAULT_MEGAPIXELS, MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import Palette
from kmeans_core.images.palette_files import PALETTE_FORMATS
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.images.report import QuantizeReport
from kmeans_core.images.shared_palette import assigning, find_palette
from kmeans_core.images.stages import check_quantize_options
from kmeans_core.types import OnIteration
from kmeans_core.wording import portable_name, spreadsheet_text

# A picture file: its name, and its bytes or where they are.
PictureFile = tuple[str, bytes | Path]


@dataclass(frozen=True, eq=False)
class BatchRow:
    """One picture in one number of colors.

    Attributes
    ----------
    name : str
        Of its file.
    n_colors : int
        Asked for.
    picture, encoded : Picture and EncodedPicture, or None
        Before and after; None where `error` says why.
    error : str or None
    shared : Palette or None
        The palette of so many colors for all pictures, if there is one.
    """

    name: str
    n_colors: int
    picture: Picture | None
    encoded: EncodedPicture | None
    error: str | None = None
    shared: Palette | None = None


def quantize_all(
    files: Sequence[PictureFile],
    color_counts: Sequence[int],
    options: QuantizeOptions | None = None,
    *,
    shared: bool = False,
    max_megapixels: float = DEFAULT_MEGAPIXELS,
    on_file: Callable[[str], None] | None = None,
    on_iteration: OnIteration | None = None,
    load: Callable[[Any, str], Picture] | None = None,
) -> Iterator[BatchRow]:
    """Each picture in each number of colors, file by file.

    A file that cannot be used is one row with its error, and the others go on.

    Parameters
    ----------
    files : sequence of tuple
        Name, and bytes or path, of each.
    color_counts : sequence of int
        Numbers of colors, each 1 to 256, instead of that of the options.
    options : QuantizeOptions, optional
    shared : bool, default False
        For each number one palette for all pictures, weighted by their pixels, instead of one per picture.
    max_megapixels : float, default 50.0
        As of `load_picture()`.
    on_file : callable, optional
        Called with the name of each file before it is read, with `shared` twice; an exception in it ends the
        work.
    on_iteration : callable, optional
        As of `quantize()`, for each result.
    load : callable, optional
        Reads a file from its bytes or path, and its name, in another way than `load_picture()` does.

    Yields
    ------
    BatchRow

    Raises
    ------
    OptionError
        When the first row is asked for: for no files, no numbers, or options that no picture could be reduced
        with.
    """
    if not files or not color_counts:
        raise OptionError("There is nothing to do: give at least one picture and one number of colors.")
    color_counts = list(dict.fromkeys(color_counts))
    options = options or QuantizeOptions()
    for number in color_counts:  # what is wrong with the options is wrong for every picture
        check_quantize_options(replace(options, n_colors=number))
    report = on_file or (lambda name: None)

    def read(file: PictureFile) -> Picture:
        name, source = file
        report(name)
        if load is not None:
            return load(source, name)
        return load_picture(source, name=name, max_megapixels=max_megapixels)

    palettes = _shared_palettes(map(_skip_unreadable(read), files), color_counts, options) if shared else {}
    for file in files:
        try:
            picture = read(file)
        except PictureError as error:
            yield BatchRow(file[0], color_counts[0], None, None, str(error))
            continue
        histogram = ColorHistogram.of(picture)
        for number in color_counts:
            palette = palettes.get(number)
            wanted = replace(options, n_colors=number) if palette is None else assigning(palette, options)
            try:
                made = quantize_picture(picture, wanted, histogram=histogram, on_iteration=on_iteration)
            except OptionError as error:
                yield BatchRow(file[0], number, None, None, str(error))
            else:
                yield BatchRow(file[0], number, picture, encode(picture, made), shared=palette)


class FileNames:
    """Unique file names for the results."""

    def __init__(self, file_format: str = "png") -> None:
        self.suffix = IMAGE_FORMATS[file_format].suffix
        self.used: set[str] = set()

    def of(self, row: BatchRow) -> str:
        stem = f"{PurePath(portable_name(row.name)).stem}-{row.n_colors}-colors"
        name, number = f"{stem}{self.suffix}", 1
        while name.lower() in self.used:
            number += 1
            name = f"{stem}-{number}{self.suffix}"
        self.used.add(name.lower())
        return name


class Archive:
    """A ZIP file of results, with their values in `report.csv`. file_format: one of `IMAGE_FORMATS`."""

    def __init__(self, file_format: str = "png") -> None:
        self.kind, self.names = file_format, FileNames(file_format)
        self.file, self.report_csv = io.BytesIO(), io.StringIO()
        self.archive = zipfile.ZipFile(self.file, "w", zipfile.ZIP_STORED)
        columns = list(_report_values(BatchRow("", 0, None, None), None))
        self.writer = csv.DictWriter(self.report_csv, columns, lineterminator="\n")
        self.writer.writeheader()

    def add(self, row: BatchRow) -> None:
        """Adds a result, or the line of one that failed."""
        report = None
        if row.encoded is not None:
            data = image_bytes(row.encoded.png, self.kind)
            self._write(self.names.of(row), data)
            report = row.encoded.report.with_size(len(data))
        self.writer.writerow(_report_values(row, report))

    def add_palettes(self, palettes: Mapping[int, Palette]) -> None:
        """Adds the palettes for all pictures, by number of colors, as files that programs read."""
        for number, palette in palettes.items():
            chosen = PALETTE_FORMATS["gpl"]
            name = f"palette-{number}{chosen.suffix}"
            self._write(name, chosen.write(palette, f"{number} colors for all pictures"))

    def close(self) -> bytes:
        """The finished file."""
        self._write("report.csv", self.report_csv.getvalue().encode())
        self.archive.close()
        return self.file.getvalue()

    def _write(self, name: str, data: bytes) -> None:
        # The same results make the same file, whenever it is made.
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        self.archive.writestr(entry, data)


def _report_values(row: BatchRow, report: QuantizeReport | None) -> dict[str, Any]:
    known = {} if report is None else report.to_json()
    names = ("width", "height", "input_bytes", "output_bytes", "compression_ratio", "mse", "psnr")
    return {
        "file": spreadsheet_text(row.name),
        "colors": row.n_colors,
        "palette": known.get("n_colors", ""),
        **{name: known.get(name, "") for name in names},
        "notes": spreadsheet_text(" ".join(known.get("notes", ()))),
        "error": spreadsheet_text(row.error or ""),
    }


def _skip_unreadable(read: Callable[[PictureFile], Picture]) -> Callable[[PictureFile], Picture | None]:
    """Skips those that cannot be read; they are reported later."""

    def try_to_read(file: PictureFile) -> Picture | None:
        try:
            return read(file)
        except PictureError:
            return None

    return try_to_read


def _shared_palettes(
    pictures: Iterable[Picture | None], color_counts: Sequence[int], options: QuantizeOptions
) -> dict[int, Palette]:
    """One for each number, from the colors of all pictures; none where nothing can be read."""
    combined, hidden = None, False
    for picture in pictures:
        if picture is None:
            continue
        histogram = ColorHistogram.of(picture)
        hidden |= picture.visible is not None
        combined = histogram if combined is None else combined.merged_with(histogram)
    if combined is None or not len(combined.colors):
        return {}
    # Hidden pixels take one of the 256 palette entries of a file.
    max_colors = MAX_COLORS - 1 if hidden else MAX_COLORS
    return {
        number: find_palette(combined, replace(options, n_colors=min(number, max_colors)))
        for number in color_counts
    }
