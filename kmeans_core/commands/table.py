"""`table`: a table file in, its rows with their clusters out; or many large files, to a folder of them."""

import argparse
import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmeans_core.backends import capable_backends, load_backend
from kmeans_core.commands.options import add_settings, read_settings
from kmeans_core.commands.parsing import IterationLine, ProgressLine, whole_number
from kmeans_core.commands.writing import check_output_path, write_file
from kmeans_core.errors import OptionError, OutputError
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.read_options import ReadOptions

if TYPE_CHECKING:
    import pandas as pd

_WRITERS = (".csv", ".parquet")


def add_command(commands: Any) -> None:
    command = commands.add_parser("table", help="cluster the rows of a table")
    command.set_defaults(run=_table, kept="nothing written")
    command.add_argument(
        "input",
        metavar="IN",
        help="the table: CSV, TSV, Parquet or Excel; with spark-rdd, dask and minibatch also a folder, a "
        "pattern, an address, or a file of any size",
    )
    command.add_argument("-k", "--clusters", type=whole_number, metavar="K", help="how many clusters")
    command.add_argument(
        "--output",
        metavar="OUT",
        help="the labelled rows to write, .csv or .parquet (default: NAME-K-clusters.csv in this folder)",
    )
    command.add_argument("--columns", metavar="A,B", help="columns to cluster by (default: all numbers)")
    add_settings(command, ReadOptions)
    add_settings(command, TableOptions, without=("n_clusters",))
    command.add_argument("--save-model", metavar="FILE", help="write centers and preparation as JSON")
    command.add_argument(
        "--model", metavar="FILE", help="label the rows by a saved model, instead of clustering them"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _table(options: argparse.Namespace) -> int:
    if (options.clusters is None) == (options.model is None):
        raise OptionError("Give either -k, a number of clusters, or --model, a saved model.")
    if options.model is not None and options.save_model is not None:
        raise OptionError("--save-model needs -k; the model given with --model is saved already.")
    if _goes_from_file_to_file(options):
        return _cluster_files(options) if options.model is None else _label_files(options)
    return _cluster(options) if options.model is None else _label(options)


def _settings(options: argparse.Namespace) -> TableOptions:
    return read_settings(options, TableOptions, without=("n_clusters",), n_clusters=options.clusters)


def _goes_from_file_to_file(options: argparse.Namespace) -> bool:
    """Whether the input is clustered from files to files instead of in memory."""
    from kmeans_core.tables.chunks import is_chunked
    from kmeans_core.tables.load import MAX_BYTES

    if not is_chunked(options.input, MAX_BYTES):
        return False
    if not load_backend(options.backend).traits.reads_files:
        able = [backend.name for backend in capable_backends(lambda traits: traits.reads_files)]
        raise OptionError(
            f"{options.input} is a folder, a pattern, an address, or too large for memory, which the backend "
            f"{options.backend} cannot read; use --backend {', '.join(able)}."
        )
    return True


def _cluster_files(options: argparse.Namespace) -> int:
    from kmeans_core.tables.by_path import cluster_files

    _refuse(options, {"--init": ("init", "k-means++"), "--starts": ("starts", None)})
    output_path = _output_folder(options, f"{options.clusters}-clusters")
    model_path = _model_path(options)
    progress = IterationLine(options.max_iter)
    clustered = cluster_files(
        options.input,
        output_path,
        _settings(options),
        columns=_columns(options),
        reading=_reading(options),
        on_stage=progress.show,
        on_iteration=progress.show_iteration,
    )
    progress.close()
    if model_path:
        write_file(model_path, clustered.model().to_json().encode())
    report = {"input": options.input, "output": output_path, **clustered.report()}
    print(json.dumps(report) if options.json else _summary(report, clustered.original_centers))
    return 0


def _label_files(options: argparse.Namespace) -> int:
    from kmeans_core.tables.by_path import label_files
    from kmeans_core.tables.load import read_bytes
    from kmeans_core.tables.model import TableModel

    output_path = _output_folder(options, "labelled")
    model = TableModel.from_json(read_bytes(Path(options.model)), options.model)
    progress = ProgressLine()
    labelled = label_files(
        options.input,
        output_path,
        model,
        backend=options.backend,
        reading=_reading(options),
        on_stage=progress.show,
    )
    progress.close()
    _print_labelled(options, output_path, labelled.report())
    return 0


def _cluster(options: argparse.Namespace) -> int:
    from kmeans_core.tables.clustered import cluster_table
    from kmeans_core.tables.load import load_table
    from kmeans_core.tables.preparation_fit import fit_preparation

    output_path = _output_path(options, f"{options.clusters}-clusters")
    model_path = _model_path(options)
    table = load_table(options.input, options=_reading(options))
    settings = _settings(options)
    progress = IterationLine(options.max_iter)
    clustered = cluster_table(
        table,
        fit_preparation(table.frame, _columns(options), settings.prepare),
        settings,
        on_iteration=progress.show_iteration,
    )
    progress.close()
    write_file(output_path, _encoded(clustered.labelled, output_path))
    if model_path:
        write_file(model_path, clustered.model().to_json().encode())
    report = {"input": options.input, "output": str(output_path), **clustered.report()}
    print(json.dumps(report) if options.json else _summary(report, clustered.centers))
    return 0


def _label(options: argparse.Namespace) -> int:
    from kmeans_core.tables.load import load_table, read_bytes
    from kmeans_core.tables.model import TableModel, free_name

    output_path = _output_path(options, "labelled")
    model = TableModel.from_json(read_bytes(Path(options.model)), options.model)
    table = load_table(options.input, options=_reading(options))
    labels, notes = model.label(table.frame)
    labelled = partial(table.with_labels, free_name(table.frame.columns), labels)
    write_file(output_path, _encoded(labelled, output_path))
    report = {
        "rows": len(labels),
        "clustered_rows": int(labels.notna().sum()),
        "sizes": [int((labels == cluster).sum()) for cluster in range(len(model.centers))],
        "notes": [*table.notes, *notes],
    }
    _print_labelled(options, str(output_path), report)
    return 0


def _print_labelled(options: argparse.Namespace, output_path: str, values: dict[str, Any]) -> None:
    report = {"input": options.input, "output": output_path, "model": options.model, **values}
    if options.json:
        print(json.dumps(report))
        return
    print(f"{output_path}: {report['clustered_rows']:,} of {report['rows']:,} rows labelled")
    lines = [f"cluster {cluster}: {size:,} rows" for cluster, size in enumerate(report["sizes"])]
    print("\n".join([*lines, *report["notes"]]))


def _summary(report: dict[str, Any], centers: "pd.DataFrame") -> str:
    ended = "converged" if report["converged"] else "not converged"
    silhouette = report["silhouette"]
    silhouette_text = "" if silhouette is None or math.isnan(silhouette) else f", silhouette {silhouette:.3f}"
    if silhouette_text and report["silhouette_rows"] < report["clustered_rows"]:
        silhouette_text += f" (on {report['silhouette_rows']:,} rows)"
    total = sum(report["seconds"].values())
    lines = [
        f"{report['output']}: {report['clustered_rows']:,} of {report['rows']:,} rows in "
        f"{report['n_clusters']} clusters",
        f"inertia {report['inertia']:,.6g}{silhouette_text}, {report['n_iter']} iterations ({ended}), "
        f"{total:.3f} s with {report['backend']}",
        centers.assign(rows=report["sizes"]).to_string(float_format=lambda value: f"{value:,.4g}"),
        *report["notes"],
    ]
    return "\n".join(lines)


def _output_path(options: argparse.Namespace, suffix: str) -> Path:
    given = options.output or f"{Path(options.input).stem}-{suffix}.csv"
    return check_output_path(given, _WRITERS, options.input)


def _output_folder(options: argparse.Namespace, suffix: str) -> str:
    """The folder for output that is written in chunks."""
    name = Path(options.input.rstrip("/")).name.partition("*")[0].strip("-_.[") or "table"
    given = str(options.output or f"{Path(name).stem}-{suffix}.parquet")
    if not given.endswith(".parquet"):
        raise OutputError(
            f"--output {given} does not end in .parquet; what is read in chunks is written as a folder of "
            "Parquet files, so use that ending."
        )
    return given


def _model_path(options: argparse.Namespace) -> Path | None:
    if options.save_model is None:
        return None
    return check_output_path(options.save_model, (".json",), options.input, "--save-model")


def _columns(options: argparse.Namespace) -> list[str] | None:
    return [name.strip() for name in options.columns.split(",")] if options.columns else None


def _refuse(options: argparse.Namespace, given: dict[str, tuple[str, Any]]) -> None:
    """given: option → its attribute and default. Raises OptionError for one that differs from its default."""
    for option, (name, default) in given.items():
        if getattr(options, name) != default:
            raise OptionError(f"{option} does not work for files that are read in chunks; leave it out.")


def _reading(options: argparse.Namespace) -> ReadOptions:
    if options.delimiter is not None:
        options.delimiter = options.delimiter.replace("\\t", "\t")
    return read_settings(options, ReadOptions)


def _encoded(labelled: Callable[..., "pd.DataFrame"], output_path: Path) -> bytes:
    from kmeans_core.tables.writing import csv_bytes, parquet_bytes

    if output_path.suffix.lower() == ".parquet":
        return parquet_bytes(labelled())
    return csv_bytes(labelled(as_text=True))
