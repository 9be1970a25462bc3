"""`compile`: compiles Numba's code once per machine, so that nobody waits for it later."""

import argparse
from time import perf_counter
from typing import Any

from kmeans_core.wording import seconds_text


def add_command(commands: Any) -> None:
    command = commands.add_parser("compile", help="compile for this machine ahead of the first use")
    command.set_defaults(run=_compile, kept="what was compiled stays")


def _compile(options: argparse.Namespace) -> int:
    from kmeans_core.images.compiling import compile_all

    clock = perf_counter()
    compile_all()
    print(f"All code is compiled ({seconds_text(perf_counter() - clock)}).")
    return 0
