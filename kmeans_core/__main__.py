"""The command line: `python -m kmeans_core COMMAND`, see `--help`.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 2 something in
the command or its input is wrong (one line says what), 1 a backend broke down, 130 stopped by Ctrl-C.
"""

import argparse
import io
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from kmeans_core import __version__
from kmeans_core.backends import BACKENDS, YARDSTICKS, available_backends
from kmeans_core.clustering.seeding import METHODS
from kmeans_core.errors import BackendFailedError, KMeansError, OptionError, OutputError
from kmeans_core.types import Iteration


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
        print("\nkmeans_core: stopped, nothing written.", file=sys.stderr)
        return 130


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m kmeans_core", description="K-means on pictures, on the backend of your choice."
    )
    parser.add_argument("--version", action="version", version=f"kmeans_core {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_quantize(commands)
    _add_backends(commands)
    _add_benchmark(commands)
    return parser


# quantize


def _add_quantize(commands: Any) -> None:
    command = commands.add_parser("quantize", help="reduce a picture to k colors")
    command.set_defaults(run=_quantize)
    command.add_argument("input", metavar="IN", help="the picture: anything that Pillow reads")
    command.add_argument(
        "--colors", type=_whole_number, required=True, metavar="K", help="how many colors, 1 to 256"
    )
    command.add_argument(
        "--output", metavar="OUT", help="the indexed PNG to write (default: NAME-K-colors.png in this folder)"
    )
    command.add_argument("--backend", default="numba", help=f"{', '.join(BACKENDS)} (default: numba)")
    command.add_argument("--space", default="srgb", help="color space to cluster in: srgb")
    command.add_argument("--init", default="k-means++", help=f"{', '.join(METHODS)} (default: k-means++)")
    command.add_argument(
        "--max-iter", type=_whole_number, default=100, metavar="N", help="most iterations (default: 100)"
    )
    command.add_argument(
        "--tol",
        type=_number,
        default=0.0,
        metavar="T",
        help="stop when no center moves farther than this, in color levels (default: 0, at rest)",
    )
    command.add_argument("--no-early-stop", action="store_true", help="run all --max-iter iterations")
    command.add_argument("--seed", type=_whole_number, default=0, metavar="S", help="seed (default: 0)")
    command.add_argument("--dither", default="none", help="dithering: none")
    command.add_argument(
        "--max-megapixels", type=_number, default=50.0, metavar="M", help="largest picture (default: 50)"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _quantize(options: argparse.Namespace) -> int:
    from kmeans_core.images.picture import load_picture
    from kmeans_core.images.quantize import encode, quantize

    target = _output_path(options)
    picture = load_picture(options.input, max_megapixels=options.max_megapixels)
    progress = _Progress(options.max_iter)
    quantized = quantize(
        picture,
        options.colors,
        backend=options.backend,
        space=options.space,
        dither=options.dither,
        init=options.init,
        max_iter=options.max_iter,
        tol=options.tol,
        early_stop=not options.no_early_stop,
        seed=options.seed,
        on_iteration=progress.show,
    )
    progress.close()
    encoded = encode(picture, quantized)
    _write(target, encoded.png)
    report = {"input": options.input, "output": str(target), **encoded.report}
    print(json.dumps(report) if options.json else _summary(report))
    return 0


def _summary(report: dict[str, Any]) -> str:
    psnr = "exact" if report["psnr"] is None else f"PSNR {report['psnr']:.1f} dB"
    ended = "converged" if report["converged"] else "not converged"
    lines = [
        f"{report['output']}: {report['width']}×{report['height']}, "
        f"{report['unique_colors']:,} → {report['n_colors']} colors",
        f"MSE {report['mse']:,.4g}, {psnr}, {report['n_iter']} iterations ({ended}), "
        f"{report['seconds']['total']:.3f} s with {report['backend']}",
        f"{report['input_bytes']:,} → {report['output_bytes']:,} bytes ({report['compression_ratio']:.1f}×)",
        *(f"{color['hex']}  {100 * color['share']:5.1f} %" for color in report["palette"]),
        *report["notes"],
    ]
    return "\n".join(lines)


def _output_path(options: argparse.Namespace) -> Path:
    """Where to write; refuses early what could not be written after the work is done."""
    target = Path(options.output or f"{Path(options.input).stem}-{options.colors}-colors.png")
    if target.suffix.lower() != ".png":
        raise OutputError(f"--output {target} does not end in .png; the result is a PNG, name it so.")
    try:
        exists, is_folder, has_parent = target.exists(), target.is_dir(), target.parent.is_dir()
        is_input = exists and Path(options.input).exists() and target.samefile(options.input)
    except OSError as error:
        raise OutputError(
            f"--output cannot be used: {error.strerror or error}; choose another name."
        ) from None
    if is_folder:
        raise OutputError(f"--output {target} is a folder; name a file in it.")
    if not has_parent:
        raise OutputError(f"--output {target}: the folder {target.parent} does not exist; make it first.")
    if not os.access(target.parent, os.W_OK) or (exists and not os.access(target, os.W_OK)):
        raise OutputError(f"--output {target} cannot be written; choose a place where you may write.")
    if is_input:
        raise OutputError(f"--output {target} is the input itself; choose another name.")
    return target


def _write(target: Path, data: bytes) -> None:
    """Writes all or nothing: beside the target first, then renamed over it."""
    umask = os.umask(0)
    os.umask(umask)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".kmeans-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f"--output {target} cannot be written: {error.strerror or error}.") from error


# backends


def _add_backends(commands: Any) -> None:
    command = commands.add_parser("backends", help="list the backends and whether they can run here")
    command.set_defaults(run=_backends)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _backends(options: argparse.Namespace) -> int:
    rows = available_backends()
    if options.json:
        print(json.dumps({"backends": [asdict(row) for row in rows]}))
        return 0
    for row in rows:
        print(f"{row.name:<10} {'yes' if row.available else 'no':<4} {row.version or row.reason}")
    return 0


# benchmark


def _add_benchmark(commands: Any) -> None:
    command = commands.add_parser(
        "benchmark", help="time backends and the paper's algorithms on the same work"
    )
    command.set_defaults(run=_benchmark)
    names = (*YARDSTICKS, *BACKENDS)
    command.add_argument("--image", default="assets/raccoon.png", metavar="IN", help="the picture")
    command.add_argument(
        "--backends", default=",".join(names), help=f"comma-separated (default: all: {','.join(names)})"
    )
    command.add_argument("--colors", type=_whole_number, default=10, metavar="K", help="default: 10")
    command.add_argument("--iterations", type=_whole_number, default=50, metavar="N", help="default: 50")
    command.add_argument("--repeat", type=_whole_number, default=3, metavar="R", help="default: 3")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _benchmark(options: argparse.Namespace) -> int:
    from kmeans_core.bench.cases import Case
    from kmeans_core.bench.machine import describe_machine
    from kmeans_core.bench.measure import measure
    from kmeans_core.bench.report import as_json, as_table
    from kmeans_core.images.picture import load_picture

    names = [name.strip() for name in options.backends.split(",") if name.strip()]
    known = (*BACKENDS, *YARDSTICKS)
    if not names:
        raise OptionError(f"--backends {options.backends!r} names none; use some of: {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise OptionError(f"--backends names {name!r}; use some of: {', '.join(known)}.")
    for option in ("colors", "iterations", "repeat"):
        if getattr(options, option) < 1:
            raise OptionError(f"--{option} {getattr(options, option)} is not allowed; give 1 or more.")
    picture = load_picture(options.image)
    measurements = []
    for name in names:
        case = Case(picture, name, options.colors, options.iterations)
        measurements.append(
            measure(
                case,
                repeat=options.repeat,
                on_repeat=lambda number, name=name: print(  # type: ignore[misc]
                    f"{name}: {f'run {number} of {options.repeat}' if number else 'warm-up'}",
                    file=sys.stderr,
                ),
            )
        )
    machine = describe_machine()
    if options.json:
        print(json.dumps(as_json(measurements, machine, options.image, options.colors, options.iterations)))
    else:
        print(as_table(measurements, machine, picture, options.colors, options.iterations))
    return 0


class _Progress:
    """Iterations on standard error: in place on a terminal, a line every few seconds elsewhere."""

    def __init__(self, max_iter: int) -> None:
        self.max_iter = max_iter
        self.in_place = sys.stderr.isatty()
        self.pause = 0.1 if self.in_place else 2.0
        self.last = monotonic()

    def show(self, iteration: Iteration) -> None:
        if monotonic() - self.last < self.pause:
            return
        self.last = monotonic()
        text = f"iteration {iteration.index} of at most {self.max_iter}"
        print(
            f"\r\x1b[K{text}" if self.in_place else text, end="" if self.in_place else "\n", file=sys.stderr
        )
        sys.stderr.flush()

    def close(self) -> None:
        if self.in_place:
            print("\r\x1b[K", end="", file=sys.stderr)


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


if __name__ == "__main__":
    sys.exit(main())
