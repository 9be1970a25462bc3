"""The command line: `python -m kmeans_core COMMAND`, see `--help`.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 2 something in
the command or its input is wrong (one line says what), 1 a backend broke down, 130 stopped by Ctrl-C.
"""

import argparse
import io
import os
import sys
from typing import NoReturn

from kmeans_core import __version__
from kmeans_core.commands import backends, benchmark, compiled, quantize, results, table
from kmeans_core.errors import BackendFailedError, KMeansError


class _Parser(argparse.ArgumentParser):
    """Errors in one line; the usage is a `--help` away."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: list[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a sign shows its code instead
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except BackendFailedError as error:
        print(f"kmeans_core: {error}", file=sys.stderr)
        return 1
    except KMeansError as error:
        print(f"kmeans_core: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"\nkmeans_core: stopped, {options.kept}.", file=sys.stderr)
        return 130


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m kmeans_core",
        description="K-means on pictures and tables, on the backend of your choice.",
    )
    parser.add_argument("--version", action="version", version=f"kmeans_core {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (quantize, table, backends, benchmark, results, compiled):
        module.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
