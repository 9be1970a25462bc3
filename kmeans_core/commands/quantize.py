"""`quantize`: a picture file in, an indexed PNG out."""

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from kmeans_core.backends import BACKENDS
from kmeans_core.clustering.seeding import METHODS
from kmeans_core.commands.parsing import IterationLine, number, whole_number
from kmeans_core.errors import OutputError


def add_command(commands: Any) -> None:
    command = commands.add_parser("quantize", help="reduce a picture to k colors")
    command.set_defaults(run=_quantize, kept="nothing written")
    command.add_argument("input", metavar="IN", help="the picture: anything that Pillow reads")
    command.add_argument(
        "--colors", type=whole_number, required=True, metavar="K", help="how many colors, 1 to 256"
    )
    command.add_argument(
        "--output", metavar="OUT", help="the indexed PNG to write (default: NAME-K-colors.png in this folder)"
    )
    command.add_argument("--backend", default="numba", help=f"{', '.join(BACKENDS)} (default: numba)")
    command.add_argument("--space", default="srgb", help="color space to cluster in: srgb")
    command.add_argument("--init", default="k-means++", help=f"{', '.join(METHODS)} (default: k-means++)")
    command.add_argument(
        "--max-iter", type=whole_number, default=100, metavar="N", help="most iterations (default: 100)"
    )
    command.add_argument(
        "--tol",
        type=number,
        default=0.0,
        metavar="T",
        help="stop when no center moves farther than this, in color levels (default: 0, at rest)",
    )
    command.add_argument("--no-early-stop", action="store_true", help="run all --max-iter iterations")
    command.add_argument("--seed", type=whole_number, default=0, metavar="S", help="seed (default: 0)")
    command.add_argument("--dither", default="none", help="dithering: none")
    command.add_argument(
        "--max-megapixels", type=number, default=50.0, metavar="M", help="largest picture (default: 50)"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _quantize(options: argparse.Namespace) -> int:
    from kmeans_core.images.picture import load_picture
    from kmeans_core.images.quantize import encode, quantize

    target = _output_path(options)
    picture = load_picture(options.input, max_megapixels=options.max_megapixels)
    progress = IterationLine(options.max_iter)
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
        on_iteration=progress.show_iteration,
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
