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
    command.add_argument(
        "--palette",
        metavar="FILE",
        help="write the palette too; the ending says how: .json, .css, .scss, .tailwind.css, .hex.txt, .gpl, "
        ".ase, .aco, .act, .png, .mpl.py, .plotly.py",
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
    command.add_argument(
        "--dither",
        default="none",
        help="dithering: none, floyd-steinberg, atkinson, bayer, blue-noise (default: none)",
    )
    command.add_argument(
        "--dither-strength", type=number, default=1.0, metavar="S", help="0 to 1 (default: 1)"
    )
    command.add_argument(
        "--max-megapixels", type=number, default=50.0, metavar="M", help="largest picture (default: 50)"
    )
    command.add_argument(
        "--measures",
        action="store_true",
        help="measure color differences (CIEDE2000) and structure (SSIM) too; seconds for large pictures",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _quantize(options: argparse.Namespace) -> int:
    from kmeans_core.errors import OutputError
    from kmeans_core.images.encoding import encode
    from kmeans_core.images.measures import measure
    from kmeans_core.images.palette_files import format_of, palette_bytes
    from kmeans_core.images.picture import load_picture
    from kmeans_core.images.quantize import quantize

    given = options.output or f"{Path(options.input).stem}-{options.colors}-colors.png"
    target = checked_target(given, (".png",), options.input)
    palette_target, kind = None, ""
    if options.palette is not None:
        kind = format_of(options.palette)
        palette_target = checked_target(
            options.palette, (Path(options.palette).suffix.lower(),), options.input, "--palette"
        )
        if palette_target.resolve() == target.resolve():
            raise OutputError(f"--palette and --output both name {target}; give one of them another name.")
    picture = load_picture(options.input, max_megapixels=options.max_megapixels)
    progress = IterationLine(options.max_iter)
    quantized = quantize(
        picture,
        options.colors,
        backend=options.backend,
        space=options.space,
        dither=options.dither,
        dither_strength=options.dither_strength,
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
    if palette_target is not None:
        write_file(palette_target, palette_bytes(encoded.palette, kind, Path(options.input).name))
    report = {"input": options.input, "output": str(target), **encoded.report}
    if options.measures:
        measures = measure(picture, quantized.palette.colors, quantized.indices)
        report |= {"delta_e_mean": measures.mean, "delta_e_p95": measures.p95, "ssim": measures.ssim}
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
        *_measures_text(report),
        f"{report['input_bytes']:,} → {report['output_bytes']:,} bytes ({report['compression_ratio']:.1f}×)",
        *(f"{color['hex']}  {100 * color['share']:5.1f} %" for color in report["palette"]),
        *report["notes"],
    ]
    return "\n".join(lines)


def _measures_text(report: dict[str, Any]) -> list[str]:
    if "ssim" not in report:
        return []
    return [
        f"Color difference (CIEDE2000) {report['delta_e_mean']:.2f} on average, {report['delta_e_p95']:.2f} "
        f"at the 95th percentile; SSIM {report['ssim']:.4f}"
    ]
