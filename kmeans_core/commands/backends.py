"""`backends`: what can run on this machine."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from kmeans_core.backends import available_backends


def add_command(commands: Any) -> None:
    command = commands.add_parser("backends", help="list the backends and whether they can run here")
    command.set_defaults(run=_backends, kept="nothing changed")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _backends(options: argparse.Namespace) -> int:
    rows = available_backends()
    if options.json:
        print(json.dumps({"backends": [asdict(row) for row in rows]}))
        return 0
    for row in rows:
        print(f"{row.name:<10} {'yes' if row.available else 'no':<4} {row.version or row.reason}")
    return 0
