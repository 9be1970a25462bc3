"""`results`: what has been measured so far; export to a file, import from one."""

import argparse
import json
from pathlib import Path
from typing import Any


def add_command(commands: Any) -> None:
    command = commands.add_parser("results", help="list, export or import benchmark results")
    command.set_defaults(run=_results, kept="nothing changed", extra="benchmark")
    command.add_argument("--export", metavar="FILE", help="write all rows to a .csv, .parquet or .json file")
    command.add_argument("--import", dest="source", metavar="FILE", help="add the rows of such a file")
    command.add_argument("--store", metavar="FILE", help="where results are kept (default: in your home)")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _results(options: argparse.Namespace) -> int:
    from kmeans_core.bench.measuring.machine import machine_title
    from kmeans_core.bench.records.exchange import export_file, import_file
    from kmeans_core.bench.records.store import Store

    store = Store(Path(options.store) if options.store else None)
    report: dict[str, Any] = {"store": str(store.path)}
    if options.source is not None:
        rows = import_file(Path(options.source))
        report["imported"] = store.add(rows)
        report["already_there"] = len(rows) - report["imported"]
    if options.export is not None:
        rows = store.repetitions()
        export_file(rows, Path(options.export))
        report["exported"] = len(rows)
    report["machines"] = [
        {
            "id": machine,
            "title": machine_title(environment),
            "cells": len(results),
            "rows": len(results.repetitions),
        }
        for machine, environment in store.machines().items()
        for results in [store.results(machine)]
    ]
    print(json.dumps(report) if options.json else _summary(report))
    return 0


def _summary(report: dict[str, Any]) -> str:
    lines = [report["store"]]
    if "imported" in report:
        lines.append(f"{report['imported']:,} rows imported, {report['already_there']:,} were already there")
    if "exported" in report:
        lines.append(f"{report['exported']:,} rows exported")
    lines += [
        f"{row['title']}: {row['cells']:,} cells, {row['rows']:,} rows" for row in report["machines"]
    ] or ["No results yet; run `benchmark` to get some."]
    return "\n".join(lines)
