"""`quantize`: picture files in, pictures of few colors out."""

import argparse
import json
from pathlib import Path
from typing import Any

from kmeans_core.backends import BACKENDS
from kmeans_core.clustering.seeding import METHODS
from kmeans_core.commands.batch import quantize_batch
from kmeans_core.commands.extras import check_installed
from kmeans_core.commands.parsing import (
    IterationLine,
    number,
    read_file,
    target,
    whole_number,
    whole_numbers,
    words,
)
from kmeans_core.commands.writing import checked_target, names_folder, write_file
from kmeans_core.errors import OptionError


def add_command(commands: Any) -> None:
    command = commands.add_parser("quantize", help="reduce pictures to k colors")
    command.set_defaults(run=_quantize, kept="nothing written")
    command.add_argument("input", metavar="IN", nargs="+", help="pictures: anything that Pillow reads")
    command.add_argument(
        "--colors", type=whole_numbers, metavar="K", help="how many colors, 1 to 256; or several: 8,16,32"
    )
    command.add_argument(
        "--output",
        metavar="OUT",
        help="the .png (indexed), .webp (lossless) or .gif to write, or a folder for several (default: "
        "NAME-K-colors.png in this folder)",
    )
    command.add_argument("--optimize", action="store_true", help="make the PNG smaller, by oxipng")
    command.add_argument(
        "--target",
        type=target,
        metavar="T",
        help="find the number of colors: psnr=35 (dB), delta-e=2 (mean CIEDE2000) or bytes=100000",
    )
    command.add_argument(
        "--locked", type=words, default=(), metavar="HEX", help="colors to keep exactly: ff0000,00ff00"
    )
    command.add_argument(
        "--apply", metavar="FILE", help="use the colors of this palette file instead of finding some"
    )
    command.add_argument(
        "--merge",
        type=number,
        default=0.0,
        metavar="E",
        help="make one of colors that differ by less (CIEDE2000; default: 0, none)",
    )
    command.add_argument("--shared", action="store_true", help="one palette for all the pictures")
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
    command.add_argument(
        "--distance", default="euclidean", help="euclidean, or manhattan for k-medians (default: euclidean)"
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
    _check(options)
    if options.measures:
        check_installed("pictures", "scipy")
    settings = _settings(options)
    into_folder = options.output is not None and names_folder(options.output)
    if len(options.input) > 1 or len(options.colors or ()) > 1 or options.shared or into_folder:
        return quantize_batch(options, settings)
    return _quantize_one(options, settings)


def _check(options: argparse.Namespace) -> None:
    """What says how many colors, of which there is to be one."""
    given = [name for name in ("colors", "target", "apply") if getattr(options, name) is not None]
    if not given:
        raise OptionError(
            "the following arguments are required: --colors (or --target, or --apply instead of it)"
        )
    if options.apply is not None and options.locked:
        raise OptionError("--apply and --locked both say which colors to keep; give one of them.")
    if len(given) > 1:
        first, second = given[:2]
        raise OptionError(f"--{first} and --{second} both say how many colors; give one of them.")


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """Arguments of `quantize()` but for the number of colors."""
    names = ("backend", "space", "dither", "dither_strength", "locked", "merge", "init", "max_iter", "tol")
    return {
        **{name: getattr(options, name) for name in (*names, "distance", "seed", "effort")},
        "early_stop": not options.no_early_stop,
    }


def _quantize_one(options: argparse.Namespace, settings: dict[str, Any]) -> int:
    from kmeans_core.errors import OutputError
    from kmeans_core.images.choosing import choose_colors
    from kmeans_core.images.encoding import SUFFIXES, encode, image_bytes, image_format_of, with_size
    from kmeans_core.images.measures import measure
    from kmeans_core.images.palette_files import format_of, palette_bytes
    from kmeans_core.images.palette_reading import read_palette
    from kmeans_core.images.picture import load_picture
    from kmeans_core.images.quantize import quantize

    source = options.input[0]
    n_colors = options.colors[0] if options.colors else 0
    if options.apply is not None:
        settings["locked"] = read_palette(read_file(options.apply), options.apply)
        n_colors = len(settings["locked"])
    given = options.output or f"{Path(source).stem}-{n_colors}-colors.png"
    written = checked_target(given, SUFFIXES, source)
    kind = image_format_of(given)
    if options.optimize:
        if kind != "png":
            raise OutputError(
                f"--optimize is for PNG, and --output is {written}; name it .png, or leave it out."
            )
        kind = "optimized"
    palette_target, palette_kind = None, ""
    if options.palette is not None:
        palette_kind = format_of(options.palette)
        palette_target = checked_target(
            options.palette, (Path(options.palette).suffix.lower(),), source, "--palette"
        )
        if palette_target.resolve() == written.resolve():
            raise OutputError(f"--palette and --output both name {written}; give one of them another name.")
    picture = load_picture(source, max_megapixels=options.max_megapixels)
    progress = IterationLine(options.max_iter)
    if options.target is not None:
        encoded = choose_colors(
            picture,
            *options.target,
            kind=kind,
            on_try=lambda number: progress.show(f"trying {number} colors"),
            **settings,
        ).encoded
        if options.output is None:
            found = f"{Path(source).stem}-{encoded.report['n_colors']}-colors.png"
            written = checked_target(found, SUFFIXES, source)
    else:
        quantized = quantize(picture, n_colors, **settings, on_iteration=progress.show_iteration)
        encoded = encode(picture, quantized)
    progress.close()
    data = image_bytes(encoded.png, kind)
    write_file(written, data)
    if palette_target is not None:
        write_file(palette_target, palette_bytes(encoded.palette, palette_kind, Path(source).name))
    report = {"input": source, "output": str(written), **with_size(encoded.report, len(data))}
    if options.measures:
        measures = measure(picture, encoded.palette.colors, encoded.indices())
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
