"""`collection`: folders of pictures in, a folder of pictures with the palette of all of them out."""

import argparse
import json
from typing import Any

from kmeans_core.collections.options import CollectionOptions
from kmeans_core.commands.options import add_settings, read_settings
from kmeans_core.commands.parsing import ProgressLine
from kmeans_core.images.options import QuantizeOptions


def add_command(commands: Any) -> None:
    command = commands.add_parser("collection", help="reduce many pictures to the palette of all of them")
    command.set_defaults(
        run=_collection, kept="what is written stays, and the same command goes on", extra="collections"
    )
    command.add_argument(
        "input", nargs="+", metavar="IN", help="folders, patterns, files or addresses (s3://…, gs://…)"
    )
    command.add_argument("--output", required=True, metavar="DIR", help="a folder to write to, or an address")
    add_settings(command, QuantizeOptions)
    add_settings(command, CollectionOptions)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _collection(options: argparse.Namespace) -> int:
    """Exit code 0 if every picture was written, 2 if some could not be; the others are written even so."""
    from kmeans_core.collections.collection import quantize_collection
    from kmeans_core.collections.report import CollectionProgress
    from kmeans_core.wording import count_text

    line = ProgressLine()

    def show(progress: CollectionProgress) -> None:
        of = f" {progress.done:,} of {progress.total:,} pictures" if progress.total else ""
        line.show(f"{progress.stage}{of}")

    report = quantize_collection(
        options.input,
        options.output,
        read_settings(options, QuantizeOptions),
        read_settings(options, CollectionOptions),
        on_progress=show,
    )
    line.close()
    if options.json:
        print(json.dumps(report.to_json()))
    else:
        colors = f" in {len(report.palette)} colors" if report.palette is not None else ""
        print(f"{options.output}: {count_text(report.n_written, 'picture')} written{colors}")
        if report.n_failed:
            print(f"{count_text(report.n_failed, 'picture')} could not be; manifest.parquet says why")
        for note in report.notes:
            print(note)
    return 2 if report.n_failed else 0
