"""The command line: `kmeans-studio COMMAND` or `python -m kmeans_core COMMAND`, see `--help`.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 2 something in
the command or its input is wrong (one line says what), 1 a backend broke down, 130 stopped by Ctrl-C.
"""

import argparse
import io
import os
import sys
from pathlib import Path
from typing import NoReturn

from kmeans_core import __version__
from kmeans_core.commands import (
    app,
    backends,
    benchmark,
    collection,
    compiled,
    quantize,
    results,
    spark,
    table,
)
from kmeans_core.commands.extras import missing_extra
from kmeans_core.errors import BackendFailedError, KMeansError

# Of the console script, as pyproject.toml has it.
_NAME = "kmeans-studio"


class _Parser(argparse.ArgumentParser):
    """Errors in one line; the usage is a `--help` away."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: list[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a character shows its escape code
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    options, more = parser.parse_known_args(arguments)
    if more and not getattr(options, "takes_more", False):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    options.more = more
    try:
        return int(options.run(options))
    except BackendFailedError as error:
        print(f"kmeans_core: {error}", file=sys.stderr)
        return 1
    except KMeansError as error:
        print(f"kmeans_core: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        advice = missing_extra(error, getattr(options, "extra", None))
        if advice is None:
            raise
        print(f"kmeans_core: {advice}", file=sys.stderr)
        return 2
    except MemoryError:
        print("kmeans_core: there is not enough memory for this; use a smaller file.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"\nkmeans_core: stopped, {options.kept}.", file=sys.stderr)
        return 130


def _parser() -> _Parser:
    parser = _Parser(
        prog=_NAME if Path(sys.argv[0]).stem == _NAME else "python -m kmeans_core",
        description="K-means on pictures and tables, on the backend of your choice.",
    )
    parser.add_argument("--version", action="version", version=f"kmeans_core {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (quantize, collection, table, backends, benchmark, results, compiled, spark, app):
        module.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
