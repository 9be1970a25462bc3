"""`collection`: folders of pictures in, a folder of pictures with the palette of all of them out."""

import argparse
import json
import warnings
from typing import TYPE_CHECKING, Any

from kmeans_core.collections.options import CollectionOptions
from kmeans_core.commands.options import add_settings, read_settings
from kmeans_core.commands.parsing import ProgressLine
from kmeans_core.errors import OptionError
from kmeans_core.images.options import QuantizeOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmeans_core.collections.report import CollectionProgress, CollectionReport


def add_command(commands: Any) -> None:
    command = commands.add_parser("collection", help="reduce many pictures to the palette of all of them")
    command.set_defaults(
        run=_collection, kept="what is written stays, and the same command goes on", extra="collections"
    )
    command.add_argument(
        "input", nargs="*", metavar="IN", help="folders, patterns, files or addresses (s3://…, gs://…)"
    )
    command.add_argument("--output", required=True, metavar="DIR", help="a folder to write to, or an address")
    command.add_argument(
        "--add", nargs="+", default=[], metavar="IN", help="add pictures to the collection in the folder"
    )
    command.add_argument(
        "--remove",
        nargs="+",
        default=[],
        metavar="NAME",
        help="take pictures or folders out of it, by their names there",
    )
    command.add_argument(
        "--huge",
        action="store_true",
        help="one picture that is larger than memory, to a tiled TIFF with a palette",
    )
    command.add_argument("--status", action="store_true", help="say what the folder has, and do nothing")
    add_settings(command, QuantizeOptions)
    add_settings(command, CollectionOptions)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _collection(options: argparse.Namespace) -> int:
    """Exit code 0 if every picture was written, 2 if some could not be; the others are written even so."""
    from kmeans_core.collections.collection import change_collection, collection_status, quantize_collection
    from kmeans_core.wording import seconds_text

    warnings.filterwarnings("ignore", module=r"PIL\.")  # a damaged file is a row of the manifest
    if options.status:
        _check_alone(options, "--status", options.input or options.add or options.remove)
        status = collection_status(options.output)
        print(json.dumps(status.to_json()) if options.json else _status_text(status))
        return 0
    line = ProgressLine()
    unit = "bands" if options.huge else "pictures"

    def show(progress: "CollectionProgress") -> None:
        of = f" {progress.done:,} of {progress.total:,} {unit}" if progress.total else ""
        left = "" if progress.seconds_left is None else f", {seconds_text(progress.seconds_left)} left"
        line.show(f"{progress.stage}{of}{left}")

    how = read_settings(options, CollectionOptions)
    if options.huge:
        return _reduce_huge(options, how.on, show, line)
    if options.add or options.remove:
        _check_alone(options, "--add and --remove", options.input)
        report = change_collection(
            options.output,
            add=options.add,
            remove=options.remove,
            on=how.on,
            on_progress=show,
        )
    elif options.input:
        report = quantize_collection(
            options.input, options.output, read_settings(options, QuantizeOptions), how, on_progress=show
        )
    else:
        raise OptionError("There is nothing to do: name pictures, or give --add, --remove or --status.")
    line.close()
    _print(report, options)
    return 2 if report.n_failed else 0


def _reduce_huge(
    options: argparse.Namespace, on: str, show: "Callable[[CollectionProgress], None]", line: ProgressLine
) -> int:
    from kmeans_core.collections.huge import quantize_huge
    from kmeans_core.wording import bytes_text, count_text, number_text

    if len(options.input) != 1:
        raise OptionError(f"--huge takes one picture, and {len(options.input)} are given; name one.")
    (source,) = options.input
    settings = read_settings(options, QuantizeOptions)
    report = quantize_huge(source, options.output, settings, on=on, on_progress=show)
    line.close()
    if options.json:
        print(json.dumps(report.to_json()))
    else:
        print(
            f"{options.output}: {number_text(report.width * report.height / 1e6)} megapixels, "
            f"{report.unique_colors:,} → {count_text(len(report.palette), 'color')}, MSE "
            f"{number_text(report.mse)}, {bytes_text(report.output_bytes)}"
        )
    return 0


def _check_alone(options: argparse.Namespace, flag: str, others: object) -> None:
    """A collection that is there has its settings."""
    if others:
        raise OptionError(f"{flag} takes the pictures that the folder has; leave out the others.")
    for record in (QuantizeOptions, CollectionOptions):
        given, usual = read_settings(options, record).values(), record().values()
        for name, setting in record.settings().items():
            if name != "on" and given[name] != usual[name]:
                raise OptionError(
                    f"{flag} takes the settings that the collection has, so {setting.flag} does not go with "
                    "it; leave it out, or run it anew with all its pictures."
                )


def _print(report: "CollectionReport", options: argparse.Namespace) -> None:
    from kmeans_core.wording import count_text

    if options.json:
        print(json.dumps(report.to_json()))
        return
    colors = f" in {len(report.palette)} colors" if report.palette is not None else ""
    print(f"{options.output}: {count_text(report.n_written, 'picture')} written{colors}")
    if report.n_failed:
        print(f"{count_text(report.n_failed, 'picture')} could not be; manifest.parquet says why")
    for note in report.notes:
        print(note)


def _status_text(status: Any) -> str:
    from kmeans_core.wording import bytes_text, count_text

    lines = [
        f"{count_text(status.n_pictures, 'picture')}, {bytes_text(status.input_bytes)} → "
        f"{bytes_text(status.output_bytes)}"
    ]
    if status.n_failed:
        lines.append(f"{count_text(status.n_failed, 'picture')} could not be read or written")
    if status.colors:
        lines.append(f"{count_text(len(status.colors), 'color')}: {' '.join(status.colors)}")
    return "\n".join(lines)
