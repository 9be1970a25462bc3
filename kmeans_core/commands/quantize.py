"""`quantize`: a picture file in, an indexed PNG out."""

import argparse
import json
from pathlib import Path
from typing import Any

from kmeans_core.backends import BACKENDS
from kmeans_core.clustering.seeding import METHODS
from kmeans_core.commands.parsing import IterationLine, number, whole_number
from kmeans_core.commands.writing import checked_target, write_file


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
    command.add_argument(
        "--space", default="srgb", help="color space to cluster in: srgb, linear, lab, oklab (default: srgb)"
    )
    command.add_argument("--init", default="k-means++", help=f"{', '.join(METHODS)} (default: k-means++)")
    command.add_argument(
        "--max-iter", type=whole_number, default=100, metavar="N", help="most iterations (default: 100)"
    )
    command.add_argument(
        "--tol",
        type=number,
        default=0.0,
        metavar="T",
        help="stop when no center moves farther than this, in units of the space (default: 0, at rest)",
    )
    command.add_argument("--no-early-stop", action="store_true", help="run all --max-iter iterations")
    command.add_argument("--seed", type=whole_number, default=0, metavar="S", help="seed (default: 0)")
    command.add_argument(
        "--effort",
        default="fast",
        help="fast, or a search for a better start: balanced, best (default: fast)",
    )
    command.add_argument("--dither", default="none", help="dithering: none")
    command.add_argument(
        "--max-megapixels", type=number, default=50.0, metavar="M", help="largest picture (default: 50)"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _quantize(options: argparse.Namespace) -> int:
    from kmeans_core.images.picture import load_picture
    from kmeans_core.images.quantize import encode, quantize

    given = options.output or f"{Path(options.input).stem}-{options.colors}-colors.png"
    target = checked_target(given, (".png",), options.input)
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
        effort=options.effort,
        on_iteration=progress.show_iteration,
    )
    progress.close()
    encoded = encode(picture, quantized)
    write_file(target, encoded.png)
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
