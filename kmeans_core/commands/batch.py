"""`quantize` with several pictures or several numbers of colors: a folder of results, a line each."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from kmeans_core.commands.parsing import ProgressLine
from kmeans_core.commands.writing import write_file
from kmeans_core.errors import OptionError, OutputError


def quantize_batch(options: argparse.Namespace, settings: dict[str, Any]) -> int:
    """Exit code 0 if every picture was reduced, 2 if some could not be; the others are written even so."""
    from kmeans_core.images.batch import BatchRow, Names, quantize_all
    from kmeans_core.images.encoding import image_bytes

    for name, given in (
        ("--target", options.target),
        ("--apply", options.apply),
        ("--palette", options.palette),
        ("--measures", options.measures),
    ):
        if given:
            raise OptionError(f"{name} is for one picture in one number of colors; leave it out.")
    folder = _checked_folder(options.output)
    kind = "optimized" if options.optimize else "png"
    names, progress = Names(kind), ProgressLine()
    rows: list[BatchRow] = []
    reports: list[dict[str, Any]] = []
    files = [(name, Path(name)) for name in options.input]
    for row in quantize_all(
        files,
        options.colors,
        shared=options.shared,
        max_megapixels=options.max_megapixels,
        on_look=lambda name: progress.show(f"{name}, {len(rows)} done"),
        **settings,
    ):
        rows.append(BatchRow(row.name, row.n_colors, None, None, row.error))  # what was made need not be kept
        if row.encoded is None or row.picture is None:
            reports.append({"input": row.name, "colors": row.n_colors, "error": row.error})
            continue
        data = image_bytes(row.encoded.png, kind)
        target = folder / names.of(row)
        if any(target.exists() and target.samefile(name) for name in options.input if Path(name).exists()):
            raise OutputError(f"{target} is one of the inputs; choose another folder.")
        write_file(target, data)
        options.kept = f"{sum('output' in report for report in reports) + 1} written"
        sizes = {"output_bytes": len(data), "compression_ratio": row.picture.input_bytes / len(data)}
        reports.append(
            {"input": row.name, "colors": row.n_colors, "output": str(target), **row.encoded.report, **sizes}
        )
    progress.close()
    bad = [row for row in rows if row.error is not None]
    print(json.dumps({"pictures": reports}) if options.json else "\n".join(map(_line, reports)))
    if bad:
        print(
            f"kmeans_core: {len(bad)} of {len(rows)} could not be done, the others are written.",
            file=sys.stderr,
        )
    return 2 if bad else 0


def _line(report: dict[str, Any]) -> str:
    if "error" in report:
        return f"{report['input']}: {report['error']}"
    return (
        f"{report['output']}: {report['n_colors']} colors, MSE {report['mse']:,.4g}, "
        f"{report['input_bytes']:,} → {report['output_bytes']:,} bytes ({report['compression_ratio']:.1f}×)"
    )


def _checked_folder(given: str | None) -> Path:
    """The folder to write to, made if only it is missing."""
    if given is None:
        return Path()
    folder = Path(given)
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError:
        raise OutputError(
            f"--output {folder}: the folder {folder.parent} does not exist; make it first."
        ) from None
    except FileExistsError:
        raise OutputError(f"--output {folder} is a file; for several pictures, name a folder.") from None
    except OSError as error:
        raise OutputError(f"--output {folder} cannot be made: {error.strerror or error}.") from None
    if not os.access(folder, os.W_OK):
        raise OutputError(f"--output {folder} cannot be written to; choose a place where you may write.")
    return folder
