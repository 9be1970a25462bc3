"""`quantize` with several pictures or several numbers of colors: a folder of results, a line each."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmeans_core.commands.parsing import ProgressLine
from kmeans_core.commands.writing import write_file
from kmeans_core.errors import OptionError, OutputError

if TYPE_CHECKING:
    from kmeans_core.images.batch import FileNames
    from kmeans_core.images.options import QuantizeOptions


def quantize_batch(options: argparse.Namespace, settings: "QuantizeOptions") -> int:
    """Exit code 0 if every picture was reduced, 2 if some could not be; the others are written even so."""
    from kmeans_core.images.batch import BatchRow, FileNames, quantize_all
    from kmeans_core.images.encoding import image_bytes

    for name, given in (
        ("--target", options.target),
        ("--apply", options.apply),
        ("--palette", options.palette),
        ("--measures", options.measures),
    ):
        if given:
            raise OptionError(f"{name} works with one picture and one number of colors only; leave it out.")
    folder = _checked_folder(options.output)
    kind = "optimized" if options.optimize else "png"
    numbers = list(dict.fromkeys(options.colors))
    _check_inputs_are_not_outputs(folder, options.input, numbers, FileNames(kind))
    names, progress = FileNames(kind), ProgressLine()
    rows: list[BatchRow] = []
    reports: list[dict[str, Any]] = []
    files = [(name, Path(name)) for name in options.input]
    for row in quantize_all(
        files,
        numbers,
        settings,
        shared=options.shared,
        max_megapixels=options.max_megapixels,
        on_file=lambda name: progress.show(f"{name}, {len(rows)} done"),
    ):
        rows.append(
            BatchRow(row.name, row.n_colors, None, None, row.error)
        )  # the result itself need not be kept
        if row.encoded is None or row.picture is None:
            reports.append({"input": row.name, "colors": row.n_colors, "error": row.error})
            continue
        data = image_bytes(row.encoded.png, kind)
        output = folder / names.of(row)
        folder.mkdir(exist_ok=True)
        write_file(output, data)
        options.kept = f"{sum('output' in report for report in reports) + 1} written"
        report = row.encoded.report.with_size(len(data)).to_json()
        reports.append({"input": row.name, "colors": row.n_colors, "output": str(output), **report})
    progress.close()
    failed = [row for row in rows if row.error is not None]
    print(json.dumps({"pictures": reports}) if options.json else "\n".join(map(_line, reports)))
    if failed:
        print(
            f"kmeans_core: {len(failed)} of {len(rows)} failed; the others are written.",
            file=sys.stderr,
        )
    return 2 if failed else 0


def _line(report: dict[str, Any]) -> str:
    if "error" in report:
        return f"{report['input']}: {report['error']}"
    notes = "".join(f" {note}" for note in report["notes"])
    return (
        f"{report['output']}: {report['n_colors']} colors, MSE {report['mse']:,.4g}, "
        f"{report['input_bytes']:,} → {report['output_bytes']:,} bytes ({report['compression_ratio']:.1f}×)"
        f"{notes and '.'}{notes}"
    )


def _checked_folder(given: str | None) -> Path:
    """The folder to write to; if it is missing, it is made with the first file."""
    from kmeans_core.images.encoding import IMAGE_SUFFIXES

    if given is None:
        return Path()
    folder = Path(given)
    try:
        is_file, is_folder, has_parent = folder.is_file(), folder.is_dir(), folder.parent.is_dir()
    except OSError as error:
        raise OutputError(
            f"--output cannot be used: {error.strerror or error}; choose another name."
        ) from None
    if is_file or (not is_folder and folder.suffix.lower() in IMAGE_SUFFIXES):
        raise OutputError(f"--output {folder} names a file; for several pictures, name a folder.")
    if not has_parent:
        raise OutputError(f"--output {folder}: the folder {folder.parent} does not exist; make it first.")
    if not os.access(folder if is_folder else folder.parent, os.W_OK):
        raise OutputError(f"--output {folder} cannot be written to; choose a place where you may write.")
    return folder


def _check_inputs_are_not_outputs(
    folder: Path, inputs: Sequence[str], numbers: Sequence[int], names: "FileNames"
) -> None:
    from kmeans_core.images.batch import BatchRow

    given = {Path(name).resolve() for name in inputs}
    for name in inputs:
        for number in numbers:
            output = folder / names.of(BatchRow(name, number, None, None))
            if output.resolve() in given:
                raise OutputError(f"{output} is one of the inputs; choose another folder with --output.")
